package acme

fun main() = println("one")
