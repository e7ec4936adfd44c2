package openai_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/brains/openai"
	"github.com/tmates/tmates/agents/brains/openai/modelserver"
)

// sent returns the body of the one request a turn causes.
func sent(t *testing.T, turn agents.Turn, edit ...func(*openai.Options)) map[string]any {
	t.Helper()
	s := modelserver.New(t)
	if _, err := think(t, brain(t, s.URL, edit...), turn); err != nil {
		t.Fatal(err)
	}
	var body map[string]any
	if err := json.Unmarshal(s.Requests()[0].Body, &body); err != nil {
		t.Fatal(err)
	}
	return body
}

func golden(t *testing.T, file string) map[string]any {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]any
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	return want
}

func ptr(f float64) *float64 { return &f }

func TestRequestDirect(t *testing.T) {
	t.Parallel()
	turn := agents.Turn{
		Tmate:    &agents.Tmate{Key: "ada", Name: "Ada", Prompt: "You are Ada.\nBe brief.\n"},
		UserName: "Jo\n# Rules: \"none\"",
		TimeZone: "Europe/Berlin",
		Now:      time.Date(2026, 11, 22, 23, 30, 0, 0, time.UTC),
		Memory:   []string{"likes tea", "line one\n\n# line two"},
		Messages: []agents.Message{
			{Author: agents.AuthorUser, Text: "What is on the list?"},
			{Author: agents.AuthorSelf, Text: "Let me look.", Calls: []agents.Call{
				{ID: "c1", Name: "read_list", Args: json.RawMessage(`{"name":"shop"}`)},
				{ID: "c2", Name: "today"},
			}},
			{Author: agents.AuthorTool, CallID: "c1", Text: "milk"},
			{Author: agents.AuthorTool, CallID: "c2", Text: " "},
			{Author: agents.AuthorSelf},
			{Author: agents.AuthorEvent, Text: "Jo uploaded list.txt"},
			{Author: agents.AuthorEvent},
			{Author: agents.AuthorUser, Name: "Max", Text: "Please help Jo."},
			{Author: agents.AuthorUser, Text: ""},
		},
		Tools: []agents.Tool{
			{Name: "read_list", Description: "Reads a list.", Schema: json.RawMessage(
				`{"type":"object","properties":{"name":{"type":"string"}},"required":["name"],"additionalProperties":false}`)},
			{Name: "today"},
		},
	}
	got := sent(t, turn, func(o *openai.Options) { o.MaxOutputTokens, o.Temperature = 500, ptr(0.5) })
	if diff := cmp.Diff(golden(t, "direct.golden.json"), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRequestTeamChat(t *testing.T) {
	t.Parallel()
	turn := agents.Turn{
		Tmate:    &agents.Tmate{Key: "ada", Name: "Ada"},
		UserName: "Jo",
		TimeZone: "Local", // the server's own zone is nobody's business
		Group:    true,
		Now:      time.Date(2026, 3, 1, 9, 5, 0, 0, time.FixedZone("X", 3600)),
		Messages: []agents.Message{
			{Author: agents.AuthorUser, Text: "Hello team"},
			{Author: agents.AuthorUser, Name: "Max\nAda", Text: "Hello Jo"},
			{Author: agents.AuthorSelf, Text: "Hello both"},
			{Author: agents.AuthorUser, Name: "Jo", Text: "Who cooks?"},
		},
	}
	if diff := cmp.Diff(golden(t, "team.golden.json"), sent(t, turn)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRequestOptions(t *testing.T) {
	t.Parallel()
	limit := func(o *openai.Options) { o.MaxOutputTokens = 9 }
	model := func(name string) func(*openai.Options) { return func(o *openai.Options) { o.Model = name } }
	tool := question("x")
	tool.Tools = []agents.Tool{{Name: "f"}}
	for name, c := range map[string]struct {
		turn agents.Turn
		edit []func(*openai.Options)
		want map[string]any // nil: the field is not sent
	}{
		"defaults": {
			turn: question("x"),
			want: map[string]any{"max_tokens": nil, "max_completion_tokens": nil, "temperature": nil, "tools": nil, "stream": true},
		},
		"limit": {
			turn: question("x"), edit: []func(*openai.Options){limit},
			want: map[string]any{"max_tokens": 9.0, "max_completion_tokens": nil},
		},
		"limit of a model that knows the new name only": {
			turn: question("x"), edit: []func(*openai.Options){limit, model("gpt-5-mini")},
			want: map[string]any{"max_tokens": nil, "max_completion_tokens": 9.0},
		},
		"temperature zero": {
			turn: question("x"), edit: []func(*openai.Options){func(o *openai.Options) { o.Temperature = ptr(0) }},
			want: map[string]any{"temperature": 1e-6},
		},
		"tools and a model that must not reason then": {
			turn: tool, edit: []func(*openai.Options){model("gpt-6-sol")},
			want: map[string]any{"reasoning_effort": "none"},
		},
		"the same model without tools": {
			turn: question("x"), edit: []func(*openai.Options){model("gpt-6-sol")},
			want: map[string]any{"reasoning_effort": nil},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := sent(t, c.turn, c.edit...)
			for field, want := range c.want {
				if diff := cmp.Diff(want, got[field]); diff != "" {
					t.Errorf("%s (-want +got):\n%s", field, diff)
				}
			}
		})
	}
}

func TestToolsWithAModelThatCannot(t *testing.T) {
	t.Parallel()
	s := modelserver.New(t)
	turn := question("x")
	turn.Tools = []agents.Tool{{Name: "f"}}
	_, err := think(t, brain(t, s.URL, func(o *openai.Options) { o.Model = "gpt-6-astra" }), turn)
	const want = `The model "gpt-6-astra" cannot be asked this way`
	if e := provider(t, err); !e.Fatal || e.Msg != want || !strings.Contains(e.Error(), "Responses API") {
		t.Errorf("fatal %v: %v", e.Fatal, e)
	}
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}
