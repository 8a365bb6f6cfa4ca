from bottle import Bottle

app = Bottle()


@app.get("/")
def ring():
    return "ding"
