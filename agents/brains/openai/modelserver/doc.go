// Package modelserver is a small model server for tests of the whole product.
// It speaks the Chat Completions protocol over real HTTP: POST
// /v1/chat/completions, always streamed, and GET /v1/models.
//
// A test queues replies with [Server.Reply]; requests take them in the order
// they arrive. When the queue is empty the server says "You said: " and the last
// message of the user, or what [Server.Otherwise] decides. Bodies leave in
// pieces of a few bytes, flushed one by one, so that lines, words and code
// points are cut at odd places.
//
// Like the real services it refuses with status 400 what breaks the protocol:
// a message without content, a tool result nobody asked for, a call nobody
// answered. It never calls testing.TB from its own goroutines, and it knows no
// other package of the project.
package modelserver
