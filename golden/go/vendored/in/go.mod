module acme.dev/cli

go 1.26

require acme.dev/lib v1.0.0
