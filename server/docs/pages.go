package docs

import (
	"io/fs"

	"github.com/labstack/echo/v4"

	"github.com/tmates/tmates/server/static"
)

// policy lets a page load what this server has, and nothing else. The renderer
// brings its pictures inside its style sheet.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// assets are the files behind the pages: where they are served, what they are
// called in the folder, and what they are.
var assets = []struct{ path, file, kind string }{
	{"/docs", "page.html", "text/html; charset=utf-8"},
	{"/redoc", "page.html", "text/html; charset=utf-8"},
	{"/docs/docs.js", "docs.js", "text/javascript; charset=utf-8"},
	{"/docs/docs.css", "docs.css", "text/css; charset=utf-8"},
	{"/docs/swagger-ui-bundle.js", "swagger-ui-bundle.js", "text/javascript; charset=utf-8"},
	{"/docs/swagger-ui.css", "swagger-ui.css", "text/css; charset=utf-8"},
	{"/docs/LICENSE.txt", "LICENSE.txt", "text/plain; charset=utf-8"},
}

// Paths returns where Mount serves something.
func Paths() []string {
	paths := make([]string, len(assets))
	for i, a := range assets {
		paths[i] = a.path
	}
	return paths
}

// Mount serves the pages on e out of a folder.
func Mount(e *echo.Echo, folder fs.FS) {
	for _, a := range assets {
		e.GET(a.path, static.File{Folder: folder, Name: a.file, Type: a.kind, Policy: policy}.Handler())
	}
}
