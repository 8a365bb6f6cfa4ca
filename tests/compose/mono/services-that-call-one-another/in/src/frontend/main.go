package main

import (
	"log"
	"net/http"
	"os"
)

const ORDERS_ADDR = "unused by getenv"

func main() {
	for _, name := range []string{"CURRENCY_SERVICE_ADDR", "ORDERS_BASE_URL"} {
		log.Println(name, os.Getenv(name))
	}
	log.Println(os.Getenv("CURRENCY_SERVICE_ADDR"), os.Getenv("ORDERS_BASE_URL"))
	log.Fatal(http.ListenAndServe(":8080", nil))
}
