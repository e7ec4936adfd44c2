package openai

import (
	"errors"
	"fmt"
	"strings"

	oai "github.com/sashabaranov/go-openai"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/brains/wire"
)

// Defaults of Options.
const (
	DefaultBaseURL      = "https://api.openai.com/v1"
	DefaultAPIVersion   = "2024-10-21" // of Azure; the latest that is generally available
	DefaultFirstTimeout = wire.DefaultFirstTimeout
	DefaultIdleTimeout  = wire.DefaultIdleTimeout
)

// Options say which model is asked, and how. The key is sent as a bearer token. A
// base URL that is a host alone gets /v1 appended; a path that is given is kept.
// Empty means DefaultBaseURL. Window is not sent: this protocol has no word for it.
type Options = wire.Options

// limitField reports whether this model at this host wants the output limit under
// its new name, and whether the model is known to reject the temperature.
//
// OpenAI's newer models know only max_completion_tokens, most other servers
// only max_tokens. The client refuses max_tokens for models of the first kind
// wherever they are served, so those get the new name too.
func limitField(a agents.Asking, host string) (completion bool, err error) {
	probe := oai.ChatCompletionRequest{Model: a.Model, Temperature: temperature(a.Temperature)}
	host, _, _ = strings.Cut(strings.ToLower(host), ":")
	completion = host == "api.openai.com" || strings.HasSuffix(host, ".api.openai.com")
	if !completion {
		probe.MaxTokens = a.MaxOutputTokens
	}
	check := oai.NewReasoningValidator()
	err = check.Validate(probe)
	if errors.Is(err, oai.ErrReasoningModelMaxTokensDeprecated) {
		completion, probe.MaxTokens = true, 0
		err = check.Validate(probe)
	}
	if err != nil { // only Temperature is left to object to
		return completion, fmt.Errorf("openai: Temperature does not suit Model %q: %w", a.Model, err)
	}
	return completion, nil
}

// temperature converts to the client's type, which drops a zero. What replaces
// it is small enough to mean "always the likeliest word" and large enough not
// to overflow a server that divides by it.
func temperature(t *float64) float32 {
	switch {
	case t == nil:
		return 0
	case *t < 1e-6:
		return 1e-6
	}
	return float32(*t)
}
