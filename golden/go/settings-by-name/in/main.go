package main

import (
	"log"
	"net/http"

	"acme.dev/bank/settings"
)

func main() {
	config, err := settings.Load(".")
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe(config.Address, nil))
}
