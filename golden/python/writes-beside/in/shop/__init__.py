from pathlib import Path

from flask import Flask


def create_app(config):
    app = Flask(__name__)
    app.config.from_object(config)

    @app.get("/")
    def hello():
        Path(app.root_path, "logs", "asked.log").write_text("once more")
        return "hello"

    return app
