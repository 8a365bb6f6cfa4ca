//go:build !assets

package ui

import (
	"io/fs"
	"os"
)

// Files are those of the development server's folder.
func Files() fs.FS {
	return os.DirFS("ui/public")
}
