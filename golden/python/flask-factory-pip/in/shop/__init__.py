"""app = Flask("not this one")"""
from flask import Flask


def create_app(config=None):
    app = Flask(__name__)  # application = Flask(__name__)

    @app.get("/")
    def index():
        return "hello from the shop"

    return app
