def run():
    print("ran")
