from lib.core import run

if __name__ == "__main__":
    run()
