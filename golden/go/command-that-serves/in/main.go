package main

import "acme.dev/notes/cmd"

func main() {
	cmd.Execute()
}
