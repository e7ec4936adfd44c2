// Package clienttest drives the program with the software that people use with
// it: supabase-js, the library behind every login, at the version the official
// client locks, and the official client's own calls, header by header.
//
// It holds tests only. They are written for Node and live in the folder tests;
// each file gets a server of its own, booted in this process, so that files
// share neither accounts nor limits. They see the server as its clients do, over
// HTTP, and ask its operator's commands for accounts and login codes. Nothing in
// them knows how the server is built. Sockets are tested in Go, because Node has
// none before version 22.
package clienttest
