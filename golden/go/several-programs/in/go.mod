module acme.dev/tools

go 1.26
