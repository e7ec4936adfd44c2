package team

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/store/tmates"
)

var roster = []*agents.Tmate{
	{Key: "adam", Name: "Adam", Role: "Starter", Description: "Knows the product", Capabilities: []string{"introduce the team"}, Keywords: []string{"help"}},
	{Key: "numbers", Name: "Dana", Role: "Analyst", Description: "Turns spreadsheets into charts", Keywords: []string{"chart", "quarterly report"}},
	{Key: "trip-planner", Name: "Mia", Role: "Travel", Description: "Plans journeys and books trains"},
}

func TestParseStopQC21(t *testing.T) {
	t.Parallel()
	everybody := []string{"adam", "numbers", "trip-planner"}
	for _, c := range []struct {
		text    string
		roster  []*agents.Tmate
		ok, ask bool
		targets []string
	}{
		{text: "stop", ok: true, ask: true, targets: everybody},
		{text: "Stop!", ok: true, ask: true, targets: everybody},
		{text: " CANCEL  please. ", ok: true, ask: true, targets: everybody},
		{text: "stop it", ok: true, ask: true, targets: everybody},
		{text: "stop", roster: roster[:1], ok: true, targets: []string{"adam"}},
		{text: "stop", roster: []*agents.Tmate{}, ok: true},
		{text: "stop all", ok: true, targets: everybody},
		{text: "cancel everything", ok: true, targets: everybody},
		{text: "stop dana", ok: true, targets: []string{"numbers"}},
		{text: "stop numbers", ok: true, targets: []string{"numbers"}},
		{text: "cancel trip planner", ok: true, targets: []string{"trip-planner"}},
		{text: "stop trip-planner now", ok: false},
		{text: "stop by tomorrow", ok: false},
		{text: "cancel my subscription", ok: false},
		{text: "stopping", ok: false},
		{text: "please stop", ok: false},
		{text: "", ok: false},
	} {
		if c.roster == nil {
			c.roster = roster
		}
		o, ok := parseStop(c.text, c.roster)
		var got []string
		for _, tm := range o.targets {
			got = append(got, tm.Key)
		}
		if ok != c.ok || o.ask != c.ask || !slices.Equal(got, c.targets) {
			t.Errorf("%q: %v, ask %v, %v; want %v, ask %v, %v", c.text, ok, o.ask, got, c.ok, c.ask, c.targets)
		}
	}
}

// TestConversation shows a tmate the thread as it was when it was asked: its own
// words apart from others', nothing of another session, and no later question.
func TestConversation(t *testing.T) {
	t.Parallel()
	msg := func(id, session, role, author, content string, payload map[string]any) tmates.Message {
		return tmates.Message{ID: id, SessionID: session, Role: role, Author: author, Content: content, Payload: payload}
	}
	messages := []tmates.Message{
		msg("0", "old", "user", "Ada", "before the reset", nil),
		msg("1", "s", "user", "Ada", "hello", nil),
		msg("2", "s", "assistant", "Adam", "hi Ada", map[string]any{"agent_key": "adam"}),
		msg("3", "s", "assistant", "Dana", "4", map[string]any{"agent_key": "numbers"}),
		msg("4", "s", "assistant", "System", "Stopped Dana.", map[string]any{"system": true}),
		msg("5", "s", "user", "Ada", "and now?", nil),
		msg("6", "s", "user", "Ada", "one more thing", nil),
		msg("7", "s", "assistant", "Adam", "answer to an earlier job", map[string]any{"agent_key": "adam"}),
	}
	job := tmates.Job{TmateKey: "adam", Metadata: map[string]any{"message_id": "5", "author": "Ada"},
		Payload: map[string]any{"cli_args": map[string]any{"message": "and now?"}}}
	want := []agents.Message{
		{Author: agents.AuthorUser, Name: "Ada", Text: "hello"},
		{Author: agents.AuthorSelf, Name: "Adam", Text: "hi Ada"},
		{Author: agents.AuthorUser, Name: "Dana", Text: "4"},
		{Author: agents.AuthorEvent, Name: "System", Text: "Stopped Dana."},
		{Author: agents.AuthorSelf, Name: "Adam", Text: "answer to an earlier job"},
		{Author: agents.AuthorUser, Name: "Ada", Text: "and now?"},
	}
	if diff := cmp.Diff(want, conversation(messages, job, "s", 0)); diff != "" {
		t.Errorf("conversation (-want +got):\n%s", diff)
	}
	for i := range messages { // a summary covers what came before message 3
		messages[i].Seq = int64(i + 1)
	}
	for i := range want[2:5] {
		want[i+2].Seq = int64([]int{4, 5, 8}[i])
	}
	if diff := cmp.Diff(want[2:], conversation(messages, job, "s", 3)); diff != "" {
		t.Errorf("conversation after a summary (-want +got):\n%s", diff)
	}
}

func TestJobQuestion(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		payload map[string]any
		want    string
	}{
		{map[string]any{"cli_args": map[string]any{"message": "m", "prompt": "p"}, "task": "t"}, "m"},
		{map[string]any{"cli_args": map[string]any{"prompt": "p"}, "task": "t"}, "p"},
		{map[string]any{"cli_args": map[string]any{"message": 7}, "task": "t"}, "t"},
		{map[string]any{}, ""},
		{map[string]any{"cli_args": map[string]any{"topic": "tea"}}, ""},
		{
			map[string]any{"cli_args": map[string]any{"message": "m", "topic": "tea", "author": "Ada", "depth": 3, "none": nil, "days": []any{"Mon", "Tue"}}},
			"m\n\nParameters:\n- days: [\"Mon\",\"Tue\"]\n- depth: 3\n- topic: tea",
		},
	} {
		if got := jobQuestion(tmates.Job{Payload: c.payload}); got != c.want {
			t.Errorf("%v: %q, want %q", c.payload, got, c.want)
		}
	}
}

func TestConversationNamesFiles(t *testing.T) {
	t.Parallel()
	as := []any{map[string]any{"uri": "/v1/files/download/q3.png", "name": "q3.png"}, map[string]any{"uri": "https://example.com/x"}}
	job := tmates.Job{Metadata: map[string]any{"attachments": as}, Payload: map[string]any{"cli_args": map[string]any{"message": ""}}}
	got := conversation(nil, job, "", 0)
	if len(got) != 1 || got[0].Text != "[attached: q3.png, a file]" {
		t.Errorf("the question reads %+v", got)
	}
}
