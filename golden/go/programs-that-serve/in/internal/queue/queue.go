// Package queue works until it is told to stop.
package queue

import (
	"os"
	"os/signal"
	"syscall"
)

func Work() {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	<-stop
}
