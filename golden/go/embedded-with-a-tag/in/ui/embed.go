//go:build assets

package ui

import (
	"embed"
	"io/fs"
)

//go:embed dist/*
var files embed.FS

func Files() fs.FS {
	dist, err := fs.Sub(files, "dist")
	if err != nil {
		panic(err)
	}
	return dist
}
