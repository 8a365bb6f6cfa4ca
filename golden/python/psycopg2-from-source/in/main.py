import psycopg2

if __name__ == "__main__":
    print("libpq", psycopg2.__libpq_version__)
