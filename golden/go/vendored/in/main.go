package main

import (
	"fmt"

	"acme.dev/lib"
)

func main() { fmt.Println(lib.Greeting()) }
