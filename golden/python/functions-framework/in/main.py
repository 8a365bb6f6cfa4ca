import functions_framework


def greeting(name):
    return f"Hello, {name}!"


@functions_framework.http
def hello(request):
    return greeting(request.args.get("name", "world"))
