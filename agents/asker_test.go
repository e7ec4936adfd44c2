package agents_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tmates/tmates/agents"
)

// model is a brain made of a function; it notes what it was asked.
type model struct {
	seen  []agents.Turn
	think func(n int, t agents.Turn) ([]agents.Part, error) // n counts from 0
}

func (m *model) Think(_ context.Context, t agents.Turn) iter.Seq2[agents.Part, error] {
	return func(yield func(agents.Part, error) bool) {
		n := len(m.seen)
		m.seen = append(m.seen, t)
		parts, err := m.think(n, t)
		for _, p := range parts {
			if !yield(p, nil) {
				return
			}
		}
		if err != nil {
			yield(agents.Part{}, err)
		}
	}
}

func always(parts ...agents.Part) func(int, agents.Turn) ([]agents.Part, error) {
	return func(int, agents.Turn) ([]agents.Part, error) { return parts, nil }
}

func failing(err error, parts ...agents.Part) func(int, agents.Turn) ([]agents.Part, error) {
	return func(int, agents.Turn) ([]agents.Part, error) { return parts, err }
}

func models(all ...agents.Model) func(*agents.Tmate) []agents.Model {
	return func(*agents.Tmate) []agents.Model { return all }
}

var (
	busy    = &agents.ProviderError{Status: 503, Msg: "Busy."}
	badKey  = &agents.ProviderError{Status: 401, Msg: "Bad key."}
	noModel = &agents.ProviderError{Status: 404, Msg: "No such model."}
)

func TestFallback(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first, second func(int, agents.Turn) ([]agents.Part, error)
		want          string
		err           error
	}{
		"the first answers":           {always(say("one")...), always(say("two")...), "one", nil},
		"the first is busy":           {failing(busy), always(say("two")...), "two", nil},
		"the first refuses":           {failing(badKey), always(say("two")...), "two", nil},
		"only usage came":             {failing(busy, agents.Part{Usage: &agents.Usage{}}), always(say("two")...), "two", nil},
		"the first had begun":         {failing(busy, say("on")...), always(say("two")...), "on", busy},
		"a failure of ours":           {failing(errors.ErrUnsupported), always(say("two")...), "", errors.ErrUnsupported},
		"both refuse":                 {failing(badKey), failing(noModel), "", badKey},
		"one of them may come back":   {failing(badKey), failing(busy), "", busy},
		"the first may come back too": {failing(busy), failing(badKey), "", busy},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := agents.Runner{Models: models(agents.Model{Brain: &model{think: c.first}}, agents.Model{Brain: &model{think: c.second}})}
			reply, _, err := run(t, r, turn())
			if reply.Text != c.want || !errors.Is(err, c.err) {
				t.Errorf("%q, %v; want %q, %v", reply.Text, err, c.want, c.err)
			}
		})
	}
}

// A model that failed once is not asked again in the same turn.
func TestFallbackStays(t *testing.T) {
	t.Parallel()
	first := &model{think: failing(busy)}
	second := &model{think: func(n int, _ agents.Turn) ([]agents.Part, error) {
		if n == 0 {
			return []agents.Part{call("c", "echo", "{}")}, nil
		}
		return append(say("done"), agents.Part{Usage: &agents.Usage{PromptTokens: 5, CompletionTokens: 1}}), nil
	}}
	r := agents.Runner{Models: models(agents.Model{Provider: "a", Brain: first},
		agents.Model{Provider: "b", Brain: second, Asking: agents.Asking{Model: "m2"}})}
	reply, _, err := run(t, r, turn(echoTool(func(string) (string, error) { return "ok", nil })))
	if err != nil {
		t.Fatal(err)
	}
	want := agents.Reply{Text: "done", Steps: 2, Did: []agents.Step{{Tool: "echo", Doing: "Echoing"}}, Usage: agents.Usage{Provider: "b", Model: "m2", PromptTokens: 5, CompletionTokens: 1}}
	if diff := cmp.Diff(want, reply, cmpopts.IgnoreFields(agents.Step{}, "Took")); diff != "" {
		t.Errorf("reply (-want +got):\n%s", diff)
	}
	if len(first.seen) != 1 {
		t.Errorf("the first model was asked %d times", len(first.seen))
	}
}

