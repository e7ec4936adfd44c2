package agents_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/agents"
)

// script is a brain that says what it is told, one slice of parts a step.
type script struct {
	steps [][]agents.Part
	err   error         // after the last part of the last step
	seen  []agents.Turn // what it was asked
}

func (s *script) Think(_ context.Context, t agents.Turn) iter.Seq2[agents.Part, error] {
	return func(yield func(agents.Part, error) bool) {
		n := len(s.seen)
		s.seen = append(s.seen, t)
		for _, p := range s.steps[min(n, len(s.steps)-1)] {
			if !yield(p, nil) {
				return
			}
		}
		if s.err != nil && n >= len(s.steps)-1 {
			yield(agents.Part{}, s.err)
		}
	}
}

func say(texts ...string) (parts []agents.Part) {
	for _, text := range texts {
		parts = append(parts, agents.Part{Text: text})
	}
	return parts
}

func call(id, name, args string) agents.Part {
	return agents.Part{Calls: []agents.Call{{ID: id, Name: name, Args: json.RawMessage(args)}}}
}

func echoTool(run func(args string) (string, error)) agents.Tool {
	return agents.Tool{Name: "echo", Doing: "Echoing", Run: func(_ context.Context, args json.RawMessage) (string, error) {
		return run(string(args))
	}}
}

var adam = &agents.Tmate{Key: "adam", Name: "Adam"}

func turn(tools ...agents.Tool) agents.Turn {
	return agents.Turn{Tmate: adam, Tools: tools, Messages: []agents.Message{{Author: agents.AuthorUser, Text: "hi"}}}
}

// only makes a brain the one connected model; nil: none is.
func only(b agents.Brain) func(*agents.Tmate) []agents.Model {
	if b == nil {
		return nil
	}
	return agents.OneModel(agents.Model{Brain: b})
}

func run(t *testing.T, r agents.Runner, in agents.Turn) (agents.Reply, []agents.Progress, error) {
	t.Helper()
	var shown []agents.Progress
	reply, err := r.Run(t.Context(), in, func(p agents.Progress) { shown = append(shown, p) })
	return reply, shown, err
}

