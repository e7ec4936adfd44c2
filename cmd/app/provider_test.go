package app_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/agents/brains/openai/modelserver"
	"github.com/tmates/tmates/cmd/app/apptest"
)

// stage is a product with a model behind it and a person who streams their
// direct thread with Adam.
type stage struct {
	*apptest.App
	model  *modelserver.Server
	ada    *apptest.User
	thread string
	socket *apptest.Socket
}

func newStage(t *testing.T, env ...string) *stage {
	t.Helper()
	s := &stage{model: modelserver.New(t)}
	s.App = apptest.Start(t, apptest.Options{
		Env: append([]string{"OPENAI_BASE_URL=" + s.model.URL, "OPENAI_API_KEY=sk-secret-of-the-test", "OPENAI_MODEL=test-model"}, env...),
	})
	s.ada = s.AddUser("ada@example.com", "Ada")
	s.thread = s.ada.Thread("Adam")
	s.socket = s.ada.Dial()
	s.socket.Send(map[string]any{"type": "subscribe", "thread_id": s.thread, "stream": true})
	s.socket.Until(func(f map[string]any) bool { return f["type"] == "subscribed" })
	return s
}

// streamed joins the deltas since the last reset.
func streamed(frames []map[string]any) string {
	var b strings.Builder
	for _, f := range frames {
		switch f["type"] {
		case "message_reset":
			b.Reset()
		case "message_delta":
			b.WriteString(f["text"].(string))
		}
	}
	return b.String()
}

func TestModelStreams(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.model.Reply(modelserver.Text("Grüße aus dem Modell: 👋 all good"))
	frames := say(s.socket, s.thread, "hello")
	m := reply(frames)
	if content(m) != "Grüße aus dem Modell: 👋 all good" || streamed(frames) != content(m) {
		t.Errorf("reply %q, streamed %q", content(m), streamed(frames))
	}
	offset := 0
	for _, f := range frames {
		if f["type"] == "message_delta" {
			if int(f["offset"].(float64)) != offset {
				t.Errorf("delta at %v, want %d", f["offset"], offset)
			}
			offset += len([]rune(f["text"].(string)))
		}
	}
	req := s.model.Requests()[0]
	if req.Model != "test-model" {
		t.Errorf("asked for the model %q", req.Model)
	}
}

func TestModelUsesTools(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.model.Reply(modelserver.Call("create_pinboard_post", `{"title":"Release","content_md":"We ship **today**.","priority":"high"}`))
	s.model.Reply(modelserver.Text("It is on the board."))
	frames := say(s.socket, s.thread, "pin that we ship today")
	kinds := []string{}
	for _, kind := range apptest.Kinds(frames) {
		if kind != "message_delta" && kind != "message_sent" {
			kinds = append(kinds, kind)
		}
	}
	want := []string{
		"new_message user", "chat_status agent_typing", "chat_status agent_typing", "pinboard_post", "new_message assistant",
		"chat_status agent_processing_completed",
	}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	var post struct {
		Slug, Excerpt, Priority string
		AuthorAgentKey          string `json:"author_agent_key"`
	}
	s.ada.Must(http.StatusOK, "GET", "/v1/pinboard/release", nil).Decode(&post)
	if post.Excerpt != "We ship today." || post.Priority != "high" || post.AuthorAgentKey != "adam" {
		t.Errorf("post: %+v", post)
	}
}

// lastJob returns the newest job of the user.
func (s *stage) lastJob() (job struct {
	ID, Status string
	Error      map[string]any
	Metadata   map[string]any
}) {
	var jobs []struct {
		ID, Status string
		Error      map[string]any
		Metadata   map[string]any
	}
	s.ada.Must(http.StatusOK, "GET", "/v1/jobs?limit=1", nil).Decode(&jobs)
	return jobs[0]
}