// What the manifest sets wins over the provider, but never names another
// service's model and never widens a window.
func TestAsking(t *testing.T) {
	t.Parallel()
	warm, cool := 0.9, 0.1
	one, two := &model{think: failing(busy)}, &model{think: always(say("ok")...)}
	in := turn()
	in.Tmate = &agents.Tmate{Key: "ida", Thinking: agents.Thinking{Asking: agents.Asking{
		Model: "own", Temperature: &cool, Effort: "high", Window: 50_000,
	}}}
	r := agents.Runner{Models: models(
		agents.Model{Brain: one, Asking: agents.Asking{Model: "m1", Temperature: &warm, MaxOutputTokens: 100, Window: 128_000}},
		agents.Model{Brain: two, Asking: agents.Asking{Model: "m2", Window: 9000}},
	)}
	if _, _, err := run(t, r, in); err != nil {
		t.Fatal(err)
	}
	got := []agents.Asking{one.seen[0].Asking, two.seen[0].Asking}
	want := []agents.Asking{
		{Model: "own", Temperature: &cool, Effort: "high", MaxOutputTokens: 100, Window: 50_000},
		{Model: "m2", Temperature: &cool, Effort: "high", Window: 9000},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("asked with (-want +got):\n%s", diff)
	}
}

// history is a thread of n messages of about so many tokens each, numbered from
// 1, with the question last.
func history(n, tokens int) (all []agents.Message) {
	for i := range n {
		author := agents.AuthorUser
		if i%2 == 1 {
			author = agents.AuthorSelf
		}
		all = append(all, agents.Message{Author: author, Name: "Ann", Seq: int64(i + 1), Text: fmt.Sprintf("message %d %s", i+1, strings.Repeat("abc ", tokens))})
	}
	return append(all, agents.Message{Author: agents.AuthorUser, Name: "Ann", Text: "And now?"})
}

func windowed(b agents.Brain, window int) agents.Model {
	return agents.Model{Provider: "p", Brain: b, Asking: agents.Asking{Model: "m", Window: window}}
}

// cost is what the window of a request holds, by the estimate.
func cost(t agents.Turn) (n int) {
	n = agents.Tokens(t.Tmate.Prompt) + agents.Tokens(t.Summary)
	for _, f := range t.Memory {
		n += agents.Tokens(f)
	}
	for _, m := range t.Messages {
		n += agents.Tokens(m.Text)
	}
	return n
}

func TestWindow(t *testing.T) {
	t.Parallel()
	const window = 4096
	facts := func(n int) (all []string) {
		for i := range n {
			all = append(all, fmt.Sprintf("fact %d is that %s", i, strings.Repeat("word ", 20)))
		}
		return all
	}
	for name, c := range map[string]struct {
		change func(*agents.Turn)
		left   agents.Left
	}{
		"everything fits":        {func(t *agents.Turn) { t.Messages, t.Memory = history(6, 50), facts(3) }, agents.Left{}},
		"a long history":         {func(t *agents.Turn) { t.Messages = history(40, 100) }, agents.Left{Messages: 16}},
		"older ones not loaded":  {func(t *agents.Turn) { t.Messages, t.Earlier = history(2, 10), true }, agents.Left{Earlier: true}},
		"many short ones":        {func(t *agents.Turn) { t.Messages = history(300, 1) }, agents.Left{Messages: 100}},
		"many facts":             {func(t *agents.Turn) { t.Memory = facts(100) }, agents.Left{Facts: 82}},
		"a question like a book": {func(t *agents.Turn) { t.Messages[0].Text = strings.Repeat("abc ", 20_000) }, agents.Left{Characters: 73420}},
		"pictures":               {func(t *agents.Turn) { t.Messages[0].Images = make([]agents.Image, 2) }, agents.Left{Images: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &model{think: always(say("ok")...)}
			in := turn()
			c.change(&in)
			question := in.Messages[len(in.Messages)-1].Text
			reply, _, err := run(t, agents.Runner{Models: models(windowed(m, window))}, in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.left, reply.Left); diff != "" {
				t.Errorf("left out (-want +got):\n%s", diff)
			}
			asked := m.seen[0]
			if got := cost(asked); got > window*3/4 {
				t.Errorf("the request has about %d tokens, the window %d", got, window)
			}
			if last := asked.Messages[len(asked.Messages)-1].Text; c.left.Characters == 0 && last != question {
				t.Errorf("the question became %.60q", last)
			}
			if n := len(asked.Memory); n > 0 && asked.Memory[n-1] != in.Memory[len(in.Memory)-1] {
				t.Error("the newest fact is missing")
			}
		})
	}
}

