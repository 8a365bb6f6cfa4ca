from flask import Flask

app = Flask(__name__)
SETTINGS = "config/api.ini"
