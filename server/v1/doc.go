// Package v1 is the wire contract of the upstream API: paths, shapes and status
// codes over the use-cases of server/team, and the frames of its WebSocket.
//
// # What it does
//
// A handler decodes, calls one use-case and encodes. Every request takes the
// same way: syntactically broken JSON (422), authentication (401), validation
// of parameters and fields (422), then the use-case. One table holds all
// routes ([Routes]); [Mount] serves it under each of [Prefixes]. [WriteError]
// is the one place where a failure becomes a status.
//
// # What it promises
//
// A property the contract calls required is always present; what is unknown is
// null. Times end in Z in REST answers and in +00:00 in frames. Somebody else's
// thread, job, post or file answers byte for byte like one that does not exist.
// Everything a stranger can make large is bounded: bodies, nesting, faults in
// an answer, frames, and requests that are held.
//
// # What it never does
//
// It decides nothing about threads, jobs or permissions, knows no SQL, and
// never logs a body, a token or a message.
package v1
