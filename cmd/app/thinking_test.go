package app_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/agents/brains/openai/modelserver"
	"github.com/tmates/tmates/cmd/app/apptest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// events tells what a socket was sent, a line each, without what differs from
// run to run. Deltas in a row are one line.
func events(frames []map[string]any) (lines []string) {
	for _, f := range frames {
		if f["type"] == "message_delta" {
			if n := len(lines) - 1; n >= 0 && strings.HasPrefix(lines[n], "delta ") {
				lines[n] += f["text"].(string)
			} else {
				lines = append(lines, fmt.Sprint("delta ", f["text"]))
			}
			continue
		}
		line := fmt.Sprint(f["type"])
		for _, key := range []string{"status", "agent", "stage", "status_message", "attempt"} {
			if v, ok := f[key]; ok && v != nil && v != "" {
				line += fmt.Sprintf(" %s=%v", key, v)
			}
		}
		if m, ok := f["message"].(map[string]any); ok {
			payload, _ := m["payload"].(map[string]any)
			for _, volatile := range []string{"job_id", "session_id", "usage"} {
				delete(payload, volatile)
			}
			steps, _ := payload["steps"].([]any)
			for _, step := range steps {
				step.(map[string]any)["ms"] = "N"
			}
			text, err := json.Marshal(payload)
			if err != nil {
				panic(err)
			}
			line += fmt.Sprintf(" %v %v: %q %s", m["role"], m["author"], m["content"], text)
		}
		lines = append(lines, line)
	}
	for i := range lines {
		lines[i] = localPort.ReplaceAllString(strings.ReplaceAll(lines[i], "\n", `\n`), "127.0.0.1:PORT")
	}
	return slices.DeleteFunc(lines, func(line string) bool { return line == "message_sent" || line == "subscribed" })
}

var localPort = regexp.MustCompile(`127\.0\.0\.1:\d+`)

// golden compares lines with a file of testdata.
func golden(t *testing.T, name string, got []string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden.txt")
	text := strings.Join(got, "\n") + "\n"
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(text, "\n")); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// thinking are two model services, the second of which stands in for the first.
type thinking struct {
	main, spare *modelserver.Server
	env         []string
}

func newThinking(t *testing.T, more ...string) *thinking {
	t.Helper()
	m := &thinking{main: modelserver.New(t), spare: modelserver.New(t)}
	m.env = append([]string{
		"TMATES_PROVIDER=main", "TMATES_FALLBACKS=spare",
		"TMATES_PROVIDERS_MAIN_BASE_URL=" + m.main.URL, "TMATES_PROVIDERS_MAIN_MODEL=large",
		"TMATES_PROVIDERS_SPARE_BASE_URL=" + m.spare.URL, "TMATES_PROVIDERS_SPARE_MODEL=small",
	}, more...)
	return m
}

// start boots the product with the services and streams Ada's thread with Adam.
func (m *thinking) start(t *testing.T) (ada *apptest.User, thread string, s *apptest.Socket) {
	t.Helper()
	ada = apptest.Start(t, apptest.Options{Env: m.env}).AddUser("ada@example.com", "Ada")
	thread = ada.Thread("Adam")
	return ada, thread, listen(ada, thread)
}

// listen opens a socket that streams a thread.
func listen(u *apptest.User, thread string) *apptest.Socket {
	s := u.Dial()
	s.Send(map[string]any{"type": "subscribe", "thread_id": thread, "stream": true})
	s.Until(func(f map[string]any) bool { return f["type"] == "subscribed" })
	return s
}

