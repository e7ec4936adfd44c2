package anthropic_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/brains/anthropic"
	"github.com/tmates/tmates/agents/brains/wire"
	"github.com/tmates/tmates/agents/brains/wire/wiretest"
)

func TestRequest(t *testing.T) {
	t.Parallel()
	wiretest.Golden(t, "testdata/full.golden.json", wiretest.Sent(t, subject(), wiretest.FullTurn()))
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	server := wiretest.NewServer(t, wiretest.Stream(subject().Hi(), 7))
	b := subject().Brain(t, server.URL+"/v1/", func(o *wire.Options) { o.APIKey = "" }) // a gate of one's own may want no key
	if _, err := wiretest.Think(t, b, wiretest.Question("x")); err != nil {
		t.Fatal(err)
	}
	r := server.Requests()[0]
	if _, ok := r.Header["X-Api-Key"]; ok || r.Header.Get("Anthropic-Version") != "2023-06-01" || r.Path != "/v1/messages" {
		t.Errorf("%s with %v", r.Path, r.Header)
	}
}

// roles returns who speaks, in order.
func roles(t *testing.T, messages ...agents.Message) (out []string) {
	t.Helper()
	turn := wiretest.Question("")
	turn.Messages = messages
	for _, m := range wiretest.Sent(t, subject(), turn)["messages"].([]any) {
		out = append(out, m.(map[string]any)["role"].(string))
	}
	return out
}

func TestSidesAlternate(t *testing.T) {
	t.Parallel()
	user, self := agents.Message{Author: agents.AuthorUser, Text: "x"}, agents.Message{Author: agents.AuthorSelf, Text: "y"}
	event := agents.Message{Author: agents.AuthorEvent, Text: "z"}
	for name, c := range map[string]struct {
		in   []agents.Message
		want []string
	}{
		"a tmate begins":   {[]agents.Message{self, user}, []string{"user", "assistant", "user"}},
		"two in a row":     {[]agents.Message{user, event, user, self, self, user}, []string{"user", "assistant", "user"}},
		"a tmate was last": {[]agents.Message{user, self}, []string{"user", "assistant", "user"}},
		"nobody":           {nil, []string{"user"}},
	} {
		if diff := cmp.Diff(c.want, roles(t, c.in...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func ptr(f float64) *float64 { return &f }

func TestAsking(t *testing.T) {
	t.Parallel()
	set := func(o *wire.Options) { o.Temperature, o.MaxOutputTokens, o.Effort = ptr(0.5), 500, "high" }
	wiretest.Fields(t, subject(), map[string]wiretest.FieldCase{
		"defaults": {Want: map[string]any{
			"model": "test-model", "stream": true, "max_tokens": 4096.0, "temperature": nil, "output_config": nil, "tools": nil, "thinking": nil,
		}},
		"options": {Edit: set, Want: map[string]any{
			"max_tokens": 500.0, "temperature": 0.5, "output_config": map[string]any{"effort": "high"},
		}},
		"the turn over the options": {
			Edit:   set,
			Asking: agents.Asking{Model: "claude-x", Temperature: ptr(0), Effort: "low", MaxOutputTokens: 9},
			Want:   map[string]any{"model": "claude-x", "max_tokens": 9.0, "temperature": 0.0, "output_config": map[string]any{"effort": "low"}},
		},
		"too hot": {Asking: agents.Asking{Temperature: ptr(1.8)}, Want: map[string]any{"temperature": 1.0}},
	})
}

func TestOptionalFields(t *testing.T) {
	t.Parallel()
	body := func(words string) string {
		return `{"type":"error","error":{"type":"invalid_request_error","message":"` + words + `"}}`
	}
	wiretest.Optional(t, subject(), "output_config", body("output_config.effort: this model does not support effort"), agents.Asking{Effort: "low"})
	wiretest.Optional(t, subject(), "temperature", body("`temperature` is deprecated for this model."), agents.Asking{Temperature: ptr(0.5)})
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	body := func(code, words string) string {
		return `{"type":"error","error":{"type":"` + code + `","message":"` + words + `"},"request_id":"req_1"}`
	}
	wiretest.Refusals(t, subject(), map[string]wiretest.Refusal{
		"400": {Status: 400, Body: body("invalid_request_error", "messages: at least one message is required"), Code: "invalid_request_error",
			Want: `HOST did not accept the request for the model "test-model" (status 400); it says "messages: at least one message is required"`},
		"400, too long": {Status: 400, Body: body("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"), Code: wire.CodeTooLong, Fatal: true,
			Want: `The conversation is too long for the model "test-model"; it says "prompt is too long: 210000 tokens > 200000 maximum"`},
		"400, no credit": {Status: 400, Body: body("invalid_request_error", "Your credit balance is too low to access the Anthropic API."), Code: "invalid_request_error", Fatal: true,
			Want: `The account at HOST has no credit left; it says "Your credit balance is too low to access the Anthropic API."`},
		"401": {Status: 401, Body: body("authentication_error", "invalid x-api-key"), Code: "authentication_error", Want: "HOST refused the key: check ANTHROPIC_API_KEY"},
		"403": {Status: 403, Body: body("permission_error", "not yours"), Code: "permission_error", Want: `HOST refused the key: check ANTHROPIC_API_KEY; it says "not yours"`},
		"404": {Status: 404, Body: body("not_found_error", "model: test-model"), Code: "not_found_error",
			Want: `HOST does not know the model "test-model", or the base URL is wrong; it says "model: test-model"`},
		"413": {Status: 413, Body: body("request_too_large", "Request exceeds the maximum size"), Code: wire.CodeTooLong, Fatal: true,
			Want: `The conversation is too long for the model "test-model"; it says "Request exceeds the maximum size"`},
		"429": {Status: 429, Body: body("rate_limit_error", "Number of requests has exceeded"), Code: "rate_limit_error",
			Want: `HOST limits how often it may be asked; it says "Number of requests has exceeded"`},
		"500": {Status: 500, Body: body("api_error", "Internal server error"), Code: "api_error", Want: `HOST has a problem of its own (status 500); it says "Internal server error"`},
		"529": {Status: 529, Body: body("overloaded_error", "Overloaded"), Code: "overloaded_error", Want: `HOST has too much to do; it says "Overloaded"`},
	})
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	b, err := anthropic.New(anthropic.Options{Model: "m", APIKey: wiretest.Key})
	if err != nil || b.String() != `model "m" at "https://api.anthropic.com", key set` {
		t.Errorf("%v, error %v", b, err)
	}
}
