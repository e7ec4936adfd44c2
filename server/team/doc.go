// Package team is what people and tmates may do: hire and dismiss, talk, stop,
// read the Pinboard, share an organisation and its plan, and the one turn a
// tmate takes to answer.
//
// A use-case checks the caller, does its work in one store.Write, and emits the
// events that show it; they leave after the commit. The caller's user id is
// always an argument, and every row is read with it, so that somebody else's
// thread, job or file answers exactly like one that does not exist.
//
// No model and no tool runs while a transaction is open. The package knows no
// HTTP and no SQL text.
package team
