package main

import "git.acme.example/team/auth"

func main() { auth.Serve() }
