package main

import "net/http"

var version = "dev"

func main() {
	println(version)
	http.ListenAndServe("127.0.0.1:8090", nil)
}