// Results of tools give way before the question does, the older first.
func TestWindowInALoop(t *testing.T) {
	t.Parallel()
	m := &model{think: func(n int, _ agents.Turn) ([]agents.Part, error) {
		if n < 3 {
			return []agents.Part{call(fmt.Sprint("c", n), "echo", "{}")}, nil
		}
		return say("ok"), nil
	}}
	in := turn(echoTool(func(string) (string, error) { return strings.Repeat("long ", 1500), nil }))
	in.Messages[0].Text = "Read it all"
	reply, _, err := run(t, agents.Runner{Models: models(windowed(m, 6000))}, in)
	if err != nil || reply.Left.Characters == 0 {
		t.Fatalf("%+v, %v", reply, err)
	}
	asked := m.seen[3].Messages
	if asked[0].Text != "Read it all" {
		t.Errorf("the question became %q", asked[0].Text)
	}
	if first, last := len(asked[2].Text), len(asked[6].Text); first >= last || !strings.Contains(asked[2].Text, "are left out here]") {
		t.Errorf("the first result has %d bytes, the last %d", first, last)
	}
}

func TestInstructionsTooLong(t *testing.T) {
	t.Parallel()
	m := &model{think: always(say("ok")...)}
	in := turn()
	in.Tmate = &agents.Tmate{Key: "ida", Name: "Ida", Prompt: strings.Repeat("Be kind. ", 2000)}
	_, _, err := run(t, agents.Runner{Models: models(windowed(m, 4096))}, in)
	p, ok := errors.AsType[*agents.ProviderError](err)
	if !ok || p.Temporary() || len(m.seen) != 0 || !strings.HasPrefix(p.Msg, "The model reads 4096 tokens at a time, and the instructions of Ida alone need about ") {
		t.Errorf("%v after %d requests", err, len(m.seen))
	}
}

// An overflow is put into a summary once, on top of the one before, and counts
// what it costs.
func TestSummary(t *testing.T) {
	t.Parallel()
	isMinutes := func(t agents.Turn) bool { return strings.Contains(t.Tmate.Prompt, "minutes of a conversation") }
	m := &model{think: func(n int, t agents.Turn) ([]agents.Part, error) {
		usage := agents.Part{Usage: &agents.Usage{PromptTokens: 100, CompletionTokens: 10}}
		switch {
		case isMinutes(t):
			return []agents.Part{{Text: "They spoke about tea."}, usage}, nil
		case n == 2:
			return []agents.Part{call("c", "echo", "{}"), usage}, nil
		}
		return []agents.Part{{Text: "ok"}, usage}, nil
	}}
	in := turn(echoTool(func(string) (string, error) { return "fine", nil }))
	in.ThreadID, in.Messages, in.Summary = "th", history(40, 100), "Before, they spoke about coffee."
	var kept []agents.Summary
	r := agents.Runner{Models: models(windowed(m, 4096)), Keep: func(_ context.Context, _ agents.Turn, s agents.Summary) error {
		kept = append(kept, s)
		return nil
	}}
	reply, _, err := run(t, r, in)
	if err != nil {
		t.Fatal(err)
	}
	// 40 messages overflow by 16; half of the other 24 goes as well, in two requests.
	if diff := cmp.Diff([]agents.Summary{{Text: "They spoke about tea.", Through: 18}, {Text: "They spoke about tea.", Through: 28}}, kept); diff != "" {
		t.Fatalf("kept (-want +got):\n%s", diff)
	}
	want := agents.Reply{Text: "ok", Steps: 2, Did: []agents.Step{{Tool: "echo", Doing: "Echoing"}}, Usage: agents.Usage{Provider: "p", Model: "m", PromptTokens: 400, CompletionTokens: 40}}
	if diff := cmp.Diff(want, reply, cmpopts.IgnoreFields(agents.Step{}, "Took")); diff != "" {
		t.Errorf("reply (-want +got):\n%s", diff)
	}
	if minutes := m.seen[0].Messages[0].Text; !strings.Contains(minutes, "coffee") || !strings.Contains(minutes, "message 1 ") || strings.Contains(minutes, "And now?") {
		t.Errorf("the minutes are made of %.200q", minutes)
	}
	for _, step := range m.seen[2:] {
		if step.Summary != "They spoke about tea." || step.Messages[0].Seq != kept[1].Through+1 {
			t.Errorf("a step sees the summary %q and begins with message %d", step.Summary, step.Messages[0].Seq)
		}
	}
}

