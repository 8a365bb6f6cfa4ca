module acme.dev/tiny

go 1.26
