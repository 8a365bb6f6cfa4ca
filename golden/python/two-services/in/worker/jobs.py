from celery import Celery

queue = Celery("jobs", broker="redis://redis")


@queue.task
def add(a, b):
    return a + b
