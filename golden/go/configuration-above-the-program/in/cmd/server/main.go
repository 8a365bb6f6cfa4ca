package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

var conf string

func init() {
	flag.StringVar(&conf, "conf", "../../configs", "folder of the configuration")
}

func main() {
	flag.Parse()
	text, err := os.ReadFile(filepath.Join(conf, "config.yaml"))
	if err != nil {
		panic(err)
	}
	_, rest, _ := strings.Cut(string(text), "addr: ")
	addr, _, _ := strings.Cut(rest, "\n")
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "hello") })
	http.ListenAndServe(addr, nil)
}
