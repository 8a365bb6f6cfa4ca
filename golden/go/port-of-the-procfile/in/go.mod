module acme.dev/quotes

go 1.25
