// Package ui serves the web app: the page at /, the files beside it, and the
// assets, whose names carry a hash of their content. Every address in the app
// is relative and its places are fragments, so it works below a path that a
// proxy strips, and nothing but these addresses answers. The policy of the
// page lets it load from this server only, and run no code but its files.
package ui
