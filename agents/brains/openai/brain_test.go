package openai_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/brains/openai"
	"github.com/tmates/tmates/agents/brains/openai/modelserver"
	"github.com/tmates/tmates/agents/brains/wire/wiretest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const testKey = "sk-proj-Abc123Def456Ghi789"

// brain returns a brain for the server at url, changed by edit.
func brain(t testing.TB, url string, edit ...func(*openai.Options)) *openai.Brain {
	t.Helper()
	o := openai.Options{BaseURL: url, APIKey: testKey, Model: "test-model"}
	for _, f := range edit {
		f(&o)
	}
	b, err := openai.New(o)
	if err != nil {
		t.Fatalf("new brain: %v", err)
	}
	t.Cleanup(b.CloseIdle)
	return b
}

type said = wiretest.Said

// think runs one Think to its end and checks the order of its parts.
func think(t testing.TB, b *openai.Brain, turn agents.Turn) (said, error) {
	t.Helper()
	return wiretest.Think(t, b, turn)
}

func question(text string) agents.Turn {
	return agents.Turn{
		Tmate:    &agents.Tmate{Key: "ada", Name: "Ada", Prompt: "You are Ada."},
		Messages: []agents.Message{{Author: agents.AuthorUser, Text: text}},
	}
}

func TestThink(t *testing.T) {
	t.Parallel()
	s := modelserver.New(t)
	got, err := think(t, brain(t, s.URL), question("good morning"))
	if err != nil {
		t.Fatal(err)
	}
	prompt := len(s.Requests()[0].System())/4 + 3 // as the server counts
	want := said{
		Text:  "You said: good morning",
		Usage: &agents.Usage{Model: "test-model", PromptTokens: int64(prompt), CompletionTokens: 4},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := s.Requests()[0].Header.Get("Authorization"); got != "Bearer "+testKey {
		t.Errorf("Authorization is %q", got)
	}
}

func TestNoKeyNoHeader(t *testing.T) {
	t.Parallel()
	s := modelserver.New(t)
	if _, err := think(t, brain(t, s.URL, func(o *openai.Options) { o.APIKey = "" }), question("x")); err != nil {
		t.Fatal(err)
	}
	if got, ok := s.Requests()[0].Header["Authorization"]; ok {
		t.Errorf("Authorization is %q", got)
	}
}

func TestToolsRoundTrip(t *testing.T) {
	t.Parallel()
	s := modelserver.New(t)
	s.Reply(
		modelserver.Calls(
			modelserver.ToolCall{ID: "c-1", Function: modelserver.Function{Name: "add", Arguments: `{"a":1,"b":2}`}},
			modelserver.ToolCall{ID: "c-2", Function: modelserver.Function{Name: "add", Arguments: `{"a":3,"b":4}`}},
		),
		modelserver.Text("3 and 7"),
	)
	b := brain(t, s.URL)
	turn := question("1+2, 3+4?")
	turn.Tools = []agents.Tool{{Name: "add", Description: "Adds.", Schema: json.RawMessage(`{"type":"object"}`)}}

	first, err := think(t, b, turn)
	if err != nil {
		t.Fatal(err)
	}
	want := []agents.Call{
		{ID: "c-1", Name: "add", Args: json.RawMessage(`{"a":1,"b":2}`)},
		{ID: "c-2", Name: "add", Args: json.RawMessage(`{"a":3,"b":4}`)},
	}
	if diff := cmp.Diff(want, first.Calls); diff != "" {
		t.Fatalf("calls (-want +got):\n%s", diff)
	}
	turn.Messages = append(turn.Messages,
		agents.Message{Author: agents.AuthorSelf, Calls: first.Calls},
		agents.Message{Author: agents.AuthorTool, CallID: "c-1", Text: "3"},
		agents.Message{Author: agents.AuthorTool, CallID: "c-2"}, // no output must still be a message
	)
	second, err := think(t, b, turn)
	if err != nil || second.Text != "3 and 7" {
		t.Fatalf("text %q, error %v", second.Text, err)
	}
	last := s.Requests()[1].Messages
	if got := last[len(last)-1].Content; got != "(no output)" {
		t.Errorf("the empty result was sent as %q", got)
	}
}

func TestGeneratedIDsContinueTheHistory(t *testing.T) {
	t.Parallel()
	s := modelserver.New(t)
	s.Reply(modelserver.Raw(chunks(
		`{"choices":[{"delta":{"tool_calls":[{"function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}`)))
	turn := question("go")
	turn.Messages = append(turn.Messages,
		agents.Message{Author: agents.AuthorSelf, Calls: []agents.Call{{ID: "call_2", Name: "f"}}},
		agents.Message{Author: agents.AuthorTool, CallID: "call_2", Text: "ok"},
	)
	got, err := think(t, brain(t, s.URL), turn)
	if err != nil {
		t.Fatal(err)
	}
	// One call came before, so the next number is 2; that one is taken.
	want := []agents.Call{{ID: "call_3", Name: "f", Args: json.RawMessage(`{}`)}}
	if diff := cmp.Diff(want, got.Calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// errStopped is why the tests cancel.
var errStopped = errors.New("the user stopped it")

// wantStopped checks how a cancelled Think ended, and that the server noticed.
func wantStopped(t *testing.T, s *modelserver.Server, err error) {
	t.Helper()
	if !errors.Is(err, errStopped) {
		t.Errorf("error %v does not wrap the cause", err)
	}
	if e, ok := errors.AsType[*agents.ProviderError](err); ok {
		t.Errorf("a provider error: %v", e)
	}
	if err := s.WaitGone(t.Context(), 1); err != nil {
		t.Errorf("the server still has the request: %v", err)
	}
}

func TestCancelReleasesTheConnection(t *testing.T) {
	t.Parallel()
	t.Run("in the middle of a stream", func(t *testing.T) {
		t.Parallel()
		s := modelserver.New(t)
		s.Reply(modelserver.Stall("hello"))
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		var last error
		for p, err := range brain(t, s.URL).Think(ctx, question("x")) {
			if p.Text == "hello" { // arrived while the server was still at it
				cancel(errStopped)
			}
			last = err
		}
		wantStopped(t, s, last)
	})
	t.Run("before the headers", func(t *testing.T) {
		t.Parallel()
		s := modelserver.New(t)
		s.Reply(modelserver.Hang())
		ctx, cancel := context.WithCancelCause(t.Context())
		go func() {
			_ = s.WaitRequests(ctx, 1)
			cancel(errStopped)
		}()
		var last error
		for _, err := range brain(t, s.URL).Think(ctx, question("x")) {
			last = err
		}
		wantStopped(t, s, last)
	})
	t.Run("before it began", func(t *testing.T) {
		t.Parallel()
		s := modelserver.New(t)
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errStopped)
		var last error
		for _, err := range brain(t, s.URL).Think(ctx, question("x")) {
			last = err
		}
		if !errors.Is(last, errStopped) || len(s.Requests()) != 0 {
			t.Errorf("error %v, %d requests", last, len(s.Requests()))
		}
	})
}

func TestStopReleasesTheConnection(t *testing.T) {
	t.Parallel()
	s := modelserver.New(t)
	s.Reply(modelserver.Stall("hello"))
	for range brain(t, s.URL).Think(t.Context(), question("x")) {
		break
	}
	if err := s.WaitGone(t.Context(), 1); err != nil {
		t.Errorf("the server still has the request: %v", err)
	}
}

func TestStopAtTheCalls(t *testing.T) {
	t.Parallel()
	s := modelserver.New(t)
	s.Reply(modelserver.Call("f", "{}"))
	for p, err := range brain(t, s.URL).Think(t.Context(), question("x")) {
		want := agents.Part{Calls: []agents.Call{{ID: "call_f", Name: "f", Args: json.RawMessage("{}")}}}
		if diff := cmp.Diff(want, p); diff != "" || err != nil {
			t.Errorf("error %v (-want +got):\n%s", err, diff)
		}
		break
	}
}

func TestConnectionIsUsedAgain(t *testing.T) {
	t.Parallel()
	s := modelserver.New(t)
	b := brain(t, s.URL)
	var fresh atomic.Int32
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		GotConn: func(i httptrace.GotConnInfo) {
			if !i.Reused {
				fresh.Add(1)
			}
		},
	})
	for range 3 {
		for _, err := range b.Think(ctx, question("x")) {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := fresh.Load(); n != 1 {
		t.Errorf("%d connections for 3 answers, want 1", n)
	}
}

func TestSilence(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		reply modelserver.Reply
		edit  func(*openai.Options)
		text  string
		want  string
	}{
		"before the first data": {
			reply: modelserver.Hang(),
			edit:  func(o *openai.Options) { o.FirstTimeout = time.Second },
			want:  "was silent for too long (1s)",
		},
		"after it": {
			reply: modelserver.Stall("hello"),
			edit:  func(o *openai.Options) { o.IdleTimeout = 3 * time.Second },
			text:  "hello",
			want:  "was silent for too long (3s)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := modelserver.New(t)
			s.SetChunk(1 << 20)
			s.Reply(c.reply)
			got, err := think(t, brain(t, s.URL, c.edit), question("x"))
			e, ok := errors.AsType[*agents.ProviderError](err)
			if !ok || e.Status != 0 || !e.Temporary() || !strings.Contains(e.Msg, c.want) || got.Text != c.text {
				t.Errorf("text %q, error %v", got.Text, err)
			}
			if err := s.WaitGone(t.Context(), 1); err != nil {
				t.Error(err)
			}
		})
	}
}
