package main

import (
	"fmt"
	"log"
	"net/http"

	"example.com/lib"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, lib.Greeting())
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}
