module acme.dev/bell

go 1.26
