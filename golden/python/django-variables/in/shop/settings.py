import os
from pathlib import Path

import dj_database_url

BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = os.environ["SECRET_KEY"]
DEBUG = bool(int(os.environ.get("DEBUG", "0")))
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS").split(",")
EMAIL_TIMEOUT = int(os.environ.get("EMAIL_TIMEOUT"))
EMAIL_HOST = os.environ.get("EMAIL_HOST")
DATABASES = {"default": dj_database_url.parse(os.environ.get("DATABASE"))}
INSTALLED_APPS = ["django.contrib.staticfiles"]
ROOT_URLCONF = "shop.urls"
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
MEDIA_ROOT = BASE_DIR / "media"
