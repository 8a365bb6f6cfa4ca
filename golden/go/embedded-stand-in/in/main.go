package main

import (
	"embed"
	"net/http"
)

//go:embed web/dist
var site embed.FS

//go:embed manual/*.html
var manual embed.FS

func main() {
	http.Handle("/", http.FileServerFS(site))
	http.Handle("/manual/", http.FileServerFS(manual))
	http.ListenAndServe(":8080", nil)
}
