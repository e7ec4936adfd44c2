// Package docs serves the reference of the API for people: /docs, where it can
// be tried, and /redoc, where it can only be read. Everything comes out of the
// program; the pages ask no other server for anything, and their policy does
// not let them.
package docs
