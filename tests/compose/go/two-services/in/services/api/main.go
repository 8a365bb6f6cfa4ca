// The api takes messages, and tells how many the worker has stored.
package main

import (
	"database/sql"
	"fmt"
	"log"
	"net/http"
	"os"

	"acme.dev/mail/internal/queue"
	"github.com/gomodule/redigo/redis"
	_ "github.com/lib/pq"
)

func main() {
	db, err := sql.Open("postgres", fmt.Sprintf("host=%s port=%s user=%s password=%s dbname=%s sslmode=disable",
		os.Getenv("DB_HOST"), os.Getenv("DB_PORT"), os.Getenv("DB_USER"), os.Getenv("DB_PASSWORD"), os.Getenv("DB_NAME")))
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		conn, err := redis.Dial("tcp", queue.Address())
		if err != nil {
			http.Error(w, err.Error(), 500)
			return
		}
		defer conn.Close()
		conn.Do("LPUSH", "mail", r.URL.Path)
		var stored int
		db.QueryRow("SELECT count(*) FROM mail").Scan(&stored)
		fmt.Fprintf(w, "stored %t\n", stored > 0)
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}
