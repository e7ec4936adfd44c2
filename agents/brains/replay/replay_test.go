package replay_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"iter"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/brains/replay"
)

var update = flag.Bool("update", false, "rewrite the recording in testdata")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// beat is a part, or an error, after a pause.
type beat struct {
	pause time.Duration
	part  agents.Part
	err   error
}

// scripted is a brain that answers with the next script.
type scripted struct{ scripts [][]beat }

func (s *scripted) Think(ctx context.Context, _ agents.Turn) iter.Seq2[agents.Part, error] {
	script := s.scripts[0]
	s.scripts = s.scripts[1:]
	return func(yield func(agents.Part, error) bool) {
		for _, b := range script {
			select {
			case <-time.After(b.pause):
			case <-ctx.Done():
				yield(agents.Part{}, context.Cause(ctx))
				return
			}
			if !yield(b.part, b.err) || b.err != nil {
				return
			}
		}
	}
}

func asked(text string, earlier ...agents.Message) agents.Turn {
	return agents.Turn{
		Tmate:    &agents.Tmate{Key: "ada"},
		Memory:   []string{"never written down"},
		Messages: append(earlier, agents.Message{Author: agents.AuthorUser, Text: text}),
	}
}

// played is what a sequence yields, and when.
type played struct {
	At   time.Duration
	Part agents.Part
	Err  string
}

func play(ctx context.Context, b agents.Brain, t agents.Turn) (out []played) {
	began := time.Now()
	for p, err := range b.Think(ctx, t) {
		one := played{At: time.Since(began), Part: p}
		if err != nil {
			one.Err = err.Error()
		}
		out = append(out, one)
	}
	return out
}

// tape is a recorder with a brain in it.
type tape struct {
	*replay.Recorder
	agents.Brain
}

func recorder(t testing.TB, path string, scripts ...[]beat) tape {
	t.Helper()
	r, err := replay.NewRecorder(replay.RecorderOptions{
		Path: path, MaxBytes: 4096, Now: func() time.Time { return time.Date(2026, 11, 25, 9, 30, 0, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return tape{r, r.Wrap(&scripted{scripts})}
}

func opened(t testing.TB, path string, speed float64) *replay.Brain {
	t.Helper()
	b, err := replay.New(replay.Options{Path: path, Speed: speed})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var (
	talk = []beat{
		{pause: 120 * time.Millisecond, part: agents.Part{Text: "Let me "}},
		{pause: 45 * time.Millisecond, part: agents.Part{Text: "look."}},
		{pause: 2 * time.Millisecond, part: agents.Part{Calls: []agents.Call{{ID: "call_1", Name: "read", Args: json.RawMessage(`{"list":"shop"}`)}}}},
		{part: agents.Part{Usage: &agents.Usage{Model: "m", PromptTokens: 812, CompletionTokens: 9}}},
	}
	limited = []beat{{pause: 30 * time.Millisecond, err: &agents.ProviderError{
		Status: 429, Code: "rate_limit_error", RetryAfter: 7 * time.Second, Msg: "api.example limits how often it may be asked", Err: errors.New("the cause"),
	}}}
)

func TestFile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "recording.jsonl")
		r := recorder(t, path, talk, limited)
		play(t.Context(), r, asked("What is\non the list? "+strings.Repeat("ä", 300)))
		play(t.Context(), r, asked("again"))
		got, err := os.ReadFile(path)
		if err != nil || r.Err() != nil {
			t.Fatal(err, r.Err())
		}
		if *update {
			if err := os.WriteFile("testdata/recording.jsonl", got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile("testdata/recording.jsonl")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, error %v", info.Mode(), err)
		}
	})
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		speed float64
		scale func(time.Duration) time.Duration
	}{
		"as it was":     {0, func(d time.Duration) time.Duration { return d }},
		"twice as fast": {2, func(d time.Duration) time.Duration { return d / 2 }},
		"half as fast":  {0.5, func(d time.Duration) time.Duration { return d * 2 }},
		"at once":       {math.Inf(1), func(time.Duration) time.Duration { return 0 }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "recording.jsonl")
				r := recorder(t, path, talk, limited)
				want := [][]played{play(t.Context(), r, asked("one")), play(t.Context(), r, asked("two"))}
				b := opened(t, path, c.speed)
				for i, question := range []string{"one", "two"} {
					for j := range want[i] {
						want[i][j].At = c.scale(want[i][j].At)
						want[i][j].Err = strings.TrimSuffix(want[i][j].Err, ": the cause") // not written down
					}
					if diff := cmp.Diff(want[i], play(t.Context(), b, asked(question))); diff != "" {
						t.Errorf("%s (-want +got):\n%s", question, diff)
					}
				}
			})
		})
	}
}

