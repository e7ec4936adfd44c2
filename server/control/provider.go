package control

import (
	"context"
	"time"

	"github.com/tmates/tmates/store/tmates"
)

// Provider is a model service as the commands show it.
type Provider struct {
	Name          string       `json:"name"`
	Type          string       `json:"type"`
	Host          string       `json:"host"`
	Model         string       `json:"model"`
	Source        string       `json:"source"` // "config" or "saved"
	Default       bool         `json:"default"`
	KeySet        bool         `json:"key_set"`
	Vision        bool         `json:"vision"`
	ContextWindow int          `json:"context_window"` // tokens
	Concurrency   int          `json:"concurrency"`
	Problem       string       `json:"problem,omitempty"` // why it cannot be asked
	LastUse       *ProviderUse `json:"last_use"`
}

// ProviderUse is how the last turn of a provider ended.
type ProviderUse struct {
	At      time.Time `json:"at"`
	Problem string    `json:"problem,omitempty"`
}

// Providers is the answer of "provider.list".
type Providers struct {
	Default   string     `json:"default"` // empty: nobody answers
	Providers []Provider `json:"providers"`
}

// ProviderName is the input of "provider.test", "provider.models",
// "provider.remove" and "provider.default"; the first two take the default when it
// is empty.
type ProviderName struct {
	Name string `json:"name"`
}

// ProviderTest is the answer of "provider.test" and "provider.add".
type ProviderTest struct {
	Name             string   `json:"name"`
	Model            string   `json:"model,omitempty"` // that was saved
	OK               bool     `json:"ok"`
	Problem          string   `json:"problem,omitempty"` // a sentence without its full stop
	Models           []string `json:"models"`
	PromptTokens     int64    `json:"prompt_tokens"`
	CompletionTokens int64    `json:"completion_tokens"`
	DurationMS       int64    `json:"duration_ms"`
}

// ProviderModels is the answer of "provider.models".
type ProviderModels struct {
	Name   string   `json:"name"`
	Models []string `json:"models"`
}

// FoundProvider is a place "provider.detect" looked at.
type FoundProvider struct {
	Name    string   `json:"name"` // of the program
	Type    string   `json:"type"`
	BaseURL string   `json:"base_url"`
	Answers bool     `json:"answers"`
	Models  []string `json:"models"`
	Problem string   `json:"problem,omitempty"`
}

// FoundProviders is the answer of "provider.detect".
type FoundProviders struct {
	Places []FoundProvider `json:"places"`
}

// AddProvider is the input of "provider.add". What is left out is left to the type.
type AddProvider struct {
	Name            string   `json:"name"`
	Type            string   `json:"type"`
	BaseURL         string   `json:"base_url"`
	APIKey          string   `json:"api_key"` // empty: the one there is, as long as type and host stay
	Model           string   `json:"model"`   // empty, for an Ollama or an address: the first it has
	Deployment      string   `json:"deployment"`
	APIVersion      string   `json:"api_version"`
	Temperature     *float64 `json:"temperature"`
	Effort          string   `json:"effort"`
	MaxOutputTokens int      `json:"max_output_tokens"`
	ContextWindow   int      `json:"context_window"`
	Vision          *bool    `json:"vision"`
	Concurrency     int      `json:"concurrency"`
}

// ErrNoProvider says that no model is connected.
var ErrNoProvider = tmates.E(tmates.Unavailable, "no_provider", nil,
	"No model is connected: type `tmates provider detect` to look for one on this machine, or `tmates provider add NAME --type openai --key-stdin --model MODEL`")

type services interface {
	Providers() Providers
	TestProvider(ctx context.Context, name string) (ProviderTest, error)
	ProviderModels(ctx context.Context, name string) (ProviderModels, error)
	DetectProviders(ctx context.Context) (FoundProviders, error)
	AddProvider(ctx context.Context, in AddProvider) (ProviderTest, error)
	RemoveProvider(name string) error
	SetDefaultProvider(name string) error
}

// providerCommands look after model services.
func providerCommands(s services) map[string]command {
	return map[string]command{
		"provider.list": decoded(func(context.Context, struct{}) (Providers, error) { return s.Providers(), nil }),
		"provider.test": decoded(func(ctx context.Context, in ProviderName) (ProviderTest, error) { return s.TestProvider(ctx, in.Name) }),
		"provider.models": decoded(func(ctx context.Context, in ProviderName) (ProviderModels, error) {
			return s.ProviderModels(ctx, in.Name)
		}),
		"provider.detect": decoded(func(ctx context.Context, _ struct{}) (FoundProviders, error) { return s.DetectProviders(ctx) }),
		"provider.add":    decoded(s.AddProvider),
		"provider.remove": decoded(func(_ context.Context, in ProviderName) (ProviderName, error) { return in, s.RemoveProvider(in.Name) }),
		"provider.default": decoded(func(_ context.Context, in ProviderName) (ProviderName, error) {
			return in, s.SetDefaultProvider(in.Name)
		}),
	}
}
