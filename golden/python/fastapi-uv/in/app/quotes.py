QUOTES = ["less is more"]
