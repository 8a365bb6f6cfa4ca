// go 1.2 services of acme
module acme.dev/clock // go 1.3

go 1.25.1 // minimum

toolchain go1.26.2
