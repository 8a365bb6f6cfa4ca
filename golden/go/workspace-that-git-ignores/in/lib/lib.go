// Package lib greets.
package lib

import "golang.org/x/text/language"

func Greeting() string {
	return "hello in " + name[language.English]
}

var name = map[language.Tag]string{language.English: "english"}
