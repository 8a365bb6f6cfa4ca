from settings import NAME

from forum.app import create_app

forum = create_app(NAME)
