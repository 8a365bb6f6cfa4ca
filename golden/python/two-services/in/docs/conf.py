project = "two"
