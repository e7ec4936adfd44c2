package ui

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/tmates/tmates/server/static"
)

// policy is the Content-Security-Policy of the app. Previews of files are
// blobs; 'self' in connect-src covers the socket of the same host.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; " +
	"font-src 'self'; manifest-src 'self'; worker-src 'self'; media-src 'self' blob:; frame-src 'self' blob:; " +
	"form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

// header keeps the page apart from others that opened it, and what it does not
// use away from it.
var header = map[string]string{
	"Permissions-Policy":           "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
}

// page is served at "/"; assets holds the files whose names carry a hash.
const (
	page   = "index.html"
	assets = "assets/"
)

// types are the media types of the files of the app, by extension. They must
// not depend on the machine, as those of the mime package do.
var types = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".json": "application/json", ".webmanifest": "application/manifest+json", ".svg": "image/svg+xml", ".png": "image/png",
	".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8",
}

// Mount serves the built app on e out of a folder. Each file has a route of its
// own: what is not there any more is the 404 of the server.
func Mount(e *echo.Echo, folder fs.FS) error {
	names, err := Files(folder)
	if err != nil {
		return err
	}
	for _, name := range names {
		kind := types[path.Ext(name)]
		if kind == "" {
			return fmt.Errorf("serve web app: nobody knows what %s is", name)
		}
		f := static.File{Folder: folder, Name: name, Type: kind, Policy: policy, Forever: strings.HasPrefix(name, assets), Header: header}
		e.Match([]string{http.MethodGet, http.MethodHead}, Path(name), f.Handler())
	}
	return nil
}

// Path returns where a file of the app is served.
func Path(name string) string {
	if name == page {
		return "/"
	}
	return "/" + name
}

// Files returns the names of the app's files, without the endings of the
// compressed forms.
func Files(folder fs.FS) (names []string, err error) {
	seen := map[string]bool{}
	err = fs.WalkDir(folder, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name = strings.TrimSuffix(strings.TrimSuffix(name, ".br"), ".gz")
		if !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
		return nil
	})
	if err == nil && !seen[page] {
		err = errors.New("there is no " + page)
	}
	if err != nil {
		return nil, fmt.Errorf("list web app: %w", err)
	}
	return names, nil
}
