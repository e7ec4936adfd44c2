package ollama

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"time"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/brains/wire"
)

// Defaults of Options.
const (
	DefaultBaseURL      = "http://127.0.0.1:11434"
	DefaultWindow       = 8192 // tokens
	DefaultFirstTimeout = 5 * time.Minute
	DefaultIdleTimeout  = wire.DefaultIdleTimeout
)

// Options say which model is asked, and how. The base URL is the address of the
// service; /api or /v1 at its end is cut off. A key is sent as a bearer token, for
// services behind a gate.
type Options = wire.Options

// Brain asks one Ollama. It is safe for concurrent use. Its String never shows
// the key.
type Brain struct{ *wire.Client }

var _ agents.Brain = (*Brain)(nil)

// New checks the options and returns a brain. It connects to nothing. An error
// names the field that is wrong.
func New(o Options) (*Brain, error) {
	client, err := wire.NewClient(o, wire.Dialect{
		Name:         "ollama",
		BaseURL:      DefaultBaseURL,
		Trim:         []string{"/api", "/v1"},
		KeyName:      "OLLAMA_API_KEY",
		Stranger:     "[<",
		FirstTimeout: DefaultFirstTimeout,
		Absent:       ": is Ollama running there? It starts with: ollama serve",
		Authorize:    func(h http.Header, key string) { h.Set("Authorization", "Bearer "+key) },
		Sentence:     sentence,
	})
	if err != nil {
		return nil, err
	}
	return &Brain{client}, nil
}

// Think asks the model for the next step of the turn.
func (b *Brain) Think(ctx context.Context, t agents.Turn) iter.Seq2[agents.Part, error] {
	return b.Client.Think(ctx, t, func(x *wire.Exchange) (step wire.Step, err error) {
		asked := b.Options.Asking(t)
		var optional []string
		if asked.Effort != "" {
			optional = []string{"think"}
		}
		err = x.Ask(optional, func(without map[string]bool) error {
			lines, err := x.Post(b.Options.BaseURL+"/api/chat", b.request(t, without))
			if err == nil {
				step = (&stream{lines: lines, host: b.Host, model: asked.Model}).step
			}
			return err
		})
		return step, err
	})
}

// Models lists the models that were pulled, sorted.
func (b *Brain) Models(ctx context.Context) ([]string, error) {
	return b.List(ctx, b.Options.BaseURL+"/api/tags", func(body []byte) ([]string, error) {
		var list struct {
			Models *[]struct {
				Name string `json:"name"`
			} `json:"models"`
		}
		if err := json.Unmarshal(body, &list); err != nil {
			return nil, err
		}
		if list.Models == nil {
			return nil, errors.New("no list")
		}
		var names []string
		for _, m := range *list.Models {
			names = append(names, m.Name)
		}
		return names, nil
	})
}

// sentence words the failures that Ollama's users can mend by typing something.
func sentence(f wire.Failure) (string, bool) {
	words := strings.ToLower(f.Words)
	switch {
	case f.Status == http.StatusNotFound && f.Model != "" && strings.Contains(words, "not found") && strings.Contains(words, "model"):
		return fmt.Sprintf("%s has no model %q: type ollama pull %s there", f.Host, f.Model, f.Model), true
	case f.Status == http.StatusBadRequest && strings.Contains(words, "does not support tools"):
		return fmt.Sprintf("The model %q cannot use tools: choose one that can", f.Model), true
	case f.Status == http.StatusInternalServerError && strings.Contains(words, "waiting for llama runner"):
		return f.Loading(), false
	case f.Status >= http.StatusInternalServerError && strings.Contains(words, "more system memory"):
		return fmt.Sprintf("%s has not enough memory for the model %q: choose a smaller one, or a smaller window", f.Host, f.Model), true
	}
	return "", false
}
