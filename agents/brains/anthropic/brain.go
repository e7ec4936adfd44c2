package anthropic

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"strings"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/brains/wire"
)

// Defaults of Options.
const (
	DefaultBaseURL         = "https://api.anthropic.com"
	DefaultMaxOutputTokens = 4096
	DefaultFirstTimeout    = wire.DefaultFirstTimeout
	DefaultIdleTimeout     = wire.DefaultIdleTimeout
)

// apiVersion is the only version of the protocol since 2023.
const apiVersion = "2023-06-01"

// Options say which model is asked, and how. The base URL is the address of the
// service; /v1 at its end is cut off. The key is sent as "x-api-key". Window is not
// sent: this protocol has no word for it.
type Options = wire.Options

// Brain asks one service that speaks Anthropic's protocol. It is safe for
// concurrent use. Its String never shows the key.
type Brain struct{ *wire.Client }

var _ agents.Brain = (*Brain)(nil)

// statuses are the documented statuses of error types, which inside a stream are
// all there is.
var statuses = map[string]int{
	"invalid_request_error": http.StatusBadRequest,
	"authentication_error":  http.StatusUnauthorized,
	"billing_error":         http.StatusPaymentRequired,
	"permission_error":      http.StatusForbidden,
	"not_found_error":       http.StatusNotFound,
	"request_too_large":     http.StatusRequestEntityTooLarge,
	"rate_limit_error":      http.StatusTooManyRequests,
	"api_error":             http.StatusInternalServerError,
	"timeout_error":         http.StatusGatewayTimeout,
	"overloaded_error":      statusOverloaded,
}

// statusOverloaded is Anthropic's own.
const statusOverloaded = 529

// New checks the options and returns a brain. It connects to nothing. An error
// names the field that is wrong.
func New(o Options) (*Brain, error) {
	client, err := wire.NewClient(o, wire.Dialect{
		Name:      "anthropic",
		BaseURL:   DefaultBaseURL,
		Trim:      []string{"/v1"},
		KeyName:   "ANTHROPIC_API_KEY",
		Stranger:  "{[<",
		Authorize: func(h http.Header, key string) { h.Set("X-Api-Key", key) },
		Header:    http.Header{"Anthropic-Version": {apiVersion}},
		Statuses:  statuses,
		Sentence:  sentence,
	})
	if err != nil {
		return nil, err
	}
	return &Brain{client}, nil
}

// Think asks the model for the next step of the turn.
func (b *Brain) Think(ctx context.Context, t agents.Turn) iter.Seq2[agents.Part, error] {
	return b.Client.Think(ctx, t, func(x *wire.Exchange) (step wire.Step, err error) {
		err = x.Ask(optional(b.Options.Asking(t)), func(without map[string]bool) error {
			lines, err := x.Post(b.Options.BaseURL+"/v1/messages", b.request(t, without))
			if err == nil {
				step = (&stream{events: wire.NewEvents(lines)}).step
			}
			return err
		})
		return step, err
	})
}

// Models lists the models the key may use, sorted.
func (b *Brain) Models(ctx context.Context) ([]string, error) {
	return b.List(ctx, b.Options.BaseURL+"/v1/models?limit=1000", wire.IDs)
}

// sentence words what this provider means differently from others.
func sentence(f wire.Failure) (string, bool) {
	switch {
	case f.Status == statusOverloaded:
		return f.Host + " has too much to do", false
	case f.Status == http.StatusBadRequest && strings.Contains(f.Words, "credit balance is too low"):
		return fmt.Sprintf("The account at %s has no credit left", f.Host), true
	}
	return "", false
}