func TestErrorClass(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "recording.jsonl")
	play(t.Context(), recorder(t, path, limited), asked("x"))
	for _, err := range opened(t, path, 0).Think(t.Context(), asked("x")) {
		e, ok := errors.AsType[*agents.ProviderError](err)
		if !ok || e.Status != 429 || e.Code != "rate_limit_error" || e.RetryAfter != 7*time.Second || e.Fatal || !e.Temporary() || e.Err != nil {
			t.Errorf("error %#v", err)
		}
	}
}

func say(text string) []beat { return []beat{{part: agents.Part{Text: text}}} }

func TestChoice(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "recording.jsonl")
	r := recorder(t, path, say("1"), say("2"), say("3"), say("4"))
	questions := []string{"hello", "weather", "hello", "bye"}
	for _, q := range questions {
		play(t.Context(), r, asked(q))
	}
	b := opened(t, path, 0)
	for i, c := range []struct{ question, want string }{
		{"bye", "4"},                 // by match
		{"hello", "1"},               // the first of two
		{"something else", "2"},      // the next that was not played
		{"hello", "3"},               // the second of two
		{"hello", "3"},               // the last again
		{"weather", "2"},             // played already, but it is the one
		{"something else again", ""}, // none is left
	} {
		got := play(t.Context(), b, asked(c.question))
		if len(got) != 1 || got[0].Part.Text != c.want || (c.want == "") != strings.Contains(got[0].Err, "no more answers") {
			t.Errorf("%d: %+v, want %q", i, got, c.want)
		}
	}
}

func TestRequestIsTheMessages(t *testing.T) {
	t.Parallel()
	base := func() agents.Turn {
		return asked("x", agents.Message{Author: agents.AuthorSelf, Calls: []agents.Call{{ID: "a", Name: "f", Args: json.RawMessage(`{`)}}},
			agents.Message{Author: agents.AuthorTool, CallID: "a", Text: "r"})
	}
	for name, c := range map[string]struct {
		edit func(*agents.Turn)
		same bool
	}{
		"nothing": {func(*agents.Turn) {}, true},
		"another day": {func(t *agents.Turn) {
			t.Now, t.Memory, t.JobID, t.Summary = time.Now(), nil, "j", "s"
		}, true},
		"tmate":    {func(t *agents.Turn) { t.Tmate = &agents.Tmate{Key: "bob"} }, false},
		"no tmate": {func(t *agents.Turn) { t.Tmate = nil }, false},
		"text":     {func(t *agents.Turn) { t.Messages[2].Text = "y" }, false},
		"name":     {func(t *agents.Turn) { t.Messages[2].Name = "Max" }, false},
		"author":   {func(t *agents.Turn) { t.Messages[2].Author = agents.AuthorEvent }, false},
		"picture": {func(t *agents.Turn) {
			t.Messages[2].Images = []agents.Image{{MediaType: "image/png", Data: []byte("p")}}
		}, false},
		"arguments": {func(t *agents.Turn) { t.Messages[0].Calls[0].Args = json.RawMessage(`{}`) }, false},
		"result":    {func(t *agents.Turn) { t.Messages[1].Text = "s" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "recording.jsonl")
			r := recorder(t, path, say("first"), say("match"))
			play(t.Context(), r, asked("another"))
			play(t.Context(), r, base())
			turn := base()
			c.edit(&turn)
			got := play(t.Context(), opened(t, path, 0), turn)
			if len(got) != 1 || (got[0].Part.Text == "match") != c.same {
				t.Errorf("%+v", got)
			}
		})
	}
}

