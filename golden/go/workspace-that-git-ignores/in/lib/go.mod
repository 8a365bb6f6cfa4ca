module example.com/lib

go 1.25

require golang.org/x/text v0.30.0
