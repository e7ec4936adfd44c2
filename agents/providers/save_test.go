package providers_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/brains/openai/modelserver"
	"github.com/tmates/tmates/agents/providers"
	"github.com/tmates/tmates/store/tmates"
)

const secretKey = "sk-secret-of-the-test-0123456789"

// A provider is saved after a test and only then, answers at once, and is there
// after a restart. Its key is in the secrets and nowhere else.
func TestSaveAndRestart(t *testing.T) {
	t.Parallel()
	w, m := newWorld(t), modelserver.New(t)
	m.RequireKey(secretKey)
	s := w.open(providers.Options{})
	d := at(m)
	d.APIKey = "wrong-key-0123456789"
	if _, err := s.Save(t.Context(), "home", d); kindOf(err) != tmates.Invalid || !strings.Contains(err.Error(), "refused the key") {
		t.Errorf("a wrong key: %v", err)
	}
	if len(s.List()) != 0 || w.file() != "" || len(w.keys()) != 0 {
		t.Fatalf("a failed test left %v, %q, %d keys", s.List(), w.file(), len(w.keys()))
	}
	d.APIKey = secretKey
	report, err := s.Save(t.Context(), "home", d)
	if err != nil || !report.OK || !slices.Equal(report.Models, []string{modelserver.Model}) || report.CompletionTokens == 0 {
		t.Fatalf("save: %+v, %v", report, err)
	}
	for name, set := range map[string]*providers.Set{"at once": s, "after a restart": w.open(providers.Options{})} {
		info, ok := set.Default()
		if !ok || info.Name != "home" || info.Source != providers.SourceSaved || !info.KeySet {
			t.Errorf("%s: %+v", name, info)
		}
		if got, err := ask(t, set.For(agents.Thinking{})[0], "hello"); err != nil || got != "You said: hello" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		for what, shown := range map[string]string{"list": fmt.Sprintf("%+v", set.List()), "definition": fmt.Sprintf("%v %+v %#v %d %s", d, d, d, d, d), "report": fmt.Sprintf("%+v", report)} {
			if strings.Contains(shown, secretKey) {
				t.Errorf("%s: the %s shows the key: %s", name, what, shown)
			}
		}
	}
	if strings.Contains(w.file(), secretKey) || w.keys()["home"] != secretKey {
		t.Errorf("keys %v, definitions\n%s", len(w.keys()), w.file())
	}
	if err := s.Remove("home"); err != nil {
		t.Fatal(err)
	}
	if len(s.List()) != 0 || len(w.keys()) != 0 || len(w.open(providers.Options{}).List()) != 0 {
		t.Errorf("removed, but %v, %d keys", s.List(), len(w.keys()))
	}
	if err := s.Remove("home"); kindOf(err) != tmates.NotFound {
		t.Errorf("removed twice: %v", err)
	}
}

