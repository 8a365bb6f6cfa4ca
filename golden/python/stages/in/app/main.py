import uvicorn
from fastapi import FastAPI

from app.quotes import QUOTES

app = FastAPI()


@app.get("/")
def quote() -> str:
    return QUOTES[0]


if __name__ == "__main__":
    uvicorn.run("app.main:app", host="127.0.0.1", port=8080, reload=True)
