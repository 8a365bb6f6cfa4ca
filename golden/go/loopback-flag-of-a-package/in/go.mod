module acme.dev/gate

go 1.25