// TestALongTurn uses five steps, two tools in the second of them, and shows all
// of it as it happens.
func TestALongTurn(t *testing.T) {
	t.Parallel()
	m := newThinking(t)
	_, thread, s := m.start(t)
	two := modelserver.Calls(
		modelserver.ToolCall{ID: "a", Function: modelserver.Function{Name: "remember", Arguments: `{"fact":"The meeting is on Friday."}`}},
		modelserver.ToolCall{ID: "b", Function: modelserver.Function{Name: "create_pinboard_post", Arguments: `{"title":"Meeting","content_md":"On **Friday**."}`}},
	)
	m.main.Reply(
		modelserver.Call("recall", `{}`), two, modelserver.Call("list_pinboard_posts", `{}`), modelserver.Call("no_such_tool", `{}`),
		modelserver.Text("It is on Friday, and everybody can read it."),
	)
	golden(t, "long_turn", events(say(s, thread, "When do we meet? Tell the others.")))
	reqs := m.main.Requests()
	if len(reqs) != 5 {
		t.Fatalf("%d requests", len(reqs))
	}
	var results []string
	for _, said := range reqs[4].Messages {
		if said.Role == "tool" {
			lines := strings.Split(said.Content, "\n") // between the marks of a quote
			results = append(results, said.ToolCallID+": "+strings.Join(lines[min(1, len(lines)-1):], "\n"))
		}
	}
	for i, want := range []string{
		"call_recall: Nothing was remembered", "a: Noted: The meeting is on Friday.", "b: Published", "call_list_pinboard_posts: ", "call_no_such_tool: There is no tool named",
	} {
		if i >= len(results) || !strings.HasPrefix(results[i], want) {
			t.Errorf("results: %q, want the %d. to begin with %q", results, i+1, want)
			break
		}
	}
}

// TestTheSpareAnswers when the first service refuses before it has said
// anything, and not once it has.
func TestTheSpareAnswers(t *testing.T) {
	t.Parallel()
	m := newThinking(t)
	_, thread, s := m.start(t)
	var lines []string
	m.main.Reply(modelserver.Status(http.StatusServiceUnavailable, 0))
	m.spare.Reply(modelserver.Text("From the spare."))
	lines = append(lines, events(say(s, thread, "hello"))...)
	m.main.Reply(modelserver.Cut("Half an"), modelserver.Text("Whole again."))
	lines = append(lines, events(say(s, thread, "and now?"))...)
	golden(t, "spare", lines)
	if len(m.main.Requests()) != 3 || len(m.spare.Requests()) != 1 {
		t.Errorf("%d requests of the first and %d of the spare", len(m.main.Requests()), len(m.spare.Requests()))
	}
}

// TestAnAttemptAfterARestart: the first attempt fails, the server goes, and the
// next one answers.
func TestAnAttemptAfterARestart(t *testing.T) {
	t.Parallel()
	m := newThinking(t)
	m.env = slices.DeleteFunc(m.env, func(v string) bool { return strings.HasPrefix(v, "TMATES_FALLBACKS=") })
	dir := t.TempDir()
	first := apptest.Start(t, apptest.Options{Dir: dir, Env: m.env})
	ada := first.AddUser("ada@example.com", "Ada")
	thread := ada.Thread("Adam")
	s := listen(ada, thread)
	m.main.Reply(modelserver.Status(http.StatusTooManyRequests, 6*time.Second), modelserver.Text("Now I can."))
	s.Send(map[string]any{"type": "send_message", "thread_id": thread, "content": "hello"})
	lines := events(s.Until(func(f map[string]any) bool { return f["stage"] == "retry" }))
	first.Stop()

	second := apptest.Start(t, apptest.Options{Dir: dir, Env: m.env})
	ada = second.Login(ada.Email)
	lines = append(lines, "(restart)")
	lines = append(lines, events(listen(ada, thread).Until(apptest.Completed))...)
	golden(t, "restart", lines)
}

