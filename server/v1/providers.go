package v1

import (
	"context"
	"net/http"

	"github.com/tmates/tmates/agents/providers"
)

// services is what these routes need from the use-cases: the model services, for
// those who may look after them. All of them are additions of this edition.
type services interface {
	Providers(ctx context.Context, userID string) (*providers.Set, error)
}

// Bounds of the texts of a definition, in code points; the room has its own, in
// bytes.
const (
	maxAddress = 4096
	maxModel   = 200
)

type providerBody struct {
	Name          string           `json:"name"`
	Type          string           `json:"type"`
	Host          *string          `json:"host"`
	Model         *string          `json:"model"`
	Source        string           `json:"source"`
	Default       bool             `json:"default"`
	KeySet        bool             `json:"key_set"`
	Vision        bool             `json:"vision"`
	ContextWindow int              `json:"context_window"`
	Concurrency   int              `json:"concurrency"`
	Problem       *string          `json:"problem"`
	LastUse       *providerUseBody `json:"last_use"`
}

type providerUseBody struct {
	At      *string `json:"at"`
	Problem *string `json:"problem"`
}

func providerOf(i providers.Info) providerBody {
	out := providerBody{
		Name: i.Name, Type: i.Type, Host: orNull(i.Host), Model: orNull(i.Model), Source: i.Source, Default: i.Default, KeySet: i.KeySet,
		Vision: i.Vision, ContextWindow: i.ContextWindow, Concurrency: i.Concurrency, Problem: orNull(i.Problem),
	}
	if i.LastUse != nil {
		out.LastUse = &providerUseBody{timeOrNull(i.LastUse.At), orNull(i.LastUse.Problem)}
	}
	return out
}

type providerTestBody struct {
	OK               bool     `json:"ok"`
	Problem          *string  `json:"problem"`
	Models           []string `json:"models"`
	PromptTokens     int64    `json:"prompt_tokens"`
	CompletionTokens int64    `json:"completion_tokens"`
	DurationMS       int64    `json:"duration_ms"`
}

func providerTestOf(r providers.Report) providerTestBody {
	return providerTestBody{r.OK, orNull(r.Problem), append([]string{}, r.Models...), r.PromptTokens, r.CompletionTokens, r.Took.Milliseconds()}
}

type placeBody struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	BaseURL string `json:"base_url"`
}

// managed wraps what a person in charge may do.
func managed(use services, serve func(c call, set *providers.Set) error) func(call) error {
	return func(c call) error {
		set, err := use.Providers(c.ctx(), c.user)
		if err != nil {
			return err
		}
		return serve(c, set)
	}
}

// listProviders serves GET /providers.
func listProviders(c call, set *providers.Set) error {
	type answer struct {
		Default   *string        `json:"default"`
		Providers []providerBody `json:"providers"`
	}
	out := answer{Providers: []providerBody{}}
	for _, info := range set.List() {
		if info.Default {
			out.Default = &info.Name
		}
		out.Providers = append(out.Providers, providerOf(info))
	}
	return writeJSON(c, http.StatusOK, out)
}

// localPlaces serves GET /providers/local. Nobody is contacted.
func localPlaces(c call, set *providers.Set) error {
	type answer struct {
		Places []placeBody `json:"places"`
	}
	out := answer{Places: []placeBody{}}
	for _, p := range set.Local() {
		out.Places = append(out.Places, placeBody(p))
	}
	return writeJSON(c, http.StatusOK, out)
}

// detectProviders serves POST /providers/detect.
func detectProviders(c call, set *providers.Set) error {
	type place struct {
		placeBody
		Answers bool     `json:"answers"`
		Models  []string `json:"models"`
		Problem *string  `json:"problem"`
	}
	type answer struct {
		Places []place `json:"places"`
	}
	found, err := set.Detect(c.ctx())
	if err != nil {
		return err
	}
	out := answer{Places: []place{}}
	for _, f := range found {
		out.Places = append(out.Places, place{placeBody(f.Local), f.Answers, append([]string{}, f.Models...), orNull(f.Problem)})
	}
	return writeJSON(c, http.StatusOK, out)
}

