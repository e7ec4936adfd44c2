// Package anthropic is the brain that asks a language model through Anthropic's
// Messages API, POST /v1/messages, streamed as server-sent events. The company calls
// its route for Chat Completions a means to try things out, so this is the way to
// its models.
//
// Everything package wire promises holds here. In addition:
//
//   - The protocol demands an output limit; without one it is [DefaultMaxOutputTokens].
//   - The conversation it accepts begins with the user and then alternates. What
//     follows from one side becomes one message of several blocks; results come
//     before words; a conversation that a tmate began gets a first word for the user.
//   - There is no system message inside a conversation: events are told on the
//     user's side.
//   - Temperature goes to 1 there, and more is sent as 1. Models that want no
//     temperature, or no effort, are asked again without, once.
//   - Prompt tokens include those read from and written to the provider's cache.
//   - A conversation is never answered with a request for reasoning blocks: they
//     would have to be sent back with every result, and nobody keeps them.
package anthropic
