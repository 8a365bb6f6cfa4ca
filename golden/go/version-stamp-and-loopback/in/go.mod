module acme.dev/status

go 1.26