// Without a place to keep it none is asked for, and one that fails leaves the
// messages out.
func TestNoSummary(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		keep  func(context.Context, agents.Turn, agents.Summary) error
		asked int
	}{
		"nowhere to keep it": {nil, 1},
		"the model fails":    {func(context.Context, agents.Turn, agents.Summary) error { return nil }, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &model{think: func(_ int, t agents.Turn) ([]agents.Part, error) {
				if t.Question() != "And now?" {
					return nil, busy
				}
				return say("ok"), nil
			}}
			in := turn()
			in.ThreadID, in.Messages = "th", history(40, 100)
			reply, _, err := run(t, agents.Runner{Models: models(windowed(m, 4096)), Keep: c.keep}, in)
			if err != nil || reply.Text != "ok" || reply.Left.Messages == 0 || len(m.seen) != c.asked {
				t.Errorf("%+v after %d requests, %v", reply, len(m.seen), err)
			}
		})
	}
}

// A service that reads less than half of what it was sent is found out, and the
// reply says so.
func TestServerCut(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		read int64
		cut  bool
	}{"most of it": {5000, false}, "a part": {2048, true}, "it does not say": {0, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &model{think: always(agents.Part{Text: "ok"}, agents.Part{Usage: &agents.Usage{PromptTokens: c.read}})}
			in := turn()
			in.Messages = history(60, 100)
			reply, shown, err := run(t, agents.Runner{Models: models(windowed(m, 32_000))}, in)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(reply.Text, "The model's server read only 2048 of about "); got != c.cut {
				t.Errorf("reply: %q", reply.Text)
			}
			var text string
			for _, p := range shown {
				text += p.Text
			}
			if text != reply.Text {
				t.Errorf("shown is %q, kept is %q", text, reply.Text)
			}
		})
	}
}

func TestTokenLimit(t *testing.T) {
	t.Parallel()
	calls := 0
	m := &model{think: func(int, agents.Turn) ([]agents.Part, error) {
		return []agents.Part{call("c", "echo", "{}"), {Usage: &agents.Usage{PromptTokens: 300, CompletionTokens: 100}}}, nil
	}}
	in := turn(echoTool(func(string) (string, error) { calls++; return "ok", nil }))
	in.Tmate = &agents.Tmate{Key: "ida", Name: "Ida", Limits: agents.Limits{TokensPerTurn: 1000}}
	reply, _, err := run(t, agents.Runner{Models: only(m), MaxTokens: 5000}, in)
	if err != nil || reply.Stopped != agents.StoppedTokens || reply.Steps != 3 || calls != 2 ||
		reply.Text != "(I stopped here: this answer has used the 1000 tokens it may have.)" {
		t.Errorf("%+v after %d calls, %v", reply, calls, err)
	}
}

// A turn within a turn, as when a colleague is asked, spends the tokens of both.
func TestTokenLimitOfBoth(t *testing.T) {
	t.Parallel()
	costs := func(tokens int64) *model {
		return &model{think: func(int, agents.Turn) ([]agents.Part, error) {
			return []agents.Part{call("c", "echo", "{}"), {Usage: &agents.Usage{PromptTokens: tokens}}}, nil
		}}
	}
	var inner agents.Reply
	outer := turn(agents.Tool{Name: "echo", Run: func(ctx context.Context, _ json.RawMessage) (string, error) {
		r := agents.Runner{Models: only(costs(300)), MaxSteps: 50}
		var err error
		inner, err = r.Run(ctx, turn(echoTool(func(string) (string, error) { return "ok", nil })), func(agents.Progress) {})
		return inner.Text, err
	}})
	reply, _, err := run(t, agents.Runner{Models: only(costs(100)), MaxTokens: 1000}, outer)
	if err != nil {
		t.Fatal(err)
	}
	// 100 of its own, then 300 three times of the colleague; after that neither goes on.
	if inner.Steps != 3 || inner.Stopped != agents.StoppedTokens || reply.Steps != 2 || reply.Stopped != agents.StoppedTokens || reply.Usage.PromptTokens != 200 {
		t.Errorf("the colleague %+v, the asking %+v", inner, reply)
	}
}

// Arguments of calls cannot be cut: a turn whose own calls outgrow the window ends
// with a sentence, neither in a panic nor with a request that is too large.
func TestCallsOutgrowTheWindow(t *testing.T) {
	t.Parallel()
	for _, summary := range []string{"", "They spoke about tea."} {
		m := &model{think: func(n int, _ agents.Turn) ([]agents.Part, error) {
			return []agents.Part{call(fmt.Sprint("c", n), "echo", `{"text":"`+strings.Repeat("long ", 1500)+`"}`)}, nil
		}}
		in := turn(echoTool(func(string) (string, error) { return "ok", nil }))
		in.Summary = summary
		_, _, err := run(t, agents.Runner{Models: models(windowed(m, 8192))}, in)
		p, ok := errors.AsType[*agents.ProviderError](err)
		if !ok || p.Temporary() || p.Code != "window_full" {
			t.Errorf("with the summary %q: %v", summary, err)
		}
		for _, asked := range m.seen {
			sent := cost(asked)
			for _, said := range asked.Messages {
				for _, c := range said.Calls {
					sent += agents.Tokens(string(c.Args))
				}
			}
			if sent > 8192 {
				t.Errorf("a request of about %d tokens was sent", sent)
			}
		}
	}
}

