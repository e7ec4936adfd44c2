package wiretest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/brains/wire"
)

// Key is the key every brain under test has.
const Key = "sk-proj-Abc123Def456Ghi789"

// Brain is what a brain of package wire can do.
type Brain interface {
	agents.Brain
	Models(ctx context.Context) ([]string, error)
	CloseIdle()
	String() string
}

// Subject is a dialect under test.
type Subject struct {
	// New makes a brain. Model and key are set in the options it is given.
	New func(o wire.Options) (Brain, error)
	// Path is where a question goes.
	Path string
	// Header and Prefix say how the key travels.
	Header, Prefix string
	// Word returns the piece of a stream that says text, and nothing of its end.
	Word func(text string) string
	// End is the rest of a stream after what it said.
	End string
	// Calls is a whole stream that calls the tool "f" with {"x":1} and no id.
	Calls string
	// Error returns the piece of a stream that reports an error in these words.
	Error func(words string) string
	// Junk is a piece of a stream that breaks the protocol.
	Junk string
	// Models is a list of models as the service sends it, with "b" and "a"; empty
	// when the dialect has none.
	Models string
	// ModelsPath is where it is asked for.
	ModelsPath string
}

// Brain returns a brain for the server at url, changed by edit.
func (s Subject) Brain(t testing.TB, url string, edit ...func(*wire.Options)) Brain {
	t.Helper()
	o := wire.Options{BaseURL: url, APIKey: Key, Model: "test-model"}
	for _, f := range edit {
		f(&o)
	}
	b, err := s.New(o)
	if err != nil {
		t.Fatalf("new brain: %v", err)
	}
	t.Cleanup(b.CloseIdle)
	return b
}

// Hi is a whole stream that says "hi".
func (s Subject) Hi() string { return s.Word("hi") + s.End }

// Said is everything a sequence yielded.
type Said struct {
	Text  string
	Calls []agents.Call
	Usage *agents.Usage
}

// Think runs one Think to its end and checks the order of its parts.
func Think(t testing.TB, b agents.Brain, turn agents.Turn) (Said, error) {
	t.Helper()
	var out Said
	var failed error
	for p, err := range b.Think(t.Context(), turn) {
		switch {
		case failed != nil || out.Usage != nil:
			t.Errorf("a part after the end: %+v, %v", p, err)
		case err != nil:
			failed = err
		case p.Text != "" && out.Calls != nil:
			t.Errorf("text %q after the calls", p.Text)
		}
		out.Text += p.Text
		out.Calls = append(out.Calls, p.Calls...)
		if p.Usage != nil {
			out.Usage = p.Usage
		}
	}
	if failed == nil && out.Usage == nil {
		t.Error("neither an error nor a usage part")
	}
	ids := map[string]bool{}
	for _, c := range out.Calls {
		var object map[string]any
		if json.Unmarshal(c.Args, &object) != nil || object == nil || c.Name == "" || c.ID == "" || ids[c.ID] {
			t.Errorf("call %+v", c)
		}
		ids[c.ID] = true
	}
	return out, failed
}

// Question is a turn in which a person says text.
func Question(text string) agents.Turn {
	return agents.Turn{
		Tmate:    &agents.Tmate{Key: "ada", Name: "Ada", Prompt: "You are Ada."},
		Messages: []agents.Message{{Author: agents.AuthorUser, Text: text}},
	}
}

// Provider returns err as a provider's error.
func Provider(t testing.TB, err error) *agents.ProviderError {
	t.Helper()
	e, ok := errors.AsType[*agents.ProviderError](err)
	if !ok {
		t.Fatalf("error %v is not a provider's", err)
	}
	return e
}

// FuzzStream sends body as a stream to a brain of s: Think ends, with an error of
// the provider or with a usage part, calls always hold JSON objects, and nobody
// learns the key.
func FuzzStream(t *testing.T, s Subject, body []byte) {
	b := s.Brain(t, "http://model.example", func(o *wire.Options) {
		o.HTTPClient = &http.Client{Transport: tripper(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)), Request: r}, nil
		})}
	})
	got, err := Think(t, b, Question("x"))
	if err == nil {
		return
	}
	if e := Provider(t, err); strings.Contains(e.Error()+e.Code, Key) || len(got.Calls) > 0 || len([]rune(e.Error())) > 600 {
		t.Errorf("error %v, calls %v", e, got.Calls)
	}
}

// tripper is a transport made of a function.
type tripper func(*http.Request) (*http.Response, error)

// RoundTrip calls the function.
func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
