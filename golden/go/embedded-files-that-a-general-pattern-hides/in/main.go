package main

import (
	"embed"
	"net/http"
)

//go:embed dist/* .env.defaults
var files embed.FS

func main() { http.ListenAndServe(":8000", http.FileServerFS(files)) }
