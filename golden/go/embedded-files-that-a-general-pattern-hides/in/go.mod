module acme.dev/ui

go 1.26