// TestAModelIsCutShort in the middle: its connection ends, and what it said
// stays.
func TestAModelIsCutShort(t *testing.T) {
	t.Parallel()
	m := newThinking(t)
	_, thread, s := m.start(t)
	m.main.Reply(modelserver.Stall("Once upon a time"))
	s.Send(map[string]any{"type": "send_message", "thread_id": thread, "content": "a story"})
	said := ""
	frames := s.Until(func(f map[string]any) bool {
		if f["type"] == "message_delta" {
			said += f["text"].(string)
		}
		return said == "Once upon a time"
	})
	frames = append(frames, say(s, thread, "stop")...)
	for len(slices.DeleteFunc(slices.Clone(frames), func(f map[string]any) bool { return !apptest.Completed(f) })) < 2 {
		frames = append(frames, s.Next())
	}
	golden(t, "cut_short", events(frames))
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := m.main.WaitGone(ctx, 1); err != nil {
		t.Errorf("the connection to the model stays open: %v", err)
	}
}

// TestAConversationOutgrowsItsModel: the older part goes into a summary, which
// the next turns are shown, also after a restart; the messages all stay.
func TestAConversationOutgrowsItsModel(t *testing.T) {
	t.Parallel()
	m := newThinking(t, "TMATES_PROVIDERS_MAIN_CONTEXT_WINDOW=8192")
	var minutes []string
	m.main.Otherwise(func(r modelserver.Request) modelserver.Reply {
		if strings.Contains(r.System(), "minutes of a conversation") {
			minutes = append(minutes, r.LastUser())
			return modelserver.Text(fmt.Sprintf("Minutes no. %d.", len(minutes)))
		}
		return modelserver.Text("Noted. " + strings.Repeat("I think so, too. ", 60))
	})
	dir := t.TempDir()
	a := apptest.Start(t, apptest.Options{Dir: dir, Env: m.env})
	ada := a.AddUser("ada@example.com", "Ada")
	thread := ada.Thread("Adam")
	s := listen(ada, thread)
	turns := 0
	var overflow []string // what the turn shows that makes the second summary
	for ; len(minutes) < 2; turns++ {
		if turns == 60 {
			t.Fatalf("%d summaries of 60 turns", len(minutes))
		}
		overflow = events(say(s, thread, fmt.Sprintf("Point %d: %s", turns, strings.Repeat("something to keep in mind ", 40))))
	}
	for i, line := range overflow { // which point it is depends on the length of Adam's prompt
		overflow[i] = strings.ReplaceAll(line, fmt.Sprintf("Point %d:", turns-1), "Point N:")
	}
	golden(t, "overflow", overflow)
	if !strings.Contains(minutes[0], "Point 0:") || strings.Contains(minutes[1], "Point 0:") || !strings.Contains(minutes[1], "Minutes no. 1.") {
		t.Errorf("the minutes are made of\n%.300s\nand\n%.300s", minutes[0], minutes[1])
	}
	a.Stop()
	a = apptest.Start(t, apptest.Options{Dir: dir, Env: m.env})
	ada = a.Login(ada.Email)
	say(ada.Dial(), thread, "Where were we?")
	reqs := m.main.Requests()
	last := reqs[len(reqs)-1]
	shown := last.System()
	for _, said := range last.Messages[1:] {
		shown += said.Content
	}
	if !strings.Contains(shown, "Minutes no. 2.") || strings.Contains(shown, "Point 0:") || !strings.Contains(shown, fmt.Sprintf("Point %d:", turns-1)) {
		t.Errorf("after the restart the model is shown\n%.600s", shown)
	}
	var kept struct {
		Messages []struct {
			Content string
			Payload map[string]any
		}
	}
	ada.Must(http.StatusOK, "GET", "/v1/chats/"+thread+"?limit=500", nil).Decode(&kept)
	questions := 0
	for _, said := range kept.Messages {
		if strings.HasPrefix(said.Content, "Point ") {
			questions++
		}
		if said.Payload["left_out"] != nil {
			t.Errorf("left out beside the summary: %v", said.Payload["left_out"])
		}
	}
	if questions != turns {
		t.Errorf("%d of %d messages are left", questions, turns)
	}
}