func TestRunAnswers(t *testing.T) {
	t.Parallel()
	brain := &script{steps: [][]agents.Part{append(say("Hel", "lo"), agents.Part{Usage: &agents.Usage{Model: "m", PromptTokens: 3, CompletionTokens: 2}})}}
	reply, shown, err := run(t, agents.Runner{Models: only(brain)}, turn())
	if err != nil {
		t.Fatal(err)
	}
	want := agents.Reply{Text: "Hello", Steps: 1, Usage: agents.Usage{Model: "m", PromptTokens: 3, CompletionTokens: 2}}
	if diff := cmp.Diff(want, reply); diff != "" {
		t.Errorf("reply (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]agents.Progress{{Text: "Hel"}, {Text: "lo"}}, shown); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
	if !brain.seen[0].Online {
		t.Error("the brain was not told that it is online")
	}
}

func TestRunPerformsTools(t *testing.T) {
	t.Parallel()
	brain := &script{steps: [][]agents.Part{
		append(say("Let me see."), call("c1", "echo", `{"x":1}`), call("c2", "missing", `{}`), call("c3", "echo", `[1]`), call("c4", "echo", "")),
		say("Done."),
	}}
	reply, shown, err := run(t, agents.Runner{Models: only(brain)}, turn(echoTool(func(args string) (string, error) { return "echo " + args, nil })))
	if err != nil {
		t.Fatal(err)
	}
	if reply.Text != "Let me see.\n\nDone." || reply.Steps != 2 {
		t.Errorf("reply: %+v", reply)
	}
	want := []agents.Progress{{Text: "Let me see."}, {Tool: "echo", Doing: "Echoing"}, {Tool: "echo", Doing: "Echoing"}, {Text: "\n\nDone."}}
	if diff := cmp.Diff(want, shown); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
	var results []string
	for _, m := range brain.seen[1].Messages {
		if m.Author == agents.AuthorTool {
			text, marked := strings.CutPrefix(m.Text, "⟦quote: result of "+m.Name+"⟧\n")
			text, ended := strings.CutSuffix(text, "\n⟦end of quote⟧")
			if !marked || !ended {
				t.Errorf("the result is not marked: %q", m.Text)
			}
			results = append(results, m.CallID+": "+text)
		}
	}
	wantResults := []string{`c1: echo {"x":1}`, `c2: There is no tool named "missing".`, "c3: The arguments are not a JSON object.", "c4: echo {}"}
	if diff := cmp.Diff(wantResults, results); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
}

func TestRunStopsAtTheLastStep(t *testing.T) {
	t.Parallel()
	brain := &script{steps: [][]agents.Part{{call("c", "echo", `{}`)}}}
	calls := 0
	reply, _, err := run(t, agents.Runner{Models: only(brain), MaxSteps: 3}, turn(echoTool(func(string) (string, error) { calls++; return "again", nil })))
	if err != nil {
		t.Fatal(err)
	}
	if reply.Steps != 3 || calls != 2 {
		t.Errorf("%d steps and %d calls, want 3 and 2", reply.Steps, calls)
	}
	if brain.seen[2].Tools != nil {
		t.Error("the last step was offered tools")
	}
}

func TestRunEndsWithTheError(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk gone")
	for name, c := range map[string]struct {
		brain *script
		tool  func(string) (string, error)
		want  string
	}{
		"brain": {brain: &script{steps: [][]agents.Part{say("Well,")}, err: broken}, want: "think: disk gone"},
		"tool": {
			brain: &script{steps: [][]agents.Part{{call("c", "echo", `{}`)}}},
			tool:  func(string) (string, error) { return "", broken }, want: "run tool echo: disk gone",
		},
	} {
		_, _, err := run(t, agents.Runner{Models: only(c.brain)}, turn(echoTool(c.tool)))
		if !errors.Is(err, broken) || err.Error() != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	_, _, err := run(t, agents.Runner{Models: only(&script{steps: [][]agents.Part{{call("c", "echo", `{}`)}}})},
		turn(echoTool(func(string) (string, error) { panic("bug") })))
	if err == nil || !strings.HasPrefix(err.Error(), "run tool echo: panic: bug") {
		t.Errorf("a panicking tool: %v", err)
	}
}

func TestRunBoundsToolResults(t *testing.T) {
	t.Parallel()
	brain := &script{steps: [][]agents.Part{{call("c", "echo", `{}`)}, say("ok")}}
	if _, _, err := run(t, agents.Runner{Models: only(brain)}, turn(echoTool(func(string) (string, error) { return strings.Repeat("é", 20_000), nil }))); err != nil {
		t.Fatal(err)
	}
	got := brain.seen[1].Messages[len(brain.seen[1].Messages)-1].Text
	if len(got) > 17_000 || !strings.HasSuffix(got, "[cut here: the result was longer]\n⟦end of quote⟧") || strings.ContainsRune(got, '\uFFFD') {
		t.Errorf("%d bytes, ends with %q", len(got), got[len(got)-40:])
	}
}

// hang is a brain that answers only when its context ends.
type hang struct{}

func (hang) Think(ctx context.Context, _ agents.Turn) iter.Seq2[agents.Part, error] {
	return func(yield func(agents.Part, error) bool) {
		<-ctx.Done()
		yield(agents.Part{}, ctx.Err())
	}
}

func TestRunTimesOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		r := agents.Runner{Models: only(hang{}), Timeout: time.Minute}
		_, err := r.Run(t.Context(), turn(), func(agents.Progress) {})
		if !errors.Is(err, agents.ErrTimeout) || time.Since(begun) != time.Minute {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
	})
}

func TestRunTellsWhyItWasStopped(t *testing.T) {
	t.Parallel()
	why := errors.New("cancelled by ada")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	r := agents.Runner{Models: only(hang{})}
	if _, err := r.Run(ctx, turn(), func(agents.Progress) {}); !errors.Is(err, why) {
		t.Errorf("%v, want %v", err, why)
	}
}

func TestWhichBrainAnswers(t *testing.T) {
	t.Parallel()
	brain := func(text string) agents.Brain { return &script{steps: [][]agents.Part{say(text)}} }
	withRules := &agents.Tmate{Key: "nora", Rules: brain("rules")}
	thinking := func(kind string) *agents.Tmate {
		return &agents.Tmate{Key: kind, Rules: brain("rules"), Thinking: agents.Thinking{Kind: kind}}
	}
	compose := func(rules, model agents.Brain, sure float64) agents.Brain {
		first := func(b agents.Brain) string {
			for p := range b.Think(t.Context(), turn()) {
				return p.Text
			}
			return ""
		}
		return brain(fmt.Sprintf("composed of %s and %s, sure at %v", first(rules), first(model), sure))
	}
	for _, c := range []struct {
		model agents.Brain
		tmate *agents.Tmate
		want  string
	}{
		{brain("model"), withRules, "model"},
		{nil, withRules, "rules"},
		{nil, adam, "offline"},
		{brain("model"), thinking(agents.ThinkRules), "rules"},
		{brain("model"), thinking(agents.ThinkModel), "model"},
		{nil, thinking(agents.ThinkModel), "offline"},
		{brain("model"), thinking(agents.ThinkComposite), "composed of rules and model, sure at 0.7"},
		{nil, thinking(agents.ThinkComposite), "rules"},
	} {
		in := turn()
		in.Tmate = c.tmate
		reply, _, err := run(t, agents.Runner{Models: only(c.model), Offline: brain("offline"), Compose: compose}, in)
		if err != nil || reply.Text != c.want {
			t.Errorf("answered by %q (%v), want %q", reply.Text, err, c.want)
		}
	}
}

func TestProviderErrorTemporary(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]bool{0: true, 400: false, 401: false, 404: false, 408: true, 409: true, 422: false, 425: true, 429: true, 500: true, 503: true} {
		if got := (&agents.ProviderError{Status: status}).Temporary(); got != want {
			t.Errorf("status %d: temporary is %v", status, got)
		}
	}
	if (&agents.ProviderError{Status: 429, Fatal: true}).Temporary() {
		t.Error("a fatal error is temporary")
	}
}

func TestNoToolRunsAfterTheEnd(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("cancelled by ada")
	ran := 0
	brain := &script{steps: [][]agents.Part{{call("c1", "echo", `{}`), call("c2", "echo", `{}`)}}}
	r := agents.Runner{Models: only(brain)}
	_, err := r.Run(ctx, turn(echoTool(func(string) (string, error) { ran++; cancel(why); return "ok", nil })), func(agents.Progress) {})
	if !errors.Is(err, why) || ran != 1 {
		t.Errorf("%d tools ran, %v", ran, err)
	}
}
