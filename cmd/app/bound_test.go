package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tmates/tmates/cmd/app/apptest"
)

// TestSendingIsBounded is Q-B11 for the routes that send.
func TestSendingIsBoundedQB11(t *testing.T) {
	t.Parallel()
	a := apptest.Start(t, apptest.Options{Env: []string{"TMATES_CHAT_MESSAGES_PER_MINUTE=3"}})
	ada, bob := a.AddUser("ada@example.com", "Ada"), a.AddUser("bob@example.com", "Bob")
	thread := ada.Thread("Adam")
	for range 3 {
		ada.Must(http.StatusCreated, "POST", "/v1/chats/"+thread+"/messages", map[string]string{"content": "hello"})
	}
	res := ada.Must(http.StatusTooManyRequests, "POST", "/v1/chats/"+thread+"/messages", map[string]string{"content": "hello"})
	if res.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	ada.Must(http.StatusTooManyRequests, "POST", "/v1/jobs", map[string]string{"agent_key": "adam", "task": "x"})
	s := ada.Dial()
	s.Send(map[string]string{"type": "send_message", "thread_id": thread, "content": "hello"})
	frames := s.Until(func(f map[string]any) bool { return f["type"] == "error" || f["type"] == "message_sent" }) // replies may still come in
	if f := frames[len(frames)-1]; f["type"] != "error" {
		t.Errorf("the socket answers %v", f)
	}
	ada.Must(http.StatusOK, "GET", "/v1/chats/"+thread, nil) // reading goes on
	bob.Must(http.StatusCreated, "POST", "/v1/chats/"+bob.Thread("Adam")+"/messages", map[string]string{"content": "hello"})
}

// TestLongThreadsAreReadInParts: a thread of many long messages answers with the
// newest that fit, and a socket that is far behind is told to read it so.
func TestLongThreadsAreReadInParts(t *testing.T) {
	t.Parallel()
	a := apptest.Start(t, apptest.Options{Env: []string{"TMATES_CHAT_MESSAGES_PER_MINUTE=0", "TMATES_STORE_SYNCHRONOUS=normal"}})
	ada := a.AddUser("ada@example.com", "Ada")
	thread := ada.Thread("Adam")
	long := strings.Repeat("é", 99_000)
	const sent = 30 // 6 MB
	for range sent {
		ada.Must(http.StatusCreated, "POST", "/v1/chats/"+thread+"/messages", map[string]string{"content": long})
	}
	res := ada.Must(http.StatusOK, "GET", "/v1/chats/"+thread, nil)
	var th struct{ Messages []struct{ Seq int64 } }
	res.Decode(&th)
	if len(res.Body) > 5<<20 || len(th.Messages) < 20 {
		t.Errorf("%d messages in %d bytes", len(th.Messages), len(res.Body))
	}
	s := ada.Dial()
	s.Send(map[string]any{"type": "subscribe", "thread_id": thread, "after": 0})
	// Replies may still come in; what was said before they began may not.
	said := func(f map[string]any) bool {
		m, _ := f["message"].(map[string]any)
		return m["role"] == "user"
	}
	frames := s.Until(func(f map[string]any) bool { return f["type"] == "resync" || said(f) })
	if last := frames[len(frames)-1]; last["type"] != "resync" {
		t.Errorf("a socket that is far behind is sent %v", last["type"])
	}
}

// TestStrangersBodiesAreSmall: without a token nobody makes the server read, or
// decode, a large body.
func TestStrangersBodiesAreSmall(t *testing.T) {
	t.Parallel()
	a := apptest.Start(t, apptest.Options{})
	ada := a.AddUser("ada@example.com", "Ada")
	large := []byte(`{"content":"` + strings.Repeat("x", 200<<10) + `"}`)
	if res := a.Do("POST", "/v1/jobs", "", large); res.Status != http.StatusUnauthorized {
		t.Errorf("a stranger's large body: %d %s", res.Status, res.Body)
	}
	many := []byte("[" + strings.Repeat("1,", 30_000) + "1]")
	for path, status := range map[string]int{"/v1/jobs": http.StatusUnprocessableEntity, "/auth/v1/verify": http.StatusBadRequest} {
		if res := a.Do("POST", path, ada.Token, many); res.Status != status || !strings.Contains(string(res.Body), "more than 20000 values") {
			t.Errorf("%s with many values: %d %.200s", path, res.Status, res.Body)
		}
	}
}