var errStopped = errors.New("the user stopped it")

func TestCancelEndsAReplayAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "recording.jsonl")
		play(t.Context(), recorder(t, path, []beat{{pause: time.Second, part: agents.Part{Text: "a"}}, {pause: time.Minute, part: agents.Part{Text: "b"}}}), asked("x"))
		ctx, stop := context.WithCancelCause(t.Context())
		time.AfterFunc(2*time.Second, func() { stop(errStopped) })
		began := time.Now()
		var last error
		for _, err := range opened(t, path, 0).Think(ctx, asked("x")) {
			last = err
		}
		if d := time.Since(began); d != 2*time.Second || !errors.Is(last, errStopped) {
			t.Errorf("after %s: %v", d, last)
		}
	})
}

// TestStoppedIsNotKept stops answers in three ways; the file stays empty.
func TestStoppedIsNotKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "recording.jsonl")
		r := recorder(t, path, talk, talk, talk, talk)
		late, end := context.WithCancel(t.Context())
		defer end()
		for p := range r.Think(late, asked("x")) {
			if p.Usage != nil {
				end() // the brain has nothing left to say about it
			}
		}
		for range r.Think(t.Context(), asked("x")) {
			break
		}
		ctx, stop := context.WithCancelCause(t.Context())
		time.AfterFunc(130*time.Millisecond, func() { stop(errStopped) })
		if got := play(ctx, r, asked("x")); len(got) != 2 || got[1].Err != errStopped.Error() {
			t.Errorf("%+v", got)
		}
		if raw, err := os.ReadFile(path); len(raw) != 0 || err != nil || r.Err() != nil {
			t.Errorf("%q, errors %v, %v", raw, err, r.Err())
		}
		play(t.Context(), r, asked("x"))
		if raw, _ := os.ReadFile(path); bytes.Count(raw, []byte("\n")) != 1 {
			t.Errorf("%q", raw)
		}
	})
}

func TestBrokenEndIsCutOff(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]string{
		"nothing":         "",
		"half a line":     `{"v":1,"at":"2026`,
		"a long half":     strings.Repeat("x", 100<<10),
		"a line and half": `{"v":1,"request":"a","parts":[]}` + "\n" + `{"v":1,"par` + strings.Repeat("t", 70<<10),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "recording.jsonl")
			if err := os.WriteFile(path, []byte(begin), 0o644); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(begin, "\n") { // a player passes over what is not whole
				opened(t, path, 0)
			}
			play(t.Context(), recorder(t, path, say("kept")), asked("x"))
			raw, err := os.ReadFile(path)
			lines := strings.Split(string(raw), "\n")
			if whole := strings.Count(begin, "\n") + 1; err != nil || len(lines) != whole+1 || lines[whole] != "" || !strings.Contains(lines[whole-1], "kept") {
				t.Errorf("%q, error %v", raw[:min(200, len(raw))], err)
			}
			if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
				t.Errorf("mode %v", info.Mode())
			}
			if got := play(t.Context(), opened(t, path, 0), asked("x")); len(got) != 1 || got[0].Part.Text != "kept" {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text  string
		pages int
		want  string
	}{
		"a full file":   {strings.Repeat("x", 1500), 3, "record exchange: the recording is full"},
		"a long answer": {strings.Repeat("x", 1<<20), 5, "record exchange: the answer is too long to be recorded"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "recording.jsonl")
			script := slices.Repeat(say(c.text), c.pages)
			if c.pages == 3 {
				script = say(c.text)
			}
			r := recorder(t, path, script, script, script, say("small"))
			for range 3 {
				if got := play(t.Context(), r, asked("x")); len(got) != len(script) || got[0].Part.Text != c.text {
					t.Errorf("%d parts", len(got)) // a recording fails nobody
				}
			}
			if err := r.Err(); err == nil || err.Error() != c.want {
				t.Errorf("error %v", err)
			}
			if info, err := os.Stat(path); err != nil || info.Size() > 4096 {
				t.Errorf("%d bytes, error %v", info.Size(), err)
			}
			play(t.Context(), r, asked("small"))
			if got := play(t.Context(), opened(t, path, 0), asked("small")); got[0].Part.Text != "small" {
				t.Errorf("%+v: what fits is still kept", got)
			}
		})
	}
}

