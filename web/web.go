// Package web holds the files a browser is served. It only embeds them.
package web

import "embed"

// FS holds the pages at its root.
//
//go:embed index.html
var FS embed.FS
