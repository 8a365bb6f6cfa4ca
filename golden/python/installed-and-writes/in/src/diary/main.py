import os

from fastapi import FastAPI

from diary.settings import settings

os.makedirs(settings.data_dir, exist_ok=True)
app = FastAPI()


@app.get("/")
def days():
    return sorted(os.listdir(settings.data_dir))
