module acme.dev/frontend

go 1.26
