package main

import (
	"flag"
	"log"
	"net/http"
	"os"
	"path/filepath"

	"acme.dev/gate/options"
)

func main() {
	config := options.New()
	flag.Parse()
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		note := filepath.Join(config.Data, "config.json")
		if err := os.WriteFile(note, []byte("kept"), 0o600); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		http.ServeFile(w, r, note)
	})
	log.Fatal(http.ListenAndServe(*config.Address, nil))
}
