// Package openai is the brain that asks a language model over the Chat
// Completions protocol, streamed: OpenAI itself, Azure OpenAI, and every server
// that speaks the same dialect (llama.cpp, vLLM, LM Studio, OpenRouter and others).
//
// Everything package wire promises holds here. In addition:
//
//   - The fields that not every server knows are stream_options, reasoning_effort,
//     temperature, and the old or the new name of the output limit. A request that is
//     refused because of one of them is sent again without, once each.
//   - A model that is known to fix its temperature is not sent one. Naming both in
//     the options of a brain is an error of [New].
//
// It is the only package that knows the go-openai client.
package openai
