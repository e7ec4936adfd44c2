package registry

import "embed"

// builtinFiles holds the tmates that come with the program.
//
//go:embed builtin
var builtinFiles embed.FS
