package rules

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/agents"
)

// think runs one step and returns the text, the calls and the number of parts.
func think(t testing.TB, b *Brain, turn agents.Turn) (text string, calls []agents.Call, parts int) {
	t.Helper()
	for part, err := range b.Think(context.Background(), turn) {
		if err != nil {
			t.Fatalf("Think: %v", err)
		}
		text += part.Text
		calls = append(calls, part.Calls...)
		parts++
	}
	return text, calls, parts
}

func compile(t testing.TB, src string) *Brain {
	t.Helper()
	b, err := Compile("rules.yaml", []byte(src))
	if err != nil {
		t.Fatalf("Compile: %v", err)
	}
	return b
}

func asked(text string) agents.Turn {
	return agents.Turn{
		Tmate:    &agents.Tmate{Key: "adam", Name: "Adam"},
		UserName: "Mia",
		JobID:    "job-1",
		Now:      time.Date(2026, 11, 22, 8, 5, 0, 0, time.UTC),
		Messages: []agents.Message{{Author: agents.AuthorUser, Name: "Mia", Text: text}},
		Tools:    []agents.Tool{{Name: "create_pinboard_post"}},
	}
}

const pinRules = `
rules:
  - name: pin
    match: "pin {text...}"
    call: {tool: create_pinboard_post, args: {title: "{text|title|first(12)}", content_md: "{text}", priority: 2, loud: true}}
    say: "Pinned for {user}: {result}"
otherwise: {say: "No idea."}
`

func TestCallThenAnswer(t *testing.T) {
	t.Parallel()
	b := compile(t, pinRules)
	turn := asked("Pin: buy milk and \"eggs\".")
	text, calls, _ := think(t, b, turn)
	want := []agents.Call{{
		ID: "call_1", Name: "create_pinboard_post",
		Args: json.RawMessage(`{"content_md":"buy milk and \"eggs\".","loud":true,"priority":2,"title":"Buy milk…"}`),
	}}
	if diff := cmp.Diff(want, calls); diff != "" || text != "" {
		t.Fatalf("first step: text %q, calls (-want +got):\n%s", text, diff)
	}
	turn.Messages = append(turn.Messages,
		agents.Message{Author: agents.AuthorSelf, Calls: calls},
		agents.Message{Author: agents.AuthorTool, CallID: "call_1", Text: "post “Buy milk…”\n"})
	text, calls, _ = think(t, b, turn)
	if text != "Pinned for Mia: post “Buy milk…”" || calls != nil {
		t.Fatalf("second step: %q, %v", text, calls)
	}
}

func TestToolMissing(t *testing.T) {
	t.Parallel()
	turn := asked("pin x")
	turn.Tools = nil
	text, calls, _ := think(t, compile(t, pinRules), turn)
	want := "I cannot do that here: it needs the tool create_pinboard_post, which is not available. Nothing was done."
	if text != want || calls != nil {
		t.Fatalf("got %q, %v", text, calls)
	}
}

func TestForeignResultEndsTheTurn(t *testing.T) {
	t.Parallel()
	b := compile(t, pinRules)
	tests := []struct{ name, id, tool, result, want string }{
		{"another brain's call", "abc", "read_file", "the file", "the file"},
		{"same id, other tool", "call_1", "read_file", "the file", "the file"},
		{"no such rule", "call_9", "create_pinboard_post", "", "The tool gave no answer."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			turn := asked("pin x")
			turn.Messages = append(turn.Messages,
				agents.Message{Author: agents.AuthorSelf, Calls: []agents.Call{{ID: tt.id, Name: tt.tool}}},
				agents.Message{Author: agents.AuthorTool, CallID: tt.id, Text: tt.result})
			if text, calls, _ := think(t, b, turn); text != tt.want || calls != nil {
				t.Fatalf("got %q, %v; want %q", text, calls, tt.want)
			}
		})
	}
}

