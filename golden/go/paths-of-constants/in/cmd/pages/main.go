package main

import (
	"html/template"
	"net/http"
	"path/filepath"
)

const (
	assets    = "assets"
	staticDir = "./assets/static"
)

func main() {
	pages := template.Must(template.ParseGlob(filepath.Join(assets, "html", "*.html")))
	http.Handle("/static/", http.StripPrefix("/static/", http.FileServer(http.Dir(staticDir))))
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { pages.ExecuteTemplate(w, "index.html", nil) })
	http.ListenAndServe(":8080", nil)
}