// TestModelFailuresEnd shows that every way a model fails ends the typing
// indicator, with a reply after a retry or a system message that says why.
func TestModelFailuresEnd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		replies []modelserver.Reply
		job     string
		retried bool
		says    string
	}{
		{name: "429 with Retry-After", replies: []modelserver.Reply{modelserver.Status(429, 6*time.Second), modelserver.Text("at last")}, job: "succeeded", retried: true, says: "at last"},
		{name: "500", replies: []modelserver.Reply{modelserver.Status(500, 0), modelserver.Text("at last")}, job: "succeeded", retried: true, says: "at last"},
		{name: "cut in the middle", replies: []modelserver.Reply{modelserver.Cut("half an ans"), modelserver.Text("whole")}, job: "succeeded", retried: true, says: "whole"},
		{name: "bad key", replies: []modelserver.Reply{modelserver.Status(401, 0)}, job: "failed", says: "OPENAI_API_KEY"},
		{name: "unknown model", replies: []modelserver.Reply{modelserver.Status(404, 0)}, job: "failed", says: "test-model"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			for _, r := range c.replies {
				s.model.Reply(r)
			}
			frames := say(s.socket, s.thread, "hello")
			m := reply(frames)
			if job := s.lastJob(); job.Status != c.job || !strings.Contains(content(m), c.says) {
				t.Errorf("job %+v, message %q; want %s and %q", job, content(m), c.job, c.says)
			}
			retried := false
			for _, f := range frames {
				retried = retried || f["stage"] == "retry"
			}
			if retried != c.retried {
				t.Errorf("retried: %v", retried)
			}
			if got := streamed(frames); c.job == "succeeded" && got != c.says {
				t.Errorf("streamed %q, want %q", got, c.says)
			}
			if c.job == "failed" {
				kinds := apptest.Kinds(frames)
				want := []string{"chat_status agent_processing_error", "new_message system", "chat_status agent_processing_completed"}
				if diff := cmp.Diff(want, without(kinds, "message_sent")[2:]); diff != "" {
					t.Errorf("end of the turn (-want +got):\n%s", diff)
				}
			}
			for _, text := range []string{s.Log.String(), content(m)} {
				if strings.Contains(text, "sk-secret-of-the-test") {
					t.Error("the key was told")
				}
			}
		})
	}
}

func TestModelHangsUntilItIsStopped(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.model.Reply(modelserver.Stall("Let me think"))
	s.socket.Send(map[string]any{"type": "send_message", "thread_id": s.thread, "content": "think"})
	s.socket.Until(func(f map[string]any) bool { return f["type"] == "message_delta" })
	job := s.lastJob()
	// A client that comes late is shown what was written so far.
	late := s.ada.Dial()
	late.Send(map[string]any{"type": "subscribe", "thread_id": s.thread, "stream": true})
	snapshot := late.Until(func(f map[string]any) bool { return f["type"] == "message_delta" })
	if got := streamed(snapshot); !strings.HasPrefix("Let me think", got) || got == "" {
		t.Errorf("snapshot %q", got)
	}
	res := s.ada.Must(http.StatusAccepted, "POST", "/v1/jobs/"+job.ID+"/cancel", nil)
	if !strings.Contains(string(res.Body), `"status":"cancelled"`) {
		t.Errorf("cancel: %s", res.Body)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := s.model.WaitGone(ctx, 1); err != nil {
		t.Errorf("the connection to the model stays open: %v", err)
	}
	kinds := apptest.Kinds(s.socket.Until(apptest.Completed))
	if kinds[len(kinds)-2] != "chat_status agent_cancelled" {
		t.Errorf("end of the turn: %v", kinds)
	}
	s.ada.Must(http.StatusBadRequest, "POST", "/v1/jobs/"+job.ID+"/cancel", nil)
}

func TestModelThatNeverAnswersIsGivenUp(t *testing.T) {
	t.Parallel()
	s := newStage(t, "TMATES_TURN_TIMEOUT=1s", "TMATES_QUEUE_MAX_ATTEMPTS=1")
	s.model.Reply(modelserver.Hang())
	frames := say(s.socket, s.thread, "hello")
	if m := reply(frames); m["role"] != "system" || !strings.Contains(content(m), "took too long") {
		t.Errorf("message: %+v", m)
	}
	if job := s.lastJob(); job.Status != "failed" || job.Error["error_type"] != "timeout" {
		t.Errorf("job: %+v", job)
	}
}

func TestModelSeesTheConversation(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, text := range []string{"first", "second"} {
		say(s.socket, s.thread, text)
	}
	reqs := s.model.Requests()
	var got []string
	for _, m := range reqs[len(reqs)-1].Messages {
		if m.Role != "system" {
			got = append(got, m.Role+": "+m.Content)
		}
	}
	want := []string{"user: first", "assistant: You said: first", "user: second"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what the model was shown (-want +got):\n%s", diff)
	}
}

func TestReplyCarriesFilesOfTheUserOnly(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bob := s.AddUser("bob@example.com", "Bob")
	for user, name := range map[string]string{s.ada.ID: "q 3.png", bob.ID: "secret.txt"} {
		folder := filepath.Join(s.Dir, "files", user)
		if err := errors.Join(os.MkdirAll(folder, 0o700), os.WriteFile(filepath.Join(folder, name), []byte("12345"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	s.model.Reply(modelserver.Text("Here is the chart: /v1/files/download/q%203.png and not /v1/files/download/secret.txt"))
	m := reply(say(s.socket, s.thread, "the chart please"))
	want := []any{map[string]any{
		"uri": "/v1/files/download/q%203.png", "name": "q 3.png", "relative_path": "q 3.png", "size_bytes": 5.0, "type": "image/png",
	}}
	if diff := cmp.Diff(want, m["attachments"]); diff != "" {
		t.Errorf("attachments (-want +got):\n%s", diff)
	}
	if got := content(m); got != "Here is the chart and not /v1/files/download/secret.txt" {
		t.Errorf("text %q", got)
	}
}
