import sqlite3

import bottle

DATABASE = "notes.db"
app = bottle.Bottle()


@app.get("/")
def index():
    with sqlite3.connect(DATABASE) as connection:
        connection.execute("create table if not exists notes (text)")
        connection.execute("insert into notes values ('written')")
        return connection.execute("select text from notes").fetchone()[0]
