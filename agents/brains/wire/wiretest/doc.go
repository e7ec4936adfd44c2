// Package wiretest is what every brain built on package wire has to pass: it plays
// streams, refusals and broken connections to it over real HTTP and holds the
// outcome against the promises of package wire. A dialect brings a [Subject], the
// streams in its testdata folder, and tests of its own for what only it knows.
package wiretest
