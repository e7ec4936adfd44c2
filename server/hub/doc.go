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
//   - No socket waits for another, and Publish waits for none of them.
//   - [Socket.Replay] joins stored messages and live events without a gap and
//     without telling a message twice.
//
// # One socket
//
// A socket has two goroutines: the caller of [Hub.Serve], which reads and runs
// the handler for one frame after the other, and a writer, which alone writes
// frames, pings, pongs and close codes and owns the write deadlines. Between
// publishers and the writer stands a queue bounded in frames and bytes. It is
// a slice under a lock, not a channel, so nothing can be sent to it after its
// end. (The library itself answers a violation of the WebSocket protocol with
// 1002; that is the one frame the writer does not write.)
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
