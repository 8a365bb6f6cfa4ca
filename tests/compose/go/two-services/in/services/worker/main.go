// The worker takes messages from Redis and stores them in PostgreSQL.
package main

import (
	"database/sql"
	"fmt"
	"log"
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
	if _, err := db.Exec("CREATE TABLE IF NOT EXISTS mail (path text)"); err != nil {
		log.Fatal(err)
	}
	conn, err := redis.Dial("tcp", queue.Address())
	if err != nil {
		log.Fatal(err)
	}
	for {
		reply, err := redis.Strings(conn.Do("BRPOP", "mail", 0))
		if err != nil {
			log.Fatal(err)
		}
		if _, err := db.Exec("INSERT INTO mail VALUES ($1)", reply[1]); err != nil {
			log.Fatal(err)
		}
	}
}
