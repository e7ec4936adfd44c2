package providers_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/brains/openai/modelserver"
	"github.com/tmates/tmates/agents/providers"
)

// configured are three providers that nobody contacts.
func configured() map[string]providers.Definition {
	return map[string]providers.Definition{
		"home":  {Type: providers.Ollama, Model: "llama"},
		"cloud": {Type: providers.Anthropic, Model: "big", APIKey: "sk-cloud-0123456789"},
		"work":  {Type: providers.Azure, BaseURL: "https://work.example", Deployment: "d", APIKey: "k"},
		"empty": {Type: providers.Ollama},
	}
}

func TestFor(t *testing.T) {
	t.Parallel()
	s := newWorld(t).open(providers.Options{Configured: configured(), Default: "home", Fallbacks: []string{"cloud", "gone", "empty", "home"}})
	for _, c := range []struct {
		name  string
		think agents.Thinking
		want  []string
	}{
		{"the default, then the configured ones, each once", agents.Thinking{}, []string{"home", "cloud"}},
		{"the tmate's own", agents.Thinking{Provider: "work"}, []string{"work", "cloud", "home"}},
		{"its own fallbacks", agents.Thinking{Provider: "work", Fallbacks: []string{"home"}}, []string{"work", "home"}},
		{"none at all", agents.Thinking{Provider: "work", Fallbacks: []string{}}, []string{"work"}},
		{"an unknown one has no substitute", agents.Thinking{Provider: "gone", Fallbacks: []string{}}, []string{}},
		{"one that waits for its model", agents.Thinking{Provider: "empty", Fallbacks: []string{}}, []string{}},
	} {
		if diff := cmp.Diff(c.want, names(s.For(c.think))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	if diff := cmp.Diff([]string{"gone"}, s.Unknown("home", "gone", "", "empty")); diff != "" {
		t.Errorf("unknown (-want +got):\n%s", diff)
	}
}

// What a type brings when nobody says otherwise.
func TestTypes(t *testing.T) {
	t.Parallel()
	blind, warm := false, 0.5
	all := configured()
	all["set"] = providers.Definition{
		Type: providers.OpenAI, BaseURL: "http://pi", Model: "m", Vision: &blind, ContextWindow: 9, Temperature: &warm, Effort: "low", MaxOutputTokens: 7,
	}
	s := newWorld(t).open(providers.Options{Configured: all})
	type asked struct {
		Vision bool
		Asking agents.Asking
	}
	got := map[string]asked{}
	for name := range all {
		for _, m := range s.For(agents.Thinking{Provider: name}) {
			got[name] = asked{m.Vision, m.Asking}
		}
	}
	want := map[string]asked{
		"home":  {false, agents.Asking{Model: "llama", Window: 8192}},
		"cloud": {true, agents.Asking{Model: "big", Window: 128000}},
		"work":  {true, agents.Asking{Model: "d", Window: 128000}},
		"set":   {false, agents.Asking{Model: "m", Window: 9, Temperature: &warm, Effort: "low", MaxOutputTokens: 7}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("models (-want +got):\n%s", diff)
	}
	for _, p := range s.List() {
		if want := map[string]int{"home": 1, "empty": 1}[p.Name]; want == 0 && p.Concurrency != 4 || want != 0 && p.Concurrency != want {
			t.Errorf("%s asks %d times at once", p.Name, p.Concurrency)
		}
		if (p.Problem != "") != (p.Name == "empty") {
			t.Errorf("%s has the problem %q", p.Name, p.Problem)
		}
	}
}

func TestWhoIsTheDefault(t *testing.T) {
	t.Parallel()
	one := map[string]providers.Definition{"home": configured()["home"]}
	for _, c := range []struct {
		name string
		o    providers.Options
		file string
		want string
	}{
		{"nobody", providers.Options{}, "", ""},
		{"the configuration's", providers.Options{Configured: configured(), Default: "home"}, "", "home"},
		{"a choice over an unnamed default", providers.Options{Configured: configured(), Default: "home"}, "default: cloud", "cloud"},
		{"never over a named one", providers.Options{Configured: configured(), Default: "home", Fixed: true}, "default: cloud", "home"},
		{"a choice that is gone", providers.Options{Configured: configured(), Default: "home"}, "default: gone", "home"},
		{"a choice that cannot answer", providers.Options{Configured: configured(), Default: "home"}, "default: empty", "home"},
		{"the only one", providers.Options{Configured: one}, "", "home"},
		{"not one of several", providers.Options{Configured: configured()}, "", ""},
	} {
		w := newWorld(t)
		if err := os.WriteFile(filepath.Join(w.dir, providers.FileName), []byte(c.file), 0o600); err != nil {
			t.Fatal(err)
		}
		s := w.open(c.o)
		if p, ok := s.Default(); p.Name != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q, %v, want %q", c.name, p.Name, ok, c.want)
		}
	}
}

// Opening, listing and choosing connect to nobody.
func TestNothingConnectsUnasked(t *testing.T) {
	t.Parallel()
	url, connections := counted(t, http.NotFoundHandler())
	w := newWorld(t)
	if err := os.WriteFile(filepath.Join(w.dir, providers.FileName), []byte("providers: {saved: {type: ollama, model: m, base_url: '"+url+"'}}"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := w.open(providers.Options{
		Configured: map[string]providers.Definition{"pi": {Type: providers.OpenAI, BaseURL: url, Model: "m"}},
		Local:      []providers.Local{{Name: "Here", Type: providers.Ollama, BaseURL: url}},
	})
	s.List()
	s.Local()
	s.For(agents.Thinking{})
	if err := s.SetDefault("saved"); err != nil {
		t.Fatal(err)
	}
	if n := connections.Load(); n != 0 {
		t.Errorf("%d connections", n)
	}
	if _, err := s.Detect(t.Context()); err != nil || connections.Load() == 0 {
		t.Errorf("asking connects, or the count is wrong: %v, %d", err, connections.Load())
	}
}

// No more turns than allowed ask at a time. One that waits leaves the line when it
// is stopped, and another gets its turn.
func TestTurnsWaitInLine(t *testing.T) {
	t.Parallel()
	m := modelserver.New(t)
	release := make(chan struct{})
	m.Reply(modelserver.After(release, modelserver.Text("first")))
	d := at(m)
	d.Concurrency = 1
	s := newWorld(t).open(providers.Options{Configured: map[string]providers.Definition{"pi": d}})
	model := s.For(agents.Thinking{})[0]
	answers := make(chan string, 2)
	think := func(text string) {
		got, err := ask(t, model, text)
		if err != nil {
			got = err.Error()
		}
		answers <- got
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	go think("one")
	if err := m.WaitRequests(ctx, 1); err != nil {
		t.Fatal(err)
	}
	stopped, stop := context.WithCancelCause(ctx)
	left := make(chan error, 1)
	why := errors.New("stopped by a person")
	go func() {
		for _, err := range model.Brain.Think(stopped, agents.Turn{}) {
			left <- err
		}
	}()
	stop(why)
	if err := <-left; !errors.Is(err, why) || !strings.Contains(err.Error(), "pi") {
		t.Errorf("left with %v", err)
	}
	go think("two")
	if n := len(m.Requests()); n != 1 {
		t.Errorf("%d requests while one was allowed", n)
	}
	close(release)
	if a, b := <-answers, <-answers; a != "first" || b != "You said: two" {
		t.Errorf("answers %q and %q", a, b)
	}
}

// The list tells how the last turn of each provider ended.
func TestLastUse(t *testing.T) {
	t.Parallel()
	m := modelserver.New(t)
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	s := newWorld(t).open(providers.Options{Configured: map[string]providers.Definition{"pi": at(m)}, Now: func() time.Time { return now }})
	model := s.For(agents.Thinking{})[0]
	if use := s.List()[0].LastUse; use != nil {
		t.Errorf("before any turn: %+v", use)
	}
	if _, err := ask(t, model, "hello"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&providers.Use{At: now}, s.List()[0].LastUse); diff != "" {
		t.Errorf("after an answer (-want +got):\n%s", diff)
	}
	m.RequireKey("another")
	if _, err := ask(t, model, "hello"); err == nil {
		t.Fatal("the key is not looked at")
	}
	if use := s.List()[0].LastUse; !strings.Contains(use.Problem, "wants a key") {
		t.Errorf("after a refusal: %+v", use)
	}
}

// A recording is made of a provider of the configuration, and answers as another.
func TestRecordAndReplay(t *testing.T) {
	t.Parallel()
	w, m := newWorld(t), modelserver.New(t)
	d := at(m)
	d.Record = "talk.jsonl"
	s := w.open(providers.Options{Configured: map[string]providers.Definition{"pi": d}})
	if _, err := ask(t, s.For(agents.Thinking{})[0], "hello"); err != nil {
		t.Fatal(err)
	}
	again := w.open(providers.Options{Configured: map[string]providers.Definition{"tape": {Type: providers.Replay, Replay: "talk.jsonl"}}})
	if got, err := ask(t, again.For(agents.Thinking{})[0], "hello"); err != nil || got != "You said: hello" {
		t.Errorf("replayed %q, %v", got, err)
	}
}
