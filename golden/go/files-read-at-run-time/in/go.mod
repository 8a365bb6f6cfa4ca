module acme.dev/site

go 1.26
