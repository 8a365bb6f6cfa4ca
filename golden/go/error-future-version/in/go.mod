module acme.dev/future

go 1.99
