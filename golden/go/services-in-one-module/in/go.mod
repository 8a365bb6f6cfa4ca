module acme.dev/mono

go 1.26
