module acme.dev/pages

go 1.25
