with open("seeded.txt", "w") as file:
    file.write("yes")
