// Package demo makes up the history that `tmates serve --demo` shows: two weeks
// of a small bakery and its tmates, told in story.yaml. It writes them through
// the rooms of a server that does not answer yet, with a clock that runs
// through those two weeks and then is the machine's. It never reads or writes
// anything but the data folder of that server.
package demo
