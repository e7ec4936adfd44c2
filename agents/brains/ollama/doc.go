// Package ollama is the brain that asks a language model through Ollama's own
// protocol, POST /api/chat, streamed as one JSON object per line.
//
// Ollama also speaks Chat Completions, but there it reads no more of a
// conversation than its num_ctx allows (4096 tokens unless somebody raised it),
// cuts the rest without a word, and has no field to change that. This protocol
// has one, and it is sent with every request: Window, or [DefaultWindow].
//
// Everything package wire promises holds here. In addition:
//
//   - Ollama holds its first byte back while it loads a model, so FirstTimeout is
//     [DefaultFirstTimeout] here. A model that is still loading, or a service that is
//     not there, is worth another attempt; a model nobody has pulled is not, and
//     the sentence says what to type.
//   - Effort becomes "think": its level for gpt-oss, which knows levels; for others
//     off when it is low and on above. A model that cannot think is asked again
//     without, once.
//   - Events are told in the words of the user's side: many templates know one
//     system message and drop the rest.
package ollama
