module acme.dev/lib

go 1.25
