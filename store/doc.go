// Package store keeps everything that is not a file: one SQLite database in
// WAL mode with one writing connection and several that can only read.
//
// [DB.Write] runs a function in the one write transaction and hands the events
// it emitted to Options.OnEmit after the commit, in commit order; a rollback
// forgets them. [DB.Read] runs a function on a consistent snapshot. Queries are
// methods of [Tx], one statement each, and every read of something that belongs
// to somebody takes the owner as an argument.
//
// With the default setting an acknowledged Write survives a power cut: the
// commit is on disk before Write returns.
//
// The package never calls a model, the network or a socket, and holds no rule
// of the product: those live in the nouns and in the use-cases.
package store
