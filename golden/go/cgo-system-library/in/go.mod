module acme.dev/seal

go 1.26
