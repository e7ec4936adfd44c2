// Package web holds the files a browser is served. It only embeds them.
package web

import (
	"embed"
	"io/fs"
)

// FS holds the pages at its root, and those of [Docs].
//
//go:embed index.html docs/page.html docs/docs.js docs/docs.css docs/*.gz docs/LICENSE.txt
var FS embed.FS

// Docs returns the folder of the API's reference.
func Docs() fs.FS {
	sub, err := fs.Sub(FS, "docs")
	if err != nil {
		panic("web: " + err.Error()) // the name is a valid path
	}
	return sub
}
