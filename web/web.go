// Package web holds the files a browser is served. It only embeds them.
package web

import (
	"embed"
	"io/fs"
)

// files are the built app, whose sources are in the folder app, and the
// reference of the API.
//
//go:embed all:dist docs/page.html docs/docs.js docs/docs.css docs/*.gz docs/LICENSE.txt
var files embed.FS

// App returns the built app.
func App() fs.FS { return folder("dist") }

// Docs returns the reference of the API.
func Docs() fs.FS { return folder("docs") }

func folder(name string) fs.FS {
	sub, err := fs.Sub(files, name)
	if err != nil {
		panic("web: " + err.Error()) // the name is a valid path
	}
	return sub
}
