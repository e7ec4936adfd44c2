package v1_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/cmd/app/apptest"
	"github.com/tmates/tmates/cmd/config"
)

// mark is what is read of a thread.
type mark struct {
	ID     string
	Unread int   `json:"unread_count"`
	Read   int64 `json:"last_read_seq"`
}

func threads(u *apptest.User) (all []mark) {
	u.Must(http.StatusOK, "GET", "/v1/chats", nil).Decode(&all)
	return all
}

// markOf reads a thread's mark, and sees that the list tells the same.
func markOf(t *testing.T, u *apptest.User, threadID string) (m mark) {
	t.Helper()
	u.Must(http.StatusOK, "GET", "/v1/chats/"+threadID+"?limit=1", nil).Decode(&m)
	for _, listed := range threads(u) {
		if listed.ID == threadID && listed != m {
			t.Errorf("listed as %+v, read as %+v", listed, m)
		}
	}
	return m
}

func isRead(f map[string]any) bool { return f["type"] == "thread_read" }

// What others say is unread until it is read or answered, on all devices alike.
func TestUnread(t *testing.T) {
	t.Parallel()
	_, ann, bob, _ := product(t, nil)
	thread := ann.Thread("Adam")
	laptop, phone := ann.Dial(), ann.Dial()
	if m := markOf(t, ann, thread); m.Unread != 1 || m.Read != 0 {
		t.Errorf("with a greeting: %+v", m)
	}
	say(ann, laptop, thread, "one")
	said := messages(ann, thread, "")
	question, answer := said[1], said[2]
	if m := markOf(t, ann, thread); m.Unread != 1 || m.Read != question.Seq {
		t.Errorf("after an answer: %+v, want 1 after %d", m, question.Seq)
	}
	ann.Must(http.StatusCreated, "POST", "/v1/chats/"+thread+"/session/reset", nil)
	say(ann, laptop, thread, "fail")
	if m := markOf(t, ann, thread); m.Unread != 1 { // the failure is news, the reset is not
		t.Errorf("after a failure: %+v", m)
	}
	phone.Until(apptest.Completed)
	phone.Until(apptest.Completed)

	var got struct {
		Thread string `json:"thread_id"`
		mark
	}
	read := func(seq int64) {
		t.Helper()
		ann.Must(http.StatusOK, "PUT", "/v1/chats/"+thread+"/read", map[string]any{"seq": seq}).Decode(&got)
	}
	before := markOf(t, ann, thread)
	read(answer.Seq) // lies behind
	if got.Read != before.Read || got.Unread != 1 || got.Thread != thread {
		t.Errorf("the mark went back: %+v, was %+v", got, before)
	}
	read(1 << 50)
	newest := messages(ann, thread, "?limit=1")[0].Seq
	if got.Read != newest || got.Unread != 0 {
		t.Errorf("read to the end: %+v, want %d", got, newest)
	}
	want := map[string]any{"type": "thread_read", "thread_id": thread, "last_read_seq": float64(newest), "unread_count": float64(0)}
	for _, s := range []*apptest.Socket{laptop, phone} { // the first that moved the mark is the first that is told
		frames := s.Until(isRead)
		if diff := cmp.Diff(want, frames[len(frames)-1]); diff != "" {
			t.Errorf("frame (-want +got):\n%s", diff)
		}
	}
	for _, body := range []string{`{}`, `{"seq":-1}`, `{"seq":"x"}`, `{"seq":1.5}`, `{"seq":null}`, `[]`} {
		ann.Must(http.StatusUnprocessableEntity, "PUT", "/v1/chats/"+thread+"/read", []byte(body))
	}
	bob.Must(http.StatusNotFound, "PUT", "/v1/chats/"+thread+"/read", map[string]any{"seq": 1})
	bob.Must(http.StatusOK, "PUT", "/v1/chats/team:all/read", map[string]any{"seq": 1 << 50})
	ann.Must(http.StatusNoContent, "POST", "/v1/chats/"+thread+"/clear", nil)
	if m := markOf(t, ann, thread); m.Unread != 0 {
		t.Errorf("cleared: %+v", m)
	}
}

