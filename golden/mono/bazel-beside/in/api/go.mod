module acme.test/api

go 1.26
