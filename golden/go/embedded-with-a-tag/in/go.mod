module acme.dev/desk

go 1.26
