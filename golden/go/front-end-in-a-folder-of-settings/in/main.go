package main

import (
	"bufio"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

func setting(name string) string {
	dir, _ := os.Getwd()
	file, err := os.Open(filepath.Join(dir, "/conf/ledger.ini"))
	if err != nil {
		log.Fatal(err)
	}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if key, value, ok := strings.Cut(lines.Text(), " = "); ok && key == name {
			return value
		}
	}
	return ""
}

func main() {
	http.Handle("/", http.FileServer(http.Dir(setting("static_root_path"))))
	log.Fatal(http.ListenAndServe(":8080", nil))
}
