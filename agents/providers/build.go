package providers

import (
	"cmp"
	"context"
	"fmt"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/brains/anthropic"
	"github.com/tmates/tmates/agents/brains/ollama"
	"github.com/tmates/tmates/agents/brains/openai"
	"github.com/tmates/tmates/agents/brains/replay"
	"github.com/tmates/tmates/agents/brains/wire"
)

// brain is what every dialect's is.
type brain interface {
	agents.Brain
	// Models lists what the service offers, sorted.
	Models(ctx context.Context) ([]string, error)
	CloseIdle()
}

// unnamed stands for the model of a provider that is only asked what it has.
const unnamed = "unnamed"

// build makes the brain of a completed definition. It connects to nothing. A
// guarded one keeps away from forbidden addresses.
func build(d Definition, guard bool) (brain, error) {
	o := wire.Options{
		BaseURL: d.BaseURL, APIKey: d.APIKey, KeyName: d.KeyName, Model: cmp.Or(d.asked(), unnamed), MaxOutputTokens: d.MaxOutputTokens,
		Temperature: d.Temperature, Effort: d.Effort, Window: d.ContextWindow,
	}
	if guard {
		o.HTTPClient = guarded()
	}
	switch d.Type {
	case OpenAI:
		return brainOf(openai.New(o))
	case Azure:
		return brainOf(openai.NewAzure(o, d.APIVersion))
	case Ollama:
		return brainOf(ollama.New(o))
	case Anthropic:
		return brainOf(anthropic.New(o))
	case Replay:
		return brainOf(replay.New(replay.Options{Path: d.Replay}))
	}
	return nil, fmt.Errorf("unknown type %q", d.Type)
}

// brainOf keeps a nil pointer from looking like a brain.
func brainOf[B brain](b B, err error) (brain, error) {
	if err != nil {
		return nil, err
	}
	return b, nil
}
