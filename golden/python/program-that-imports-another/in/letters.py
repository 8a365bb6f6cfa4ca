def count(text):
    return len(text)


if __name__ == "__main__":
    print(count("itself"))
