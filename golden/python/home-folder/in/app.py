from pathlib import Path

from flask import Flask

STATE = Path.home() / ".notes"
STATE.mkdir(exist_ok=True)
app = Flask(__name__)