func TestFirstMatchWinsAndConditions(t *testing.T) {
	t.Parallel()
	b := compile(t, `
rules:
  - {name: off, match: "hello", when: {online: false, group: false}, say: a}
  - {name: group, match: "hello", when: {group: true}, say: b}
  - {name: known, match: "hello", when: {facts: true}, say: c}
  - {match: "hello", say: d}
otherwise: {say: e}
`)
	tests := []struct {
		online, group bool
		facts         []string
		text, want    string
	}{
		{false, false, nil, "Hello!", "off"},
		{true, true, nil, "hello", "group"},
		{true, false, []string{"x"}, "hello", "known"},
		{true, false, nil, "hello", "rule 4"},
		{true, false, nil, "hello you", "otherwise"},
		{true, false, nil, "", "otherwise"},
	}
	for _, tt := range tests {
		turn := asked(tt.text)
		turn.Online, turn.Group, turn.Memory = tt.online, tt.group, tt.facts
		if got := b.Rule(turn); got != tt.want {
			t.Errorf("%+v: rule %q", tt, got)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	b := compile(t, `
otherwise: {say: "{user}|{tmate}|{date}|{time}|{question|upper}|{facts}|{{}}"}
`)
	turn := asked("  hi\tyou ")
	turn.TimeZone = "Europe/Berlin"
	turn.Memory = []string{"likes\ntea", "", "has a cat"}
	text, _, _ := think(t, b, turn)
	want := "Mia|Adam|Sunday, 22 November 2026|09:05 CET|HI\tYOU|- likes tea\n- has a cat|{}"
	if text != want {
		t.Errorf("got  %q\nwant %q", text, want)
	}
	for _, zone := range []string{"", "Local", "Not/AZone"} {
		turn.TimeZone = zone
		if text, _, _ := think(t, b, turn); !strings.Contains(text, "|08:05 UTC|") {
			t.Errorf("zone %q: %q", zone, text)
		}
	}
	turn.UserName, turn.Tmate, turn.Memory = "", nil, nil
	if text, _, _ := think(t, b, turn); !strings.HasPrefix(text, "there||Sunday") {
		t.Errorf("without names: %q", text)
	}
}

func TestEmptyAnswerIsReplaced(t *testing.T) {
	t.Parallel()
	b := compile(t, `
rules: [{match: "facts", say: "{facts}"}]
otherwise: {say: "{facts}"}
`)
	if text, _, _ := think(t, b, asked("facts")); text != noAnswer {
		t.Errorf("got %q", text)
	}
}

func TestVariantsAreStableAndVaried(t *testing.T) {
	t.Parallel()
	b := compile(t, `otherwise: {say: [one, two, three]}`)
	seen := map[string]bool{}
	for job := range 40 {
		turn := asked("hi")
		turn.JobID = strings.Repeat("j", job)
		first, _, _ := think(t, b, turn)
		again, _, _ := think(t, b, turn)
		if first != again {
			t.Fatalf("job %d: %q then %q", job, first, again)
		}
		seen[first] = true
	}
	if len(seen) != 3 {
		t.Errorf("variants used: %v", seen)
	}
}

func TestAnswersAreStreamed(t *testing.T) {
	t.Parallel()
	b := compile(t, `otherwise: {say: "one two three  four\nfive six seven"}`)
	var got []string
	for part := range b.Think(t.Context(), asked("x")) {
		got = append(got, part.Text)
	}
	want := []string{"one two three  ", "four\nfive six ", "seven"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
	for range b.Think(t.Context(), asked("x")) {
		break // must not panic: the sequence stops with the loop
	}
	long := compile(t, `otherwise: {say: "{question}"}`)
	question := strings.Repeat("word ", 20000)
	text, _, parts := think(t, long, asked(question))
	if parts > maxParts+1 || !strings.HasPrefix(question, strings.TrimSuffix(text, "…")) || len(text) < maxAnswer {
		t.Errorf("%d parts, %d bytes", parts, len(text))
	}
}

func TestCancelledTurn(t *testing.T) {
	t.Parallel()
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stop)
	n := 0
	for part, err := range compile(t, `otherwise: {say: hello}`).Think(ctx, asked("x")) {
		n++
		if !errors.Is(err, stop) || part.Text != "" {
			t.Errorf("got %q, %v", part.Text, err)
		}
	}
	if n != 1 {
		t.Errorf("%d parts", n)
	}
}

func FuzzThink(f *testing.F) {
	for _, seed := range []string{"pin milk", "Hey Adam, pin: a - b", "", "👍", "what's up", "post a to the board", "\xff", "it's '", "foo foo bar", "@adam", "a table on friday", "x\n[attached: a, b]", "never mind"} {
		f.Add(seed, "Mia", "likes tea", false)
		f.Add(seed, "Mia", "a table", true)
	}
	b, err := Compile("rules.yaml", []byte(`
rules:
  - match: ["* foo {a...} bar {b} *"]
    say: "{a|title|first(5)} {b|trim} {user}"
  - match: ["pin {t...}", "post {t...} to the board", {regex: '^(?P<t>[^:]+): x'}]
    call: {tool: create_pinboard_post, args: {title: "{t|title|first(20)}", content_md: "{t}"}}
    say: "{result}"
  - match: ["[please|would you] (what is|whats) *"]
    when: {facts: true}
    say: "{facts} {time} {question|lower}"
  - intent: {keywords: [table, "(two|four)"]}
    slots: {day: {ask: "Which day, {user}?", match: "* on {day}"}, hour: {ask: "{day}, when?"}}
    call: [{tool: create_pinboard_post, args: {title: "{hour}"}, as: one}, {tool: create_pinboard_post, args: {title: "{one}{result}"}}]
    say: "{result} {one} {attached}"
otherwise: {say: ["{question|trim}", "x"]}
`))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, question, user, fact string, tool bool) {
		turn := asked(question)
		turn.UserName, turn.Memory, turn.TimeZone = user, []string{fact}, fact
		turn.Tmate.Name = user
		if tool { // the answer to what a rule may have asked back
			turn.Messages[0].Text = fact
			text, _, _ := think(t, b, turn)
			turn.Messages = append(turn.Messages, agents.Message{Author: agents.AuthorSelf, Text: text},
				agents.Message{Author: agents.AuthorUser, Name: "Mia", Text: question})
			if score := b.Score(turn); score < 0 || score > 1 {
				t.Fatalf("score %v", score)
			}
		} else {
			turn.Messages = append(turn.Messages,
				agents.Message{Author: agents.AuthorSelf, Calls: []agents.Call{{ID: "call_2", Name: "create_pinboard_post"}}},
				agents.Message{Author: agents.AuthorTool, CallID: "call_2", Text: fact})
		}
		text, calls, parts := think(t, b, turn)
		again, _, _ := think(t, b, turn)
		if text != again {
			t.Fatalf("not stable: %q then %q", text, again)
		}
		if !utf8.ValidString(text) || (text == "") != (len(calls) == 1) || parts == 0 {
			t.Fatalf("text %q, calls %v, parts %d", text, calls, parts)
		}
		for _, c := range calls {
			var args map[string]string
			if err := json.Unmarshal(c.Args, &args); err != nil {
				t.Fatalf("args %s: %v", c.Args, err)
			}
		}
	})
}
