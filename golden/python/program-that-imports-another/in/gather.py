from letters import count


def main():
    print(f"{count('abc')} letters")


if __name__ == "__main__":
    main()
