// Package app is the only place that knows every room: it builds them from a
// configuration, starts them in order, and stops them last first.
//
// [Open] builds what needs the data folder, for commands that work while no
// server runs. [Serve] is the server: it binds the port before anything slow,
// holds requests until the database is ready and orphaned jobs are taken back,
// and returns when its context ends or a part fails. Each part is fully stopped
// before the next is told: sockets get their close code, then requests drain,
// then jobs, then the write-ahead log is moved into the database.
package app
