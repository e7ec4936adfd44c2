package ollama_test

import (
	"strings"
	"testing"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/brains/ollama"
	"github.com/tmates/tmates/agents/brains/wire"
	"github.com/tmates/tmates/agents/brains/wire/wiretest"
)

func TestRequest(t *testing.T) {
	t.Parallel()
	wiretest.Golden(t, "testdata/full.golden.json", wiretest.Sent(t, subject(), wiretest.FullTurn()))
}

func ptr(f float64) *float64 { return &f }

func TestAsking(t *testing.T) {
	t.Parallel()
	set := func(o *wire.Options) {
		o.Temperature, o.MaxOutputTokens, o.Window, o.Effort = ptr(0.5), 500, 16384, "high"
	}
	wiretest.Fields(t, subject(), map[string]wiretest.FieldCase{
		"defaults": {Want: map[string]any{
			"model": "test-model", "stream": true, "think": nil, "tools": nil, "options": map[string]any{"num_ctx": 8192.0},
		}},
		"options": {Edit: set, Want: map[string]any{
			"think": true, "options": map[string]any{"num_ctx": 16384.0, "temperature": 0.5, "num_predict": 500.0},
		}},
		"the turn over the options": {
			Edit:   set,
			Asking: agents.Asking{Model: "hf.co/x/GPT-OSS:20b", Temperature: ptr(0), Effort: "low", MaxOutputTokens: 9, Window: 4096},
			Want: map[string]any{
				"model": "hf.co/x/GPT-OSS:20b", "think": "low",
				"options": map[string]any{"num_ctx": 4096.0, "temperature": 0.0, "num_predict": 9.0},
			},
		},
		"little effort is no thought": {Asking: agents.Asking{Effort: "low"}, Want: map[string]any{"think": false}},
	})
}

func TestModelThatCannotThink(t *testing.T) {
	t.Parallel()
	wiretest.Optional(t, subject(), "think", `{"error":"\"test-model\" does not support thinking"}`, agents.Asking{Effort: "high"})
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	wiretest.Refusals(t, subject(), map[string]wiretest.Refusal{
		"404": {Status: 404, Body: `{"error":"model 'test-model' not found"}`, Fatal: true,
			Want: `HOST has no model "test-model": type ollama pull test-model there; it says "model 'test-model' not found"`},
		"404, before version 0.5": {Status: 404, Body: `{"error":"model \"test-model\" not found, try pulling it first"}`, Fatal: true,
			Want: `HOST has no model "test-model": type ollama pull test-model there; it says "model "test-model" not found, try pulling it first"`},
		"404 of something else": {Status: 404, Body: "404 page not found",
			Want: `HOST does not know the model "test-model", or the base URL is wrong; it says "404 page not found"`},
		"400": {Status: 400, Body: `{"error":"invalid options: num_ctx"}`,
			Want: `HOST did not accept the request for the model "test-model" (status 400); it says "invalid options: num_ctx"`},
		"400, tools": {Status: 400, Body: `{"error":"registry.ollama.ai/library/test-model does not support tools"}`, Fatal: true,
			Want: `The model "test-model" cannot use tools: choose one that can; it says "registry.ollama.ai/library/test-model does not support tools"`},
		"400, too long": {Status: 400, Body: `{"error":"the input length exceeds the context length"}`, Fatal: true, Code: wire.CodeTooLong,
			Want: `The conversation is too long for the model "test-model"; it says "the input length exceeds the context length"`},
		"401": {Status: 401, Body: `{"error":"unauthorized"}`, Want: `HOST refused the key: check OLLAMA_API_KEY`},
		"403": {Status: 403, Body: ``, Want: `HOST refused the key: check OLLAMA_API_KEY`},
		"500": {Status: 500, Body: `{"error":"llama runner process has terminated: exit status 2"}`,
			Want: `HOST has a problem of its own (status 500); it says "llama runner process has terminated: exit status 2"`},
		"500, memory": {Status: 500, Body: `{"error":"model requires more system memory (9.3 GiB) than is available (3.1 GiB)"}`, Fatal: true,
			Want: `HOST has not enough memory for the model "test-model": choose a smaller one, or a smaller window; it says "model requires more system memory (9.3 GiB) than is available (3.1 GiB)"`},
		"500, loading": {Status: 500, Body: `{"error":"timed out waiting for llama runner to start - progress 0.50 - "}`,
			Want: `HOST is still loading the model "test-model"; it says "timed out waiting for llama runner to start - progress 0.50 -"`},
		"503, loading": {Status: 503, Body: `{"error":"llm server loading model"}`,
			Want: `HOST is still loading the model "test-model"; it says "llm server loading model"`},
		"503, busy": {Status: 503, Body: `{"error":"server busy, please try again.  maximum pending requests exceeded"}`,
			Want: `HOST has a problem of its own (status 503); it says "server busy, please try again. maximum pending requests exceeded"`},
	})
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	b := subject().Brain(t, "http://127.0.0.1:1") // nobody listens on port 1
	_, err := wiretest.Think(t, b, wiretest.Question("x"))
	const want = "127.0.0.1:1 did not answer: is Ollama running there? It starts with: ollama serve"
	if e := wiretest.Provider(t, err); e.Msg != want || !e.Temporary() {
		t.Errorf("error %v", e)
	}
}

func TestBaseURL(t *testing.T) {
	t.Parallel()
	server := wiretest.NewServer(t, wiretest.Stream(subject().Hi(), 1<<20))
	for _, end := range []string{"", "/", "/v1", "/v1/", "/api", "/gate/api", "/gate"} {
		if _, err := wiretest.Think(t, subject().Brain(t, server.URL+end), wiretest.Question("x")); err != nil {
			t.Error(err)
		}
	}
	for i, r := range server.Requests() {
		if want := strings.Repeat("/gate", i/5) + "/api/chat"; i < 5 && r.Path != want || i >= 5 && r.Path != "/gate/api/chat" {
			t.Errorf("asked %s, want %s", r.Path, want)
		}
	}
	b, err := ollama.New(ollama.Options{Model: "m"})
	if err != nil || b.String() != `model "m" at "http://127.0.0.1:11434", key unset` {
		t.Errorf("%v, error %v", b, err)
	}
	if b, err := ollama.New(ollama.Options{BaseURL: "localhost:11434", Model: "m"}); b != nil || err == nil || !strings.HasPrefix(err.Error(), "ollama: BaseURL must be absolute") {
		t.Errorf("%v, error %v", b, err)
	}
}
