module acme.dev/board

go 1.26
