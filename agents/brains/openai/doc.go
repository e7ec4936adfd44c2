// Package openai is the brain that asks a language model over the Chat
// Completions protocol, streamed: OpenAI itself and every server that speaks
// the same dialect (Ollama, llama.cpp, vLLM, OpenRouter and others).
//
// # Promises
//
//   - One call of [Brain.Think] is one request, or two when the server refuses
//     the wish for token counts before it has said anything. There is no other
//     retry here: the queue owns retries.
//   - Text is yielded as it arrives. Tool calls are yielded finished, all in one
//     part, and the last part is always the usage. The connection is released
//     before the calls are handed over, and before the sequence ends in any
//     other way (error, early stop, end of the context).
//   - A stream without a finish_reason is a failed attempt, whatever it said.
//   - When the context ends the error wraps its cause. Every other failure is an
//     [agents.ProviderError] whose text never holds the key.
//   - Nothing connects while nobody thinks; idle connections close after 30 s.
//
// # Arguments of calls
//
// [agents.Call.Args] is always a JSON object. No arguments at all become {}.
// Text that is not a JSON object, as models send when they run out of tokens,
// becomes {"_invalid": "<the text>"}: a schema with required or closed properties
// refuses it, and the loop can tell the model what it sent.
//
// # Silence
//
// The server may be silent for FirstTimeout until its first data, and for
// IdleTimeout between data after that. Every byte breaks the silence, keep-alive
// comments and reasoning included, but comments alone hold an answer open for at
// most 15 minutes. The time a consumer takes does not count. How long a
// whole answer may take is the caller's business, through the context.
//
// # What it never does
//
// It never logs, never keeps a conversation, never follows a redirect to
// another origin, and never shows a model's reasoning as text. It is the only
// package that knows the go-openai client.
package openai
