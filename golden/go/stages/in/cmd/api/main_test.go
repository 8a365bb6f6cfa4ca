package main

import (
	"os"
	"testing"
)

func TestTheSourceIsThere(t *testing.T) {
	if _, err := os.Stat("main.go"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("beside.txt", nil, 0o600); err != nil {
		t.Fatal(err)
	}
}
