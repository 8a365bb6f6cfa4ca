package main

import (
	"net/http"
	"os"
)

var addresses = []string{os.Getenv("MYSQL_DSN"), os.Getenv("AMQP_URL"), os.Getenv("VALKEY_ADDR")}

func main() { http.ListenAndServe(":8080", nil) }
