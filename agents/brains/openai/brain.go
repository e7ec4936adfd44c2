package openai

import (
	"context"
	"iter"
	"log/slog"
	"net/http"
	"sync/atomic"

	oai "github.com/sashabaranov/go-openai"

	"github.com/tmates/tmates/agents"
)

// Brain asks one model at one address. It is safe for concurrent use.
type Brain struct {
	opt        Options
	host       string // of the base URL, for the owner's eyes
	completion bool   // the limit is called max_completion_tokens
	client     *http.Client
	config     oai.ClientConfig // without an HTTP client: each exchange brings its own
	noUsage    atomic.Bool      // the server has refused stream_options
}

var _ agents.Brain = (*Brain)(nil)

// New checks the options and returns a brain. It connects to nothing. An error
// names the field that is wrong.
func New(o Options) (*Brain, error) {
	o, base, err := o.validate()
	if err != nil {
		return nil, err
	}
	completion, err := limitField(o, base.Hostname())
	if err != nil {
		return nil, err
	}
	b := &Brain{opt: o, host: base.Host, completion: completion, client: newClient(o)}
	b.config = oai.DefaultConfig(o.APIKey)
	b.config.BaseURL = o.BaseURL
	return b, nil
}

// String describes the brain without the key.
func (b *Brain) String() string { return b.opt.String() }

// GoString is String, so that %#v does not print the key either.
func (b *Brain) GoString() string { return b.String() }

// LogValue is String, for loggers that print every field.
func (b *Brain) LogValue() slog.Value { return slog.StringValue(b.String()) }

// CloseIdle closes the connections no answer is using. The brain stays usable.
func (b *Brain) CloseIdle() { b.client.CloseIdleConnections() }

// Think asks the model for the next step of the turn.
func (b *Brain) Think(ctx context.Context, t agents.Turn) iter.Seq2[agents.Part, error] {
	return func(yield func(agents.Part, error) bool) {
		x := b.exchange(ctx)
		defer x.release()
		var a answer
		for text, err := range x.texts(b.request(t), &a) {
			if err != nil {
				x.release() // whoever waits before a retry must not hold a connection
				yield(agents.Part{}, x.explain(err))
				return
			}
			if !yield(agents.Part{Text: text}, nil) {
				return
			}
		}
		x.finish()
		calls, err := a.result(t.Messages)
		if err != nil {
			yield(agents.Part{}, x.explain(err))
			return
		}
		if len(calls) > 0 && !yield(agents.Part{Calls: calls}, nil) {
			return
		}
		yield(agents.Part{Usage: a.usage(b.opt.Model)}, nil)
	}
}
