print("torn")
