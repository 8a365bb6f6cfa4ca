module acme.dev/greeter/v2

go 1.24
