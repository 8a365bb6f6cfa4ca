// Package queue says where Redis is.
package queue

import "os"

// Address is host and port.
func Address() string { return os.Getenv("REDIS_ADDR") }
