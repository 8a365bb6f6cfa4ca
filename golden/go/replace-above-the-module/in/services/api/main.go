package main

import (
	"fmt"
	"net/http"

	"acme.dev/lib"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, lib.Greeting()) })
	server := &http.Server{Addr: ":9000"}
	server.ListenAndServe()
}