// What a service does not count is estimated, a broken answer included, and said
// to be.
func TestUsageIsEstimated(t *testing.T) {
	t.Parallel()
	for name, think := range map[string]func(int, agents.Turn) ([]agents.Part, error){
		"nothing is counted": always(agents.Part{Text: strings.Repeat("four", 10)}, agents.Part{Usage: &agents.Usage{Model: "m"}}),
		"it broke off":       failing(busy, say(strings.Repeat("four", 10))...),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reply, _, _ := run(t, agents.Runner{Models: models(windowed(&model{think: think}, 8192))}, turn())
			u := reply.Usage
			if u.CompletionTokens != 10 || u.PromptTokens < 300 || !u.Estimated || u.Provider != "p" || u.Model != "m" {
				t.Errorf("usage %+v", u)
			}
		})
	}
	reply, _, err := run(t, agents.Runner{Models: models(windowed(&model{think: failing(busy)}, 8192))}, turn())
	if err == nil || reply.Usage != (agents.Usage{}) {
		t.Errorf("nothing was said, and counted is %+v, %v", reply.Usage, err)
	}
}

// What a failed model would not have been shown does not stand on the reply of
// the one that answered, and what others left out does.
func TestLeftOutIsTheAnsweringModels(t *testing.T) {
	t.Parallel()
	in := turn(echoTool(func(string) (string, error) { return strings.Repeat("x", 20_000), nil }))
	in.Messages, in.Left = history(40, 100), agents.Left{Facts: 3, Documents: 1}
	in.Messages[0].Images = make([]agents.Image, 1)
	blind := windowed(&model{think: failing(busy)}, 2048)
	sees := windowed(&model{think: func(n int, _ agents.Turn) ([]agents.Part, error) {
		if n == 0 {
			return []agents.Part{call("c", "echo", "{}")}, nil
		}
		return say("ok"), nil
	}}, 100_000)
	sees.Vision = true
	reply, _, err := run(t, agents.Runner{Models: models(blind, sees)}, in)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(agents.Left{Facts: 3, Documents: 1, Characters: 20_000 - 16<<10}, reply.Left); diff != "" {
		t.Errorf("left out (-want +got):\n%s", diff)
	}
}

// The stand-in is chosen once: a service that fails in a later step is tried
// again by the queue, and nobody goes on with a half-done turn.
func TestNoStandInLater(t *testing.T) {
	t.Parallel()
	first := &model{think: func(n int, _ agents.Turn) ([]agents.Part, error) {
		if n == 0 {
			return []agents.Part{call("c", "echo", "{}")}, nil
		}
		return nil, busy
	}}
	spare := &model{think: always(say("I was not to speak.")...)}
	reply, _, err := run(t, agents.Runner{Models: models(agents.Model{Brain: first}, agents.Model{Brain: spare})},
		turn(echoTool(func(string) (string, error) { return "ok", nil })))
	if !errors.Is(err, busy) || reply.Text != "" || len(spare.seen) != 0 {
		t.Errorf("%q, %v", reply.Text, err)
	}
}

// A summary of a conversation whose beginning nobody read is partial, and the
// reply says that there is more.
func TestPartialSummary(t *testing.T) {
	t.Parallel()
	for _, earlier := range []bool{false, true} {
		in := turn()
		in.ThreadID, in.Messages, in.Earlier = "th", history(40, 100), earlier
		var kept []agents.Summary
		r := agents.Runner{Models: models(windowed(&model{think: always(say("Minutes.")...)}, 4096)), Keep: func(_ context.Context, _ agents.Turn, s agents.Summary) error {
			kept = append(kept, s)
			return nil
		}}
		reply, _, err := run(t, r, in)
		if err != nil || len(kept) == 0 || reply.Left.Earlier != earlier {
			t.Fatalf("%d summaries, left out %+v, %v", len(kept), reply.Left, err)
		}
		for _, s := range kept {
			if s.Partial != earlier {
				t.Errorf("with earlier messages %v the summary is partial: %v", earlier, s.Partial)
			}
		}
	}
}
