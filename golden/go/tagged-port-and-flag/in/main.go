package main

import (
	"fmt"
	"net/http"
	"os/exec"
)

type options struct {
	Host     string `long:"host" description:"Server of the database" default:"localhost"`
	Port     int    `long:"port" description:"Port of the database" default:"5432"`
	HTTPHost string `long:"bind" description:"Host to listen on" default:"localhost"`
	HTTPPort uint   `long:"listen" description:"Port to listen on" default:"8081"`
}

func parse(o *options) { o.HTTPHost, o.HTTPPort = "localhost", 8081 }

func main() {
	var o options
	parse(&o)
	_ = exec.Command("open", "x").Run()
	http.ListenAndServe(fmt.Sprintf("%s:%d", o.HTTPHost, o.HTTPPort), nil)
}
