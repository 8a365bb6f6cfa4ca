package lib

func Greeting() string { return "hello from lib" }

