module acme.dev/shop

go 1.25

require (
	github.com/gomodule/redigo v1.9.2
	github.com/lib/pq v1.10.9
)