// providerModels serves POST /providers/models.
func providerModels(c call, set *providers.Set) error {
	type answer struct {
		Models []string `json:"models"`
	}
	draft, err := decodeDraft(c.body)
	if err != nil {
		return err
	}
	list := func() ([]string, error) { return set.Models(c.ctx(), draft.name, draft.Definition) }
	if draft.asItIs {
		list = func() ([]string, error) { return set.ModelsOf(c.ctx(), draft.name) }
	}
	models, err := list()
	if err != nil {
		return err
	}
	return writeJSON(c, http.StatusOK, answer{append([]string{}, models...)})
}

// testProvider serves POST /providers/test. What the service gets wrong is no
// error of the request.
func testProvider(c call, set *providers.Set) error {
	draft, err := decodeDraft(c.body)
	if err != nil {
		return err
	}
	test := func() (providers.Report, error) { return set.Test(c.ctx(), draft.name, draft.Definition) }
	if draft.asItIs {
		test = func() (providers.Report, error) { return set.TestOf(c.ctx(), draft.name) }
	}
	report, err := test()
	if err != nil {
		return err
	}
	return writeJSON(c, http.StatusOK, providerTestOf(report))
}

// saveProvider serves PUT /providers/:provider_name.
func saveProvider(c call, set *providers.Set) error {
	type answer struct {
		Provider providerBody     `json:"provider"`
		Test     providerTestBody `json:"test"`
	}
	name, err := pathValue(c, "provider_name")
	if err != nil {
		return err
	}
	draft, err := decodeDraft(c.body)
	if err != nil {
		return err
	}
	report, err := set.Save(c.ctx(), name, draft.Definition)
	if err != nil {
		return err
	}
	out := answer{Test: providerTestOf(report)}
	for _, info := range set.List() {
		if info.Name == name {
			out.Provider = providerOf(info)
		}
	}
	return writeJSON(c, http.StatusOK, out)
}

// removeProvider serves DELETE /providers/:provider_name.
func removeProvider(c call, set *providers.Set) error {
	name, err := pathValue(c, "provider_name")
	if err != nil {
		return err
	}
	if err := set.Remove(name); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// chooseProvider serves PUT /providers/default.
func chooseProvider(c call, set *providers.Set) error {
	var k checker
	f, ok := k.object(c.body)
	if !ok {
		return k.err()
	}
	name := f.required("name", 1, maxModel)
	if err := k.err(); err != nil {
		return err
	}
	if err := set.SetDefault(name); err != nil {
		return err
	}
	return listProviders(c, set)
}

// draft is a definition somebody thinks of.
type draft struct {
	providers.Definition
	name   string
	asItIs bool // nothing but a name: the provider as it is saved or configured
}

// decodeDraft reads a definition. No fault repeats the key.
func decodeDraft(b body) (d draft, err error) {
	var k checker
	f, ok := k.object(b)
	if !ok {
		return d, k.err()
	}
	d.name = f.text("name", maxModel)
	d.Type = f.text("type", maxModel)
	d.BaseURL = f.text("base_url", maxAddress)
	d.APIKey = f.secret("api_key", maxAddress)
	d.Model = f.text("model", maxModel)
	d.Deployment = f.text("deployment", maxModel)
	d.APIVersion = f.text("api_version", maxModel)
	d.Temperature = f.number("temperature")
	d.Effort = f.text("effort", maxModel)
	d.MaxOutputTokens = f.count("max_output_tokens")
	d.ContextWindow = f.count("context_window")
	d.Vision = f.truth("vision")
	d.Concurrency = f.count("concurrency")
	d.asItIs = d.name != "" && len(f.in) == 1
	return d, k.err()
}

// count reads an optional number; the room refuses what is out of its bounds, and
// 0 is left to it.
func (f fields) count(name string) int {
	n := f.whole(name)
	if n == nil {
		return 0
	}
	return int(min(max(*n, -1), 1<<31-1))
}

// secret is text that a fault does not repeat.
func (f fields) secret(name string, most int) string {
	s, ok := f.in[name].(string)
	switch {
	case !f.sent(name):
	case !ok:
		f.k.add(f.at(name), "string_type", "Input should be a valid string", nil, nil)
	case len(s) > most:
		f.k.add(f.at(name), "string_too_long", "String should have at most "+characters(most), nil, map[string]any{"max_length": most})
	}
	return s
}
