import os
from pathlib import Path

UPLOAD_FOLDER = Path(__file__).parent.parent / "uploads"
cache_name = "cache.db"
CACHE_URL = f"sqlite:///{cache_name}"


class Config:
    BASE_DIR = os.path.abspath(os.path.dirname(__file__))
    DATABASE_URI = os.environ.get("DATABASE_URL") or "sqlite:///" + os.path.join(BASE_DIR, "shop.db")
    TESTING_URI = "sqlite:///" + os.path.join(BASE_DIR, "test.db")