// When the definitions cannot be written, nothing changes, and the key goes back.
func TestSaveOnABrokenDisk(t *testing.T) {
	t.Parallel()
	w, m := newWorld(t), modelserver.New(t)
	s := w.open(providers.Options{})
	if err := os.MkdirAll(filepath.Join(w.dir, providers.FileName, "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	d := at(m)
	d.APIKey = secretKey
	if _, err := s.Save(t.Context(), "home", d); kindOf(err) != tmates.Internal {
		t.Errorf("saved: %v", err)
	}
	if len(s.List()) != 0 || len(w.keys()) != 0 {
		t.Errorf("left %v and %d keys", s.List(), len(w.keys()))
	}
}

// A running turn keeps its brain when the provider is replaced.
func TestReplaceWhileATurnRuns(t *testing.T) {
	t.Parallel()
	w, before, after := newWorld(t), modelserver.New(t), modelserver.New(t)
	s := w.open(providers.Options{})
	w.save(s, "home", at(before))
	running := s.For(agents.Thinking{})[0]
	after.Otherwise(func(modelserver.Request) modelserver.Reply { return modelserver.Text("I am the new one") })
	w.save(s, "home", at(after))
	if got, err := ask(t, running, "hello"); err != nil || got != "You said: hello" {
		t.Errorf("the running turn: %q, %v", got, err)
	}
	if got, err := ask(t, s.For(agents.Thinking{})[0], "hello"); err != nil || got != "I am the new one" {
		t.Errorf("the next turn: %q, %v", got, err)
	}
}

// A key that is not repeated goes where it went before, and nowhere else.
func TestKeysStayWhereTheyBelong(t *testing.T) {
	t.Parallel()
	w, m, elsewhere := newWorld(t), modelserver.New(t), modelserver.New(t)
	m.RequireKey(secretKey)
	s := w.open(providers.Options{})
	d := at(m)
	d.APIKey = secretKey
	w.save(s, "home", d)
	warm := 0.7
	again := at(m)
	again.Temperature = &warm
	w.save(s, "home", again)
	if w.keys()["home"] != secretKey {
		t.Error("the key is gone")
	}
	w.save(s, "home", at(elsewhere))
	for _, r := range elsewhere.Requests() {
		if got := r.Header.Get("Authorization"); strings.Contains(got, secretKey) {
			t.Errorf("another host was shown the key: %s", got)
		}
	}
	if len(w.keys()) != 0 {
		t.Error("the key outlives the address it belongs to")
	}
}

// What the configuration says cannot be changed here, with one exception: a
// provider that waits for its model.
func TestConfiguredStays(t *testing.T) {
	t.Parallel()
	w, m := newWorld(t), modelserver.New(t)
	o := providers.Options{Configured: map[string]providers.Definition{
		"pi":    at(m),
		"waits": {Type: providers.OpenAI, BaseURL: m.URL + "/v1"},
	}, Default: "pi"}
	s := w.open(o)
	_, errSave := s.Save(t.Context(), "pi", at(m))
	for what, err := range map[string]error{"save": errSave, "remove": s.Remove("pi"), "choose one that waits": s.SetDefault("waits")} {
		if kindOf(err) != tmates.Conflict {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := s.SetDefault("nobody"); kindOf(err) != tmates.NotFound {
		t.Errorf("an unknown default: %v", err)
	}
	w.save(s, "waits", providers.Definition{Type: providers.OpenAI, Model: modelserver.Model}) // its address is known
	if err := s.SetDefault("waits"); err != nil {
		t.Fatal(err)
	}
	if p, _ := w.open(o).Default(); p.Name != "waits" || p.Source != providers.SourceSaved {
		t.Errorf("after a restart: %+v", p)
	}
	if err := s.Remove("waits"); err != nil {
		t.Fatal(err)
	}
	if p, _ := s.Default(); p.Name != "pi" {
		t.Errorf("the default is %+v", p)
	}
	if diff := cmp.Diff([]string{"pi", "waits"}, []string{s.List()[0].Name, s.List()[1].Name}); diff != "" {
		t.Error(diff)
	}
	o.Fixed = true
	if err := w.open(o).SetDefault("pi"); kindOf(err) != tmates.Conflict {
		t.Errorf("a named default was changed: %v", err)
	}
}

// Definitions nobody can carry out are refused before anybody is contacted, and
// say which field is wrong.
func TestDefinitionsThatAreRefused(t *testing.T) {
	t.Parallel()
	s := newWorld(t).open(providers.Options{})
	hot := 3.0
	for _, c := range []struct {
		says string
		d    providers.Definition
	}{
		{"type must be", providers.Definition{Type: "gemini", Model: "m"}},
		{"type must be", providers.Definition{Type: providers.Replay, Replay: "/etc/passwd"}},
		{"model is missing", providers.Definition{Type: providers.Ollama}},
		{"model must be", providers.Definition{Type: providers.Ollama, Model: "a\nb"}},
		{"base_url is missing", providers.Definition{Type: providers.Azure, Deployment: "d", APIKey: "k"}},
		{"api_key is missing", providers.Definition{Type: providers.Azure, BaseURL: "https://a", Deployment: "d"}},
		{"api_key must be", providers.Definition{Type: providers.OpenAI, Model: "m", APIKey: "a\r\nb"}},
		{"deployment is only", providers.Definition{Type: providers.OpenAI, Model: "m", Deployment: "d"}},
		{"api_version must be", providers.Definition{Type: providers.Azure, BaseURL: "https://a", Deployment: "d", APIKey: "k", APIVersion: "a/b"}},
		{"temperature must be", providers.Definition{Type: providers.Ollama, Model: "m", Temperature: &hot}},
		{"effort must be", providers.Definition{Type: providers.Ollama, Model: "m", Effort: "much"}},
		{"context_window must be", providers.Definition{Type: providers.Ollama, Model: "m", ContextWindow: -1}},
		{"base_url must be an address", providers.Definition{Type: providers.Ollama, Model: "m", BaseURL: "file:///etc/passwd"}},
		{"base_url must be an address", providers.Definition{Type: providers.Ollama, Model: "m", BaseURL: "unix:/run/docker.sock"}},
		{"base_url must not contain a user", providers.Definition{Type: providers.Ollama, Model: "m", BaseURL: "http://a:hunter2@b"}},
		{"base_url must not contain ?", providers.Definition{Type: providers.Ollama, Model: "m", BaseURL: "http://a/?b"}},
		{"link-local", providers.Definition{Type: providers.Ollama, Model: "m", BaseURL: "http://169.254.169.254/latest"}},
		{"link-local", providers.Definition{Type: providers.Ollama, Model: "m", BaseURL: "http://[::ffff:169.254.169.254]"}},
		{"link-local", providers.Definition{Type: providers.Ollama, Model: "m", BaseURL: "http://[fe80::1]:11434"}},
		{"link-local", providers.Definition{Type: providers.Ollama, Model: "m", BaseURL: "http://[fd00:ec2::254]"}},
	} {
		_, err := s.Save(t.Context(), "home", c.d)
		e, _ := errors.AsType[*tmates.Error](err)
		if e == nil || e.Code != "provider_invalid" || !strings.Contains(e.Msg, c.says) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v: %v, want %q", c.d, err, c.says)
		}
	}
	for _, name := range []string{"", "Home", "my-pi", "1a", "default", "test", strings.Repeat("a", 33), "../a"} {
		if _, err := s.Save(t.Context(), name, providers.Definition{Type: providers.Ollama, Model: "m"}); kindOf(err) != tmates.Invalid {
			t.Errorf("the name %q: %v", name, err)
		}
	}
}

// A test says what failed, and what to do.
func TestReports(t *testing.T) {
	t.Parallel()
	m := modelserver.New(t)
	moved, _ := counted(t, http.RedirectHandler("http://localhost.example/v1/models", http.StatusFound))
	page, _ := counted(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }))
	s := newWorld(t).open(providers.Options{})
	thinks := modelserver.Raw("data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\"},\"finish_reason\":\"length\"}]}\n\ndata: [DONE]\n\n")
	for _, c := range []struct {
		name    string
		reply   modelserver.Reply // nil: an echo
		d       providers.Definition
		problem string // empty: fine
	}{
		{"fine", nil, at(m), ""},
		{"a model that thinks spends the one token", thinks, at(m), ""},
		{"unknown model", modelserver.Status(http.StatusNotFound, 0), providers.Definition{Type: providers.OpenAI, BaseURL: m.URL + "/v1", Model: "lama"}, "It offers test-model"},
		{"nobody there", nil, providers.Definition{Type: providers.Ollama, BaseURL: nowhere(t), Model: "m"}, "ollama serve"},
		{"a web page", nil, providers.Definition{Type: providers.OpenAI, BaseURL: page, Model: "m"}, "check the base URL"},
		{"moved", nil, providers.Definition{Type: providers.OpenAI, BaseURL: moved, Model: "m"}, "points to another address"},
	} {
		if c.reply != nil {
			m.Reply(c.reply)
		}
		r, err := s.Test(t.Context(), "", c.d)
		if err != nil || r.OK != (c.problem == "") || !strings.Contains(r.Problem, c.problem) {
			t.Errorf("%s: %+v, %v", c.name, r, err)
		}
	}
}

// A service that wants a larger limit than one token is asked again.
func TestServiceThatWantsMore(t *testing.T) {
	t.Parallel()
	m := modelserver.New(t)
	m.Otherwise(func(r modelserver.Request) modelserver.Reply {
		var body struct {
			Max int `json:"max_tokens"`
		}
		if err := json.Unmarshal(r.Body, &body); err != nil || body.Max < 16 {
			return modelserver.Status(http.StatusBadRequest, 0)
		}
		return modelserver.Text("yes")
	})
	r, err := newWorld(t).open(providers.Options{}).Test(t.Context(), "", at(m))
	if err != nil || !r.OK {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestDetect(t *testing.T) {
	t.Parallel()
	m := modelserver.New(t)
	s := newWorld(t).open(providers.Options{Local: []providers.Local{
		{Name: "Here", Type: providers.OpenAI, BaseURL: m.URL + "/v1"}, {Name: "Nowhere", Type: providers.Ollama, BaseURL: nowhere(t)},
	}})
	found, err := s.Detect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !found[0].Answers || !slices.Equal(found[0].Models, []string{modelserver.Model}) {
		t.Errorf("a service that is there: %+v", found[0])
	}
	if found[1].Answers || found[1].Problem == "" {
		t.Errorf("one that is not: %+v", found[1])
	}
}

// A file somebody edited by hand is read strictly, and a provider in it that makes
// no sense keeps nobody else away.
func TestEditedFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := filepath.Join(w.dir, providers.FileName)
	put := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("providers:\n  a: {type: ollama, model: m}\n  b: {type: ollama, model: m, base_url: 'http://169.254.1.1'}\n")
	s := w.open(providers.Options{})
	if p, _ := s.Default(); p.Name != "a" {
		t.Errorf("default %+v", p)
	}
	if problem := s.List()[1].Problem; !strings.Contains(problem, "base_url") {
		t.Errorf("problem %q", problem)
	}
	put("providers:\n  a: {type: ollama, mdel: m}\n")
	if _, err := providers.Open(providers.Options{Dir: w.dir}); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a misspelt key: %v", err)
	}
}
