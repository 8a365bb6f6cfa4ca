package main

import "net/http"

func main() {
	handler := func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("front")) }
	http.ListenAndServe(":8080", http.HandlerFunc(handler))
}