func TestClosedRecorderStillAnswers(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "recording.jsonl")
	r := recorder(t, path, say("x"))
	if err := errors.Join(r.Close(), r.Close()); err != nil {
		t.Fatal(err)
	}
	if got := play(t.Context(), r, asked("x")); got[0].Part.Text != "x" || r.Err() != nil {
		t.Errorf("%+v, error %v", got, r.Err())
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for content, want := range map[string]string{
		"":                  "holds no exchange",
		`{"v":1}`:           "holds no exchange", // no whole line
		"\n{\"v\":2}\n":     "line 2: v is 2: only 1 is known",
		"{\"v\":1}\noops\n": "line 2: invalid character 'o'",
		`{"v":1,"parts":[{"calls":[{"name":"f","args":"x"}]}]}` + "\n": "line 1: parts[0].calls: a call has a name, and an object for args",
	} {
		path := filepath.Join(dir, "recording.jsonl")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if b, err := replay.New(replay.Options{Path: path}); b != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, error %v", content, b, err)
		}
	}
	for name, o := range map[string]replay.Options{
		"no file": {Path: filepath.Join(dir, "none")}, "speed": {Path: filepath.Join(dir, "recording.jsonl"), Speed: math.NaN()},
	} {
		if b, err := replay.New(o); b != nil || err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := replay.NewRecorder(replay.RecorderOptions{Path: dir}); err == nil {
		t.Error("a folder was taken for a recording")
	}
}

// TestManyAtOnce records concurrent answers of two brains: every line is whole.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "recording.jsonl")
	r, err := replay.NewRecorder(replay.RecorderOptions{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			play(t.Context(), r.Wrap(&scripted{[][]beat{say(strings.Repeat("x", 10_000))}}), asked(fmt.Sprint(i)))
		})
	}
	all.Wait()
	if err := errors.Join(r.Err(), r.Close()); err != nil {
		t.Fatal(err)
	}
	b := opened(t, path, 0)
	for i := range 20 {
		if got := play(t.Context(), b, asked(fmt.Sprint(i))); len(got) != 1 || len(got[0].Part.Text) != 10_000 {
			t.Errorf("%d: %d parts", i, len(got))
		}
	}
}

func TestModels(t *testing.T) {
	t.Parallel()
	b := opened(t, "testdata/recording.jsonl", 0)
	got, err := b.Models(t.Context())
	if err != nil || !slices.Equal(got, []string{"m"}) || fmt.Sprint(b) != `recording "testdata/recording.jsonl"` {
		t.Errorf("%v %v, error %v", b, got, err)
	}
}

// FuzzNew reads any file: it is refused, or every exchange of it can be played.
func FuzzNew(f *testing.F) {
	raw, err := os.ReadFile("testdata/recording.jsonl")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"v":1,"parts":[{"after":-5,"text":"x"},{"after":9223372036854775807}],"failure":{"retry_after":-1}}` + "\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		path := filepath.Join(t.TempDir(), "recording.jsonl")
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		b, err := replay.New(replay.Options{Path: path, Speed: math.Inf(1)})
		if err != nil {
			return
		}
		for range bytes.Count(raw, []byte("\n")) + 1 {
			for p, err := range b.Think(t.Context(), asked("x")) {
				for _, c := range p.Calls {
					if !json.Valid(c.Args) || c.Name == "" {
						t.Errorf("call %+v, error %v", c, err)
					}
				}
			}
		}
	})
}
