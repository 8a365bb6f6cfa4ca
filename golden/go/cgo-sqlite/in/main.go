package main

import (
	"database/sql"
	"fmt"
	"net/http"

	_ "github.com/mattn/go-sqlite3"
)

func main() {
	db, err := sql.Open("sqlite3", "./visits.db")
	if err != nil {
		panic(err)
	}
	if _, err := db.Exec("create table if not exists visits (at text)"); err != nil {
		panic(err)
	}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		var count int
		db.Exec("insert into visits values (datetime())")
		db.QueryRow("select count(*) from visits").Scan(&count)
		fmt.Fprintf(w, "visits: %d\n", count)
	})
	http.ListenAndServe(":8080", nil)
}
