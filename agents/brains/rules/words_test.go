package rules

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/agents"
)

func TestPhrases(t *testing.T) {
	t.Parallel()
	type slots = map[string]string
	tests := []struct {
		pattern, question string
		want              slots // nil: no match
	}{
		{"hello", "Hello!!!", slots{}},
		{"hello", "hello there", nil},
		{"what's up", "WHATS UP?", slots{}},
		{"whats up", "What’s up", slots{}},
		{"to-do list", "to do list", slots{}},
		{"thanks *", "thanks", slots{}},
		{"thanks *", "Thanks a lot, really", slots{}},
		{"* pinboard *", "show me the pinboard now", slots{}},
		{"* pinboard", "pinboard please", nil},
		{"*", "", slots{}},
		{"pin {text...}", "pin", nil},
		{"pin {text...}", "pin C++ is fun!", slots{"text": "C++ is fun!"}},
		{"pin {text...}", "pin: milk", slots{"text": "milk"}},
		{"pin {text...}", "pin - milk", slots{"text": "milk"}},
		{"pin {text...}", "pin -5 degrees", slots{"text": "-5 degrees"}},
		{"pin {text...}", "pin:\n- milk\n- eggs", slots{"text": "- milk\n- eggs"}},
		{"pin {text...}", "pin\n- milk\n- eggs", slots{"text": "- milk\n- eggs"}},
		{"pin {text...}", "pin “quoted”", slots{"text": "“quoted”"}},
		{"remember [that] {fact...}", "remember .profile matters", slots{"fact": ".profile matters"}},
		{"remember [that] {fact...}", "Remember that I like tea.", slots{"fact": "I like tea."}},
		{"remember [that] {fact...}", "remember that", slots{"fact": "that"}},
		{"post {text...} to the board", "post we go to the board, to the board!", slots{"text": "we go to the board"}},
		{"{a...} is {b...}", "tea is what it is", slots{"a": "tea", "b": "what it is"}},
		{"{text...}", " - a b ", slots{"text": "- a b"}},
		{"my name is {name}", "My name is Jean-Luc.", slots{"name": "Jean-Luc"}},
		{"my name is {name}", "my name is Jean Luc", nil},
		{"my name is {name}", "my name is O'Brien!", slots{"name": "O'Brien"}},
		{"open {link} now", "open https://example.org/a?b=c now", slots{"link": "https://example.org/a?b=c"}},
		{"(pin|put up) {x}", "put up posters", slots{"x": "posters"}},
		{"(pin|put up) {x}", "posters", nil},
		{"[please] [can you|could you] go", "could you go", slots{}},
		{"[please] [can you|could you] go", "please go", slots{}},
		{"[a] [a] [a] a b", "a a a b", slots{}},
		{"tell me about {x...}", "Adam, tell me about Adam", slots{"x": "Adam"}},
		{"pin {x...}", "Hey Adam: pin it", slots{"x": "it"}},
		{"pin {x...}", "@adam pin it", slots{"x": "it"}},
		{"hi *", "hi Adam", slots{}},
		{"adam", "Adam?", slots{}},
		{"grüße {x}", "GRÜSSE dich", nil},
		{"grüße {x}", "Grüße dich", slots{"x": "dich"}},
		{"你好", "你好！", slots{}},
		{"👍", "👍", nil},
	}
	for _, tt := range tests {
		p, err := parsePhrase(tt.pattern)
		if err != nil {
			if tt.want != nil {
				t.Errorf("%q: %v", tt.pattern, err)
			}
			continue
		}
		got, ok := p.match(newQuestion(asked(tt.question)))
		if ok != (tt.want != nil) {
			t.Errorf("%q on %q: match %v", tt.pattern, tt.question, ok)
		} else if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%q on %q (-want +got):\n%s", tt.pattern, tt.question, diff)
		}
	}
}

func TestLongQuestionMatchesNothing(t *testing.T) {
	t.Parallel()
	b := compile(t, `
rules: [{match: "*", say: a}, {match: {regex: "."}, say: b}]
otherwise: {say: c}
`)
	if got := b.Rule(asked(strings.Repeat("x", maxQuestion+1))); got != "otherwise" {
		t.Errorf("rule %q", got)
	}
}

// A person must not be able to stop the server with a crafted question.
func TestMatchingIsLinear(t *testing.T) {
	t.Parallel()
	p, err := parsePhrase("* a {x...} a {y...} a [a] [a] {z} b")
	if err != nil {
		t.Fatal(err)
	}
	q := newQuestion(asked(strings.Repeat("a ", maxQuestion/2)))
	began := time.Now()
	if _, ok := p.match(q); ok {
		t.Error("matched")
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestAddressNeedsTheWholeName(t *testing.T) {
	t.Parallel()
	turn := agents.Turn{Tmate: &agents.Tmate{Key: "mary-ann", Name: "Mary Ann"}}
	for question, want := range map[string]string{
		"Mary Ann, go":     "go",
		"hey mary-ann go":  "go",
		"Mary, go":         "Mary, go",
		"tell Mary Ann hi": "tell Mary Ann hi",
		"Mary Ann":         "Mary Ann",
	} {
		turn.Messages = []agents.Message{{Author: agents.AuthorUser, Text: question}}
		if got := newQuestion(turn).text; got != want {
			t.Errorf("%q: %q", question, got)
		}
	}
}
