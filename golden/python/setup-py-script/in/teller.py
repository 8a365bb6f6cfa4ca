def main():
    print("told")
