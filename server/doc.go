// Package server puts the wire contracts behind one listener: it owns the echo
// instance, what every request goes through (a bound on its size, recovery, one
// log line, the client's address), and the translation of an error by the
// contract its path belongs to.
//
// A request that arrives before the server is ready is held, not refused: a
// client that is turned away at that moment would forget its login.
package server
