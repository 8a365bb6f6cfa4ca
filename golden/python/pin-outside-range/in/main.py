from datetime import datetime

if __name__ == "__main__":
    print(datetime.now())
