package options

import "flag"

type Options struct {
	Address *string
	Data    string
}

func New() *Options {
	options := &Options{Address: flag.String("http-address", "127.0.0.1:4190", "where it listens")}
	options.Data = "/var/opt/gate"
	return options
}
