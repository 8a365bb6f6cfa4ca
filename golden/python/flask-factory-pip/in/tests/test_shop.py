from flask import Flask

app = Flask("tests")
