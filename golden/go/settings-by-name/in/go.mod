module acme.dev/bank

go 1.25

require github.com/spf13/viper v1.20.1
