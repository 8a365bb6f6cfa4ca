package main

import "acme.dev/shop/internal/queue"

func main() {
	queue.Work()
}
