package composite_test

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"strings"
	"testing"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/brains/composite"
	"github.com/tmates/tmates/agents/brains/rules"
)

// scripted says its parts and then fails, if it has an error.
type scripted struct {
	parts []agents.Part
	err   error
	asked *int
}

func (s scripted) Think(context.Context, agents.Turn) iter.Seq2[agents.Part, error] {
	return func(yield func(agents.Part, error) bool) {
		if s.asked != nil {
			*s.asked++
		}
		for _, p := range s.parts {
			if !yield(p, nil) {
				return
			}
		}
		if s.err != nil {
			yield(agents.Part{}, s.err)
		}
	}
}

func say(text string) scripted { return scripted{parts: []agents.Part{{Text: text}}} }

func compiled(t *testing.T) agents.Brain {
	t.Helper()
	b, err := rules.Compile("rules.yaml", []byte(`
rules:
  - {match: "help", say: "I pin things."}
  - {match: "* pin *", say: "Pinning, maybe."}
  - {match: ["note {text...}", "* please note {text...}"], call: {tool: remember, args: {fact: "{text}"}}, say: "Kept: {result}"}
  - {match: "*", when: {online: true}, say: "Please try again."}
otherwise: {say: "No model is connected."}
`))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func turn(text string) agents.Turn {
	return agents.Turn{
		Messages: []agents.Message{{Author: agents.AuthorUser, Text: text}}, Online: true,
	}
}

func think(t *testing.T, b agents.Brain, tn agents.Turn) (text string, calls []agents.Call, err error) {
	t.Helper()
	for part, e := range b.Think(t.Context(), tn) {
		text += part.Text
		calls = append(calls, part.Calls...)
		err = e
	}
	return text, calls, err
}

func TestWhoAnswers(t *testing.T) {
	t.Parallel()
	busy := &agents.ProviderError{Status: 503, Msg: "The service is busy."}
	badKey := &agents.ProviderError{Status: 401, Fatal: true, Msg: "The key is wrong."}
	odd := errors.New("odd")
	for _, tt := range []struct {
		name, say string
		model     agents.Brain
		want      string
		err       error
	}{
		{"sure rules", "help", say("model"), "I pin things.", nil},
		{"half sure", "please pin it", say("model"), "model", nil},
		{"catch-all", "anything", say("model"), "model", nil},
		{"no model", "anything", nil, "Please try again.", nil},
		{"busy", "anything", scripted{err: busy}, composite.Label + "\n\nPlease try again.", nil},
		{"bad key", "please pin it", scripted{err: badKey}, composite.Label + "\n\nPinning, maybe.", nil},
		{"wrapped", "anything", scripted{err: errors.Join(odd, busy)}, composite.Label + "\n\nPlease try again.", nil},
		{"sure rules of a model that is down", "help", scripted{err: busy}, "I pin things.", nil},
		{"it broke off", "anything", scripted{parts: []agents.Part{{Text: "Well"}}, err: busy}, "Well", busy},
		{"another error", "anything", scripted{err: odd}, "", odd},
		{"a refusal that is neither", "anything", scripted{err: &agents.ProviderError{Status: 401}}, composite.Label + "\n\nPlease try again.", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text, _, err := think(t, composite.New(compiled(t), tt.model, 0.7), turn(tt.say))
			if text != tt.want || (err == nil) != (tt.err == nil) || err != nil && err.Error() != tt.err.Error() {
				t.Errorf("%q, %v; want %q, %v", text, err, tt.want, tt.err)
			}
		})
	}
}

// The label comes first also when the rules have to use a tool.
func TestLabelBeforeACall(t *testing.T) {
	t.Parallel()
	down := scripted{err: &agents.ProviderError{Msg: "down"}}
	r := &agents.Runner{
		Models:  agents.OneModel(agents.Model{Provider: "one", Brain: down}),
		Compose: func(rules, model agents.Brain, sure float64) agents.Brain { return composite.New(rules, model, sure) },
	}
	tn := turn("now please note the key is blue")
	tn.Tmate = &agents.Tmate{Rules: compiled(t), Thinking: agents.Thinking{Kind: agents.ThinkComposite, Sure: 0.7}}
	tn.Tools = []agents.Tool{{Name: "remember", Run: func(context.Context, json.RawMessage) (string, error) { return "ok", nil }}}
	reply, err := r.Run(t.Context(), tn, func(agents.Progress) {})
	if want := composite.Label + "\n\nKept: ok"; err != nil || reply.Text != want {
		t.Errorf("%q, %v", reply.Text, err)
	}
}

// What a tool answered goes to the brain that asked for it.
func TestATurnStaysWithItsBrain(t *testing.T) {
	t.Parallel()
	asked := 0
	b := composite.New(compiled(t), scripted{parts: []agents.Part{{Text: "model"}}, asked: &asked}, 0.7)
	tn := turn("help")
	tn.Messages = append(tn.Messages, agents.Message{Author: agents.AuthorSelf, Calls: []agents.Call{{ID: "x1", Name: "recall"}}},
		agents.Message{Author: agents.AuthorTool, CallID: "x1", Text: "tea"})
	if text, _, err := think(t, b, tn); text != "model" || err != nil {
		t.Errorf("the model's turn: %q, %v", text, err)
	}
	tn = turn("note tea")
	tn.Tools = []agents.Tool{{Name: "remember"}}
	_, calls, _ := think(t, b, tn)
	if len(calls) != 1 {
		t.Fatalf("calls %v", calls)
	}
	tn.Messages = append(tn.Messages, agents.Message{Author: agents.AuthorSelf, Calls: calls},
		agents.Message{Author: agents.AuthorTool, CallID: calls[0].ID, Text: "ok"})
	if text, _, err := think(t, b, tn); text != "Kept: ok" || err != nil || asked != 1 {
		t.Errorf("the rules' turn: %q, %v; the model was asked %d times", text, err, asked)
	}
}

func TestFallbackIsTold(t *testing.T) {
	t.Parallel()
	b := composite.New(compiled(t), scripted{err: &agents.ProviderError{Msg: "The key is wrong.", Fatal: true}}, 0.7)
	told := ""
	b.OnFallback = func(_ agents.Turn, err *agents.ProviderError) { told = err.Msg }
	for part := range b.Think(t.Context(), turn("anything")) { // stops with the loop
		if !strings.HasPrefix(part.Text, composite.Label) {
			t.Errorf("first part %q", part.Text)
		}
		break
	}
	if told != "The key is wrong." {
		t.Errorf("told %q", told)
	}
}

func TestCancelledTurnIsNotAnswered(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b := composite.New(compiled(t), scripted{err: &agents.ProviderError{Err: context.Canceled}}, 0.7)
	b.OnFallback = func(agents.Turn, *agents.ProviderError) { t.Error("a turn that ended is no failure of the provider") }
	for part, err := range b.Think(ctx, turn("anything")) {
		if err == nil || part.Text != "" {
			t.Errorf("%q, %v", part.Text, err)
		}
	}
}
