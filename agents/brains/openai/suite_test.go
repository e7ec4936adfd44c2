package openai_test

import (
	"encoding/json"
	"testing"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/brains/openai"
	"github.com/tmates/tmates/agents/brains/wire"
	"github.com/tmates/tmates/agents/brains/wire/wiretest"
)

func word(text string) string {
	raw, _ := json.Marshal(text)
	return `data: {"choices":[{"index":0,"delta":{"content":` + string(raw) + `}}]}` + "\n\n"
}

func subject() wiretest.Subject {
	return wiretest.Subject{
		New:    func(o wire.Options) (wiretest.Brain, error) { return openai.New(o) },
		Path:   "/v1/chat/completions",
		Header: "Authorization", Prefix: "Bearer ",
		Word:       word,
		End:        chunks(stop),
		Calls:      chunks(fragments(`{"index":0,"function":{"name":"f","arguments":"{\"x\":"}}`), fragments(`{"index":0,"function":{"arguments":"1}"}}`), done),
		Error:      func(words string) string { return chunks(`{"error":{"message":"` + words + `"}}`) },
		Junk:       "data: {\"choi\n\n",
		Models:     `{"object":"list","data":[{"id":"b","object":"model"},{"id":"a"},{"id":"b"},{"id":""},{"id":"line\nfeed"}]}`,
		ModelsPath: "/v1/models",
	}
}

func TestWire(t *testing.T) {
	t.Parallel()
	wiretest.Run(t, subject())
}

func TestAzureWire(t *testing.T) {
	t.Parallel()
	s := subject()
	s.New = func(o wire.Options) (wiretest.Brain, error) { return openai.NewAzure(o, "") }
	s.Path = "/openai/deployments/test-model/chat/completions?api-version=2024-10-21"
	s.Header, s.Prefix = "Api-Key", ""
	s.Models, s.ModelsPath = "", ""
	wiretest.Run(t, s)
}

func TestStreams(t *testing.T) {
	t.Parallel()
	wiretest.Streams(t, subject())
}

func TestRequestFull(t *testing.T) {
	t.Parallel()
	wiretest.Golden(t, "testdata/full.golden.json", wiretest.Sent(t, subject(), wiretest.FullTurn()))
}

func TestAsking(t *testing.T) {
	t.Parallel()
	set := func(o *wire.Options) {
		o.Temperature, o.MaxOutputTokens, o.Effort, o.Window = ptr(0.5), 500, "high", 9000
	}
	wiretest.Fields(t, subject(), map[string]wiretest.FieldCase{
		"options": {Edit: set, Want: map[string]any{
			"model": "test-model", "max_tokens": 500.0, "temperature": 0.5, "reasoning_effort": "high",
		}},
		"the turn over the options": {
			Edit:   set,
			Asking: agents.Asking{Model: "other", Temperature: ptr(0.25), Effort: "low", MaxOutputTokens: 9, Window: 4096},
			Want:   map[string]any{"model": "other", "max_tokens": 9.0, "temperature": 0.25, "reasoning_effort": "low"},
		},
		"a model that fixes its temperature": {
			Edit:   set,
			Asking: agents.Asking{Model: "o3-mini"},
			Want:   map[string]any{"model": "o3-mini", "max_tokens": nil, "max_completion_tokens": 500.0, "temperature": nil, "reasoning_effort": "high"},
		},
	})
}

func TestOptionalFields(t *testing.T) {
	t.Parallel()
	body := func(words string) string {
		return `{"error":{"message":"` + words + `","type":"invalid_request_error"}}`
	}
	wiretest.Optional(t, subject(), "reasoning_effort", body("Unrecognized request argument supplied: reasoning_effort"), agents.Asking{Effort: "low"})
	wiretest.Optional(t, subject(), "temperature", body("Unsupported value: 'temperature' does not support 0.5 with this model."), agents.Asking{Temperature: ptr(0.5)})
	wiretest.Optional(t, subject(), "max_tokens", body("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."), agents.Asking{MaxOutputTokens: 9})
}
