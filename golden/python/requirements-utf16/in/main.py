import cowsay

if __name__ == "__main__":
    cowsay.cow("read")
