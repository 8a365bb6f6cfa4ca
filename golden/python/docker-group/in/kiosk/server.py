from flask import Flask


class Kiosk(Flask):
    def __init__(self):
        super().__init__(__name__)


def make():
    return Kiosk()
