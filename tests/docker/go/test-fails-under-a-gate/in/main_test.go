package main

import "testing"

func TestThatFails(t *testing.T) { t.Fatal("as it should") }