// A message with a name is said once, however often and from wherever it is sent.
func TestSaidOnce(t *testing.T) {
	t.Parallel()
	_, ann, bob, _ := product(t, nil)
	thread := ann.Thread("Adam")
	s := ann.Dial()
	body := map[string]any{"content": "once", "client_id": "c-1"}
	statuses, ids := make([]int, 8), make([]string, 8)
	var wg sync.WaitGroup
	for i := range statuses {
		wg.Go(func() {
			res := ann.Do("POST", "/v1/chats/"+thread+"/messages", body)
			var m struct {
				ID       string
				ClientID string `json:"client_id"`
			}
			res.Decode(&m)
			statuses[i], ids[i] = res.Status, m.ID+" "+m.ClientID
		})
	}
	wg.Wait()
	s.Until(apptest.Completed)
	created := 0
	for i, status := range statuses {
		if status == http.StatusCreated {
			created++
		} else if status != http.StatusOK {
			t.Errorf("sent again: %d", status)
		}
		if ids[i] != ids[0] || !strings.HasSuffix(ids[i], " c-1") {
			t.Errorf("messages %q and %q", ids[0], ids[i])
		}
	}
	s.Send(map[string]any{"type": "send_message", "thread_id": thread, "content": "once more", "client_id": "c-1"})
	sent := s.Next()
	if sent["type"] != "message_sent" || sent["message_id"].(string)+" c-1" != ids[0] || sent["client_id"] != "c-1" {
		t.Errorf("over the socket: %v", sent)
	}
	if n, work := len(messages(ann, thread, "")), len(jobs(ann)); created != 1 || n != 3 || work != 1 {
		t.Errorf("created %d times, %d messages, %d jobs", created, n, work)
	}
	// The name belongs to a thread and a person.
	other := map[string]any{"content": "once", "client_id": "c-1"}
	ann.Must(http.StatusCreated, "POST", "/v1/chats/team:all/messages", other)
	bob.Must(http.StatusCreated, "POST", "/v1/chats/agent:adam/messages", other)
	s.Until(apptest.Completed)
	s.Send(map[string]any{"type": "send_message", "thread_id": thread, "content": "hi", "client_id": "c-2"})
	for _, f := range s.Until(apptest.Completed) {
		if m, ok := f["message"].(map[string]any); ok && (m["client_id"] == "c-2") != (m["role"] == "user") {
			t.Errorf("frame = %v", f)
		}
	}
	for _, name := range []any{"", strings.Repeat("ü", 65), 5, []any{}} {
		ann.Must(http.StatusUnprocessableEntity, "POST", "/v1/chats/"+thread+"/messages", map[string]any{"content": "x", "client_id": name})
	}
	ann.Must(http.StatusCreated, "POST", "/v1/chats/"+thread+"/messages", map[string]any{"content": "x", "client_id": strings.Repeat("ü", 64)})
}

// A person's own failed or cancelled work can be done once more, within the limit.
func TestRetryOwnJob(t *testing.T) {
	t.Parallel()
	_, ann, bob, model := product(t, func(c *config.Config) { c.Queue.ActiveJobsPerUser = 1 })
	thread := ann.Thread("Adam")
	s := ann.Dial()
	say(ann, s, thread, "fail")
	failed := jobs(ann)[0]
	bob.Must(http.StatusNotFound, "POST", "/v1/jobs/"+failed.ID+"/retry", nil)
	var again struct {
		ID       string
		Metadata map[string]any
	}
	ann.Must(http.StatusAccepted, "POST", "/v1/jobs/"+failed.ID+"/retry", nil).Decode(&again)
	if again.ID == failed.ID || again.Metadata["retry_of"] != failed.ID {
		t.Errorf("retried as %+v", again)
	}
	s.Until(apptest.Completed)
	ann.Must(http.StatusCreated, "POST", "/v1/chats/"+thread+"/messages", map[string]any{"content": "slow one"})
	ann.Must(http.StatusTooManyRequests, "POST", "/v1/jobs/"+failed.ID+"/retry", nil)
	close(model.release)
	s.Until(apptest.Completed)
	ann.Must(http.StatusConflict, "POST", "/v1/jobs/"+jobs(ann)[0].ID+"/retry", nil)
}

func TestWebSettings(t *testing.T) {
	t.Parallel()
	_, ann, bob, _ := product(t, nil)
	want := map[string]any{"theme": "system", "language": "system", "send_with": "enter", "notifications": false, "checklist_dismissed": false}
	get := func(u *apptest.User) any { return u.Must(http.StatusOK, "GET", "/v1/settings/web", nil).JSON() }
	if diff := cmp.Diff(any(want), get(ann)); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
	for name, value := range map[string]any{"theme": "dark", "language": "de", "send_with": "ctrl_enter", "notifications": true, "checklist_dismissed": true} {
		want[name] = value
		res := ann.Must(http.StatusOK, "PATCH", "/v1/settings/web", map[string]any{name: value}).JSON()
		if diff := cmp.Diff(any(want), res); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if diff := cmp.Diff(any(want), get(ann)); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	for _, wrong := range []string{`{}`, `{"theme":null}`, `{"theme":"Dark"}`, `{"language":"fr"}`, `{"send_with":1}`, `{"notifications":"perhaps"}`} {
		ann.Must(http.StatusUnprocessableEntity, "PATCH", "/v1/settings/web", []byte(wrong))
	}
	if m, _ := get(bob).(map[string]any); m["theme"] != "system" {
		t.Errorf("Bob's are %v", m)
	}
}

// An answer tells which tools ran for it, and in Team Chat why this tmate spoke.
func TestStepsAndSpeaker(t *testing.T) {
	t.Parallel()
	_, ann, _, _ := product(t, nil)
	s := ann.Dial()
	say(ann, s, "team:all", "@adam hello")
	said := messages(ann, "team:all", "")
	speaker, _ := said[len(said)-1].Payload["speaker"].(map[string]any)
	if reason, _ := speaker["reason"].(string); len(speaker) != 1 || !strings.HasSuffix(reason, ".") || strings.ToUpper(reason[:1]) != reason[:1] {
		t.Errorf("speaker = %v", speaker)
	}
	say(ann, s, "agent:adam", "note Ann likes tea")
	said = messages(ann, "agent:adam", "")
	payload := said[len(said)-1].Payload
	steps, _ := payload["steps"].([]any)
	if len(steps) != 1 || payload["speaker"] != nil {
		t.Fatalf("payload = %v", payload)
	}
	step, _ := steps[0].(map[string]any)
	if ms, ok := step["ms"].(float64); step["tool"] != "remember" || step["summary"] != "Making a note" || step["ok"] != true || !ok || ms < 0 {
		t.Errorf("step = %v", step)
	}
}
