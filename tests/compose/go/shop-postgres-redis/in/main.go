// A page that counts its visits in PostgreSQL and the recent ones in Redis.
package main

import (
	"database/sql"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/gomodule/redigo/redis"
	_ "github.com/lib/pq"
)

func main() {
	db, err := sql.Open("postgres", os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := db.Exec("CREATE TABLE IF NOT EXISTS visits (at timestamptz DEFAULT now())"); err != nil {
		log.Fatal(err)
	}
	cache, err := redis.DialURL(os.Getenv("REDIS_URL"))
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "fine") })
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		var visits int
		_, err := db.Exec("INSERT INTO visits DEFAULT VALUES")
		if err == nil {
			err = db.QueryRow("SELECT count(*) FROM visits").Scan(&visits)
		}
		recent, other := redis.Int(cache.Do("INCR", "recent"))
		if err != nil || other != nil {
			http.Error(w, fmt.Sprint(err, other), 500)
			return
		}
		fmt.Fprintf(w, "%s: visits %d, recent %d\n", os.Getenv("SHOP_NAME"), visits, recent)
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}
