package cmd_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tmates/tmates/agents/brains/openai/modelserver"
	"github.com/tmates/tmates/cmd/app/apptest"
)

// Providers are looked after with the server running and without, and both see
// the same.
func TestProviderCommands(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMATES_DATA", dir)
	m := modelserver.New(t)
	const key = "sk-secret-of-the-test-0123456789"
	m.RequireKey(key)
	address := m.URL + "/v1"
	in := func(stdin string, code int, says string, args ...string) result {
		t.Helper()
		r := tmates(stdin, append([]string{"provider"}, args...)...)
		if r.code != code || !strings.Contains(r.out+r.err, says) {
			t.Errorf("%v: exit %d\n%s%s\nwant %d and %q", args, r.code, r.out, r.err, code, says)
		}
		if strings.Contains(r.out+r.err, key) {
			t.Errorf("%v shows the key", args)
		}
		return r
	}
	look := func() {
		t.Helper()
		in("", 0, "home", "list")
		in("", 0, "models there: 1", "test")
		in("", 0, modelserver.Model, "models", "home")
		var list struct {
			Default   string
			Providers []struct {
				KeySet bool `json:"key_set"`
			}
		}
		if err := json.Unmarshal([]byte(in("", 0, "", "list", "--json").out), &list); err != nil || list.Default != "home" || !list.Providers[0].KeySet {
			t.Errorf("list as JSON: %+v, %v", list, err)
		}
	}
	in("", 0, "tmates provider detect", "list")
	in("", 3, "tmates provider detect", "test")
	in("", 2, "--type is missing", "add", "home")
	in("", 2, "no key on standard input", "add", "home", "--type", "openai", "--key-stdin")
	in("", 1, "wants a key", "add", "home", "--type", "openai", "--base-url", address, "--model", modelserver.Model)
	in(key+"\n", 0, "home is saved and answers with test-model", "add", "home", "--type", "openai", "--base-url", address, "--model", modelserver.Model, "--key-stdin")
	look()
	a := apptest.Start(t, apptest.Options{Dir: dir})
	look()
	in(key, 0, "second is saved", "add", "second", "--type", "openai", "--base-url", address, "--model", modelserver.Model, "--vision=false", "--temperature", "0.2", "--key-stdin")
	in("", 1, "tmates provider list", "test", "nobody")
	in("", 0, "second now answers by default", "default", "second")
	in("", 0, "home is gone", "remove", "home")
	in("", 1, "tmates provider list", "remove", "home")
	a.Stop()
	in("", 0, `"ok": true`, "test", "--json")
	m.RequireKey("another")
	in("", 1, "refused the key", "test")
	in("", 1, `"ok": false`, "test", "--json")
}

// Whoever names no model gets the first one that a service of their own has. An
// Ollama known from OLLAMA_HOST alone waits for that.
func TestProviderWithoutAModel(t *testing.T) {
	t.Setenv("TMATES_DATA", t.TempDir())
	m := modelserver.New(t)
	if r := tmates("", "provider", "add", "home", "--type", "openai", "--base-url", m.URL+"/v1"); r.code != 0 || !strings.Contains(r.out, "answers with test-model") {
		t.Errorf("add: %+v", r)
	}
	t.Setenv("TMATES_DATA", t.TempDir())
	t.Setenv("OLLAMA_HOST", ollama(t))
	if r := tmates("", "provider", "list"); r.code != 0 || !strings.Contains(r.out, "needs a model") {
		t.Errorf("list: %+v", r)
	}
	if r := tmates("", "provider", "test"); r.code != 3 {
		t.Errorf("nobody answers before a model is chosen: %+v", r)
	}
	if r := tmates("", "provider", "add", "ollama", "--type", "ollama"); r.code != 0 || !strings.Contains(r.out, "answers with llama3.2") {
		t.Errorf("add: %+v", r)
	}
	if r := tmates("", "provider", "test"); r.code != 0 {
		t.Errorf("test: %+v", r)
	}
}

// ollama is a service that speaks enough of Ollama's protocol, with two models.
func ollama(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/tags", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"models":[{"name":"llama3.2:latest"},{"name":"qwen3:4b"}]}`))
	})
	mux.HandleFunc("POST /api/chat", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"model":"m","message":{"role":"assistant","content":"yes"},"done":true,"done_reason":"stop","prompt_eval_count":5,"eval_count":1}` + "\n"))
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv.URL
}
