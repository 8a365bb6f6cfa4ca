package main

import (
	"log"
	"net/http"
	"os"
)

func main() {
	dir, err := os.Getwd()
	if err != nil {
		log.Fatal(err)
	}
	settings, err := os.ReadFile(dir + "/config.yml")
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("%s", settings)
	log.Fatal(http.ListenAndServe(":8082", nil))
}
