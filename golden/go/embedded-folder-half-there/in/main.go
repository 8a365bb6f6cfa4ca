package main

import (
	"database/sql"
	"embed"
	"net/http"

	_ "modernc.org/sqlite"
)

var (
	//go:embed ui
	ui embed.FS

	SMTPListen = "[::]:1025"
	HTTPListen = "[::]:8025"
)

func main() {
	if _, err := sql.Open("sqlite", "./../mail.db"); err != nil {
		panic(err)
	}
	http.ListenAndServe(HTTPListen, http.FileServerFS(ui))
}
