from importlib.metadata import version


def main():
    print(version("stamped"))
