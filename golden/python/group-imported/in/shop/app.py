from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route


def hello(request):
    return PlainTextResponse("hello")


def later():
    from celery import Celery

    return Celery("shop")


app = Starlette(routes=[Route("/", hello)])
