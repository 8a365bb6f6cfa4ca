module acme.dev/api

go 1.26

require acme.dev/lib v0.0.0

replace acme.dev/lib => ../../lib
