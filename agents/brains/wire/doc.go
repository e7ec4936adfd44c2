// Package wire is what the brains that ask a model over HTTP have in common: the
// connection, the silence that is allowed, the reading of lines and events, the
// meaning of failures, and the words that go into a prompt. A dialect adds how a
// request is spelt and what one piece of an answer means.
//
// # Promises, of every brain built on it
//
//   - One Think is one request, and one more for each optional field that the
//     server refuses by name before it has said anything ([Exchange.Ask]). There
//     is no other retry here: the queue owns retries.
//   - Text is yielded as it arrives. Tool calls are yielded finished, all in one
//     part, and the last part is always the usage. The connection is released
//     before the calls are handed over, and before the sequence ends in any
//     other way (error, early stop, end of the context).
//   - A stream that does not say how the answer ended is a failed attempt,
//     whatever it said.
//   - When the context ends the error wraps its cause. Every other failure is an
//     [agents.ProviderError] whose text never holds the key.
//   - A model's reasoning is never text, be it in a field of its own or written
//     between tags ([Thoughts]).
//   - Nothing connects while nobody thinks; idle connections close after 30 s.
//
// # Arguments of calls
//
// [agents.Call.Args] is always a JSON object. No arguments at all become {}.
// Text that is not a JSON object, as models send when they run out of tokens,
// becomes {"_invalid": "<the text>"}: a schema with required or closed properties
// refuses it, and the loop can tell the model what it sent. A call without an id
// gets one that continues the turn's history.
//
// # Silence
//
// The server may be silent for FirstTimeout until its first data, and for
// IdleTimeout between data after that. Every byte breaks the silence, keep-alive
// comments, pings and reasoning included, but signs of life alone hold an answer
// open for at most 15 minutes. The time a consumer takes does not count. How long
// a whole answer may take is the caller's business, through the context.
//
// # Bounds
//
// A line has at most 1 MiB, a stream 64 MiB, a refusal is read for 64 KiB and a list
// of models for 4 MiB and 15 s.
//
// # What it never does
//
// It never logs, never keeps a conversation, and never follows a redirect to
// another origin.
package wire
