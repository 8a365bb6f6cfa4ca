package main

import (
	"net/http"
	_ "net/http/pprof"

	"example.com/base/config"
	"golang.org/x/net/http2"
	_ "modernc.org/sqlite"
)

func main() {
	go http.ListenAndServe("127.0.0.1:6060", nil)
	var server config.Server
	_, _ = server, http2.TrailerPrefix
}
