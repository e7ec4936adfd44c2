// Package reading reads what a file says: plain texts in their encodings, HTML,
// Word documents and PDF.
//
// The files come from strangers. Everything is bounded: the file, what is unpacked
// of it, and the text that is returned. Word documents and HTML are read as
// streams of tokens, so that nesting costs nothing, and no entity of a document is
// ever expanded. No format opens another file or a connection.
//
// PDF is read by a library that trusts the numbers in a file, which no recover can
// mend. It therefore runs in a process of its own ([ServePDF]), with little memory
// and little time: a hostile file ends that process and nothing else.
package reading
