import os


def secret():
    try:
        with open(".secret_key", "rb") as file:
            return file.read()
    except OSError:
        key = os.urandom(64)
        with open(".secret_key", "wb") as file:
            file.write(key)
        return key


class Config:
    SECRET_KEY = secret()
    CACHE_DIR: str = os.path.join(
        os.path.dirname(__file__), os.pardir, ".data", "cache"
    )
    UPLOAD_FOLDER: str = os.getenv("UPLOADS") or os.path.join(
        os.path.dirname(os.path.abspath(__file__)), "uploads"
    )
    TEMPLATE_DIR = os.path.join(os.path.dirname(__file__), "pages")


os.makedirs(Config.CACHE_DIR, exist_ok=True)
