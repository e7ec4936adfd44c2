package app

import (
	"cmp"
	"context"
	"time"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/providers"
	"github.com/tmates/tmates/cmd/config"
	"github.com/tmates/tmates/server/control"
	"github.com/tmates/tmates/server/token"
)

// services opens the model services. It connects to none.
func (r *rooms) services(now func() time.Time) (*providers.Set, error) {
	all := map[string]providers.Definition{}
	for name, p := range r.cfg.Providers {
		all[name] = definition(name, p)
	}
	name, _, _ := r.cfg.DefaultProvider()
	return providers.Open(providers.Options{
		Dir: r.cfg.Data, Keys: token.OpenKeyring(r.cfg.Data), Configured: all, Default: name, Fixed: r.cfg.Provider != "",
		Fallbacks: r.cfg.Fallbacks, Log: r.log, Now: now,
	})
}

// definition hands a provider of the configuration to the room that asks it.
func definition(name string, p config.Provider) providers.Definition {
	d := providers.Definition{
		Type: p.Type, BaseURL: p.BaseURL, APIKey: p.APIKey.Reveal(), Model: p.Model, Deployment: p.Deployment, APIVersion: p.APIVersion,
		Temperature: p.Temperature, Effort: p.Effort, MaxOutputTokens: p.MaxOutputTokens, ContextWindow: p.ContextWindow, Vision: p.Vision,
		Concurrency: p.Concurrency, Record: p.Record, Replay: p.Replay,
	}
	if name != p.Type { // those called like their type have a variable that people know
		d.KeyName = "providers." + name + ".api_key"
	}
	return d
}

// models returns who answers for a tmate; the brain of a test comes before
// everybody.
func (r *rooms) models(o Options) func(*agents.Tmate) []agents.Model {
	if o.Model != nil {
		return agents.OneModel(agents.Model{Provider: "test", Brain: o.Model, Asking: agents.Asking{Window: testWindow}, Vision: true})
	}
	return func(t *agents.Tmate) []agents.Model { return r.providers.For(t.Thinking) }
}

// testWindow is the window of the brain of a test, in tokens.
const testWindow = 128_000

// modelName tells people what answers by default; empty: nothing does.
func (r *rooms) modelName() string {
	p, ok := r.providers.Default()
	switch {
	case !ok:
		return ""
	case p.Host == "":
		return p.Model
	}
	return p.Model + " at " + p.Host
}

// services shows model services to the operator's commands.
type services struct{ set *providers.Set }

// Providers lists every provider.
func (s services) Providers() control.Providers {
	out := control.Providers{Providers: []control.Provider{}}
	for _, info := range s.set.List() {
		if info.Default {
			out.Default = info.Name
		}
		out.Providers = append(out.Providers, providerOf(info))
	}
	return out
}

func providerOf(i providers.Info) control.Provider {
	p := control.Provider{
		Name: i.Name, Type: i.Type, Host: i.Host, Model: i.Model, Source: i.Source, Default: i.Default, KeySet: i.KeySet, Vision: i.Vision,
		ContextWindow: i.ContextWindow, Concurrency: i.Concurrency, Problem: i.Problem,
	}
	if i.LastUse != nil {
		p.LastUse = &control.ProviderUse{At: i.LastUse.At, Problem: i.LastUse.Problem}
	}
	return p
}

// TestProvider asks a provider for one token; without a name, the default.
func (s services) TestProvider(ctx context.Context, name string) (control.ProviderTest, error) {
	name, err := s.named(name)
	if err != nil {
		return control.ProviderTest{}, err
	}
	report, err := s.set.TestOf(ctx, name)
	return testOf(name, report), err
}

// ProviderModels asks a provider what it offers; without a name, the default.
func (s services) ProviderModels(ctx context.Context, name string) (control.ProviderModels, error) {
	name, err := s.named(name)
	if err != nil {
		return control.ProviderModels{}, err
	}
	models, err := s.set.ModelsOf(ctx, name)
	return control.ProviderModels{Name: name, Models: append([]string{}, models...)}, err
}

func (s services) named(name string) (string, error) {
	if name != "" {
		return name, nil
	}
	p, ok := s.set.Default()
	if !ok {
		return "", control.ErrNoProvider
	}
	return p.Name, nil
}

// DetectProviders looks at the local places.
func (s services) DetectProviders(ctx context.Context) (control.FoundProviders, error) {
	found, err := s.set.Detect(ctx)
	out := control.FoundProviders{Places: []control.FoundProvider{}}
	for _, f := range found {
		out.Places = append(out.Places, control.FoundProvider{
			Name: f.Name, Type: f.Type, BaseURL: f.BaseURL, Answers: f.Answers, Models: append([]string{}, f.Models...), Problem: f.Problem,
		})
	}
	return out, err
}

// AddProvider tests and saves a provider. Without a model it takes the first that a
// machine of one's own lists: typing the command is the wish for one. The lists of
// remote services begin with anything.
func (s services) AddProvider(ctx context.Context, in control.AddProvider) (control.ProviderTest, error) {
	d := providers.Definition{
		Type: in.Type, BaseURL: in.BaseURL, APIKey: in.APIKey, Model: in.Model, Deployment: in.Deployment, APIVersion: in.APIVersion,
		Temperature: in.Temperature, Effort: in.Effort, MaxOutputTokens: in.MaxOutputTokens, ContextWindow: in.ContextWindow, Vision: in.Vision,
		Concurrency: in.Concurrency,
	}
	if d.Model == "" && (d.Type == providers.Ollama || d.Type == providers.OpenAI && d.BaseURL != "") {
		models, err := s.set.Models(ctx, in.Name, d)
		if err != nil {
			return control.ProviderTest{}, err
		}
		if len(models) > 0 {
			d.Model = models[0]
		}
	}
	report, err := s.set.Save(ctx, in.Name, d)
	out := testOf(in.Name, report)
	out.Model = cmp.Or(d.Model, d.Deployment)
	return out, err
}

func testOf(name string, r providers.Report) control.ProviderTest {
	return control.ProviderTest{
		Name: name, OK: r.OK, Problem: r.Problem, Models: append([]string{}, r.Models...), PromptTokens: r.PromptTokens,
		CompletionTokens: r.CompletionTokens, DurationMS: r.Took.Milliseconds(),
	}
}

// RemoveProvider forgets a saved provider.
func (s services) RemoveProvider(name string) error { return s.set.Remove(name) }

// SetDefaultProvider chooses who answers.
func (s services) SetDefaultProvider(name string) error { return s.set.SetDefault(name) }
