from redis import Redis
from rq import Queue

emails = Queue("emails", connection=Redis())


def send(address):
    print(address)
