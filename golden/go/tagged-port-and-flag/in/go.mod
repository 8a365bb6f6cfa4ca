module example.com/browse

go 1.26
