package main

// #cgo pkg-config: libsodium
// #include <sodium.h>
import "C"

func main() {
	if C.sodium_init() < 0 {
		panic("sodium")
	}
	println("sealed")
}
