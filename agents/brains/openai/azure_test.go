package openai_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/tmates/tmates/agents/brains/openai"
	"github.com/tmates/tmates/agents/brains/wire/wiretest"
)

func TestAzure(t *testing.T) {
	t.Parallel()
	server := wiretest.NewServer(t, wiretest.Stream(chunks(hi, stop, used), 7))
	for end, version := range map[string]string{"": "2025-01-01-preview", "/": "2025-01-01-preview", "/openai/": "2025-01-01-preview"} {
		b, err := openai.NewAzure(openai.Options{BaseURL: server.URL + end, APIKey: testKey, Model: "my gpt/4.1", MaxOutputTokens: 9}, version)
		if err != nil {
			t.Fatal(err)
		}
		defer b.CloseIdle()
		got, err := think(t, b, question("x"))
		if err != nil || got.Text != "hi" || got.Usage.PromptTokens != 5 {
			t.Errorf("%+v, error %v", got, err)
		}
		if models, err := b.Models(t.Context()); err != nil || !slices.Equal(models, []string{"my gpt/4.1"}) {
			t.Errorf("models %q, error %v", models, err)
		}
	}
	requests := server.Requests()
	if len(requests) != 3 {
		t.Fatalf("%d requests, want 3: the list needs none", len(requests))
	}
	for _, r := range requests {
		if want := "/openai/deployments/my%20gpt%2F4.1/chat/completions?api-version=2025-01-01-preview"; r.Path != want {
			t.Errorf("asked %s, want %s", r.Path, want)
		}
		if _, bearer := r.Header["Authorization"]; bearer || r.Header.Get("Api-Key") != testKey {
			t.Errorf("headers %v", r.Header)
		}
		var body map[string]any
		if err := json.Unmarshal(r.Body, &body); err != nil || body["max_tokens"] != 9.0 || body["model"] != "my gpt/4.1" {
			t.Errorf("body %s, error %v", r.Body, err)
		}
	}
}

func TestAzureRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status     int
		body, want string
		fatal      bool
	}{
		"key":        {401, `{"error":{"code":"401","message":"Access denied due to invalid subscription key"}}`, "refused the key: check AZURE_OPENAI_API_KEY", false},
		"deployment": {404, `{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}`, `does not know the model "gpt"`, false},
		"filter": {400, `{"error":{"message":"The response was filtered due to the prompt","param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}`,
			"refused the question: its content filter objects", true},
		"too long": {400, `{"error":{"message":"This model's maximum context length is 128000 tokens.","code":"context_length_exceeded"}}`, "too long", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := wiretest.NewServer(t, wiretest.Refuse(c.status, c.body))
			b, err := openai.NewAzure(openai.Options{BaseURL: server.URL, APIKey: testKey, Model: "gpt"}, "")
			if err != nil {
				t.Fatal(err)
			}
			defer b.CloseIdle()
			_, err = think(t, b, question("x"))
			if e := provider(t, err); e.Status != c.status || e.Fatal != c.fatal || e.Temporary() || !strings.Contains(e.Msg, c.want) {
				t.Errorf("status %d, fatal %v: %v", e.Status, e.Fatal, e)
			}
		})
	}
}

func TestNewAzureRefuses(t *testing.T) {
	t.Parallel()
	good := openai.Options{BaseURL: "https://a.example", APIKey: testKey, Model: "m"}
	for name, c := range map[string]struct {
		edit    func(*openai.Options)
		version string
		want    string
	}{
		"no endpoint": {func(o *openai.Options) { o.BaseURL = " " }, "", "BaseURL is empty"},
		"no key":      {func(o *openai.Options) { o.APIKey = "" }, "", "APIKey is empty"},
		"no model":    {func(o *openai.Options) { o.Model = "" }, "", "Model is empty"},
		"version":     {func(*openai.Options) {}, "2024&x=1", "apiVersion is"},
	} {
		o := good
		c.edit(&o)
		if b, err := openai.NewAzure(o, c.version); b != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: brain %v, error %v", name, b, err)
		}
	}
}
