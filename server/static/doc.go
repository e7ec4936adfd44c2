// Package static serves files of the program to browsers. Large ones are stored
// compressed only: a client that reads neither form gets the text unpacked on
// the way. Each answer carries a strong tag, so that a browser that asks again
// is told that nothing changed.
package static
