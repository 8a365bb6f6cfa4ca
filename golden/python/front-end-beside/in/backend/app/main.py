from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

DIST = Path(__file__).resolve().parent.parent.parent / "frontend" / "dist"
app = FastAPI()


@app.get("/api/health")
def health():
    return {"ok": True}


app.mount("/", StaticFiles(directory=DIST, html=True))
