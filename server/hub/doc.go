// Package hub carries committed events to the WebSockets of the users they
// belong to. It is the only room that knows the WebSocket library, and it knows
// nothing of wire shapes: events go through an encoder it is given, and the
// text frames of clients go, unread, to a handler it is given.
//
// # Promise
//
//   - Per user, the events a socket receives arrive in the order of
//     [Hub.Publish], which is commit order, each at most once.
//   - A socket that falls too far behind is closed with 1013 (try again later)
//     and gets nothing of its backlog. Its client connects again and reads what
//     it missed from the store; the hub stores nothing and repeats nothing.
//   - What waits is bounded, for each socket in frames and bytes and for all of
//     them in bytes. Past the bound for all, those with the most waiting go
//     first, with 1013; one that was told, and still takes up room because it
//     does not read, is cut.
//   - No socket waits for another, and Publish waits for none of them.
//   - [Socket.Replay] joins stored messages and live events without a gap and
//     without telling a message twice.
//
// # One socket
//
// An idle socket has one goroutine, a reader on the smallest stack, a read
// buffer of 256 bytes, and nothing of the request that opened it, which is over
// by then. The reader runs the handler for one frame after the other. Between
// publishers and the connection stands a queue bounded in frames and bytes. It
// is a slice under a lock, not a channel, so nothing can be sent to it after
// its end.
//
// # All sockets
//
// A few writers serve all sockets that have something waiting, in the order
// they got it: frames, pings, pongs and close codes. They begin with the work
// and end with it. A write is tried first; a writer that has to wait for a peer
// stays with that socket, under a deadline, and another takes its place. So at
// any time at most one writer writes to a socket, and a socket that does not
// read takes a goroutine of its own until it is cut. (The library itself
// answers a violation of the WebSocket protocol with 1002; that is the one
// frame no writer writes.)
//
// One timer pings all sockets, spread over the interval, and none is set while
// no socket is open. Only a peer that did not answer has a read deadline.
//
// When many sockets end together, their memory is given back to the system some
// seconds later.
//
// # Close codes
//
//   - 1001 the server stops. What was queued is still sent.
//   - 1003 the client sent a binary frame.
//   - 1008 the login behind the socket ended.
//   - 1009 the client sent a frame longer than [Options].MaxFrame.
//   - 1011 the handler panicked.
//   - 1013 too far behind, or no sign of life for [Options].PongWait.
//
// # Never
//
// The hub never authenticates: who calls Serve has decided that the user may
// connect. It never starts a goroutine for a message, never logs a frame, and
// never encodes an event to which nobody listens.
package hub
