package v1_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"github.com/tmates/tmates/cmd/app/apptest"
)

// A refused handshake is a plain 403 without a body, whatever is wrong (Q-R5);
// the token may stand in the header, where no log sees it (Q-R9).
func TestHandshakeQR5QR9(t *testing.T) {
	t.Parallel()
	app, ann, bob, _ := product(t, nil)
	dial := func(path, authorization string) (*http.Response, error) {
		header := http.Header{}
		if authorization != "" {
			header.Set("Authorization", authorization)
		}
		conn, res, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(app.URL, "http")+path, header)
		if err == nil {
			err = conn.Close()
		}
		return res, err
	}
	var first http.Header
	for _, c := range [][2]string{
		{"/v1/ws/" + ann.ID, ""}, {"/v1/ws/" + ann.ID + "?token=", ""}, {"/v1/ws/" + ann.ID + "?token=a.b.c", ""},
		{"/v1/ws/" + ann.ID + "?token=" + bob.Token, ""}, {"/v1/ws/" + randomID + "?token=" + bob.Token, ""},
		{"/v1/ws/" + ann.ID, "Bearer " + bob.Token}, {"/v1/ws/" + ann.ID, ann.Token}, {"/v1/ws/nobody?token=" + app.AnonKey, ""},
		{"/v1/websocket", ""}, {"/ws?token=x", ""}, {"/api/v1/ws", "Bearer x"}, {"/v1/ws/%2F?token=" + ann.Token, ""},
	} {
		res, err := dial(c[0], c[1])
		if err == nil || res == nil || res.StatusCode != http.StatusForbidden || res.ContentLength != 0 {
			t.Errorf("%.40s: %+v, %v", c[0], res, err)
			continue
		}
		res.Header.Del("Date")
		if first == nil {
			first = res.Header
		}
		if diff := cmp.Diff(first, res.Header); diff != "" {
			t.Errorf("%.40s: headers:\n%s", c[0], diff)
		}
	}
	for _, c := range [][2]string{
		{"/v1/ws/" + ann.ID + "?token=" + ann.Token, ""}, {"/ws/" + ann.ID, "Bearer " + ann.Token},
		{"/v1/websocket?token=" + ann.Token, ""}, {"/api/ws", "Bearer " + ann.Token},
	} {
		if res, err := dial(c[0], c[1]); err != nil {
			t.Errorf("%.40s: %+v, %v", c[0], res, err)
		}
	}
	if res := ann.Do("GET", "/v1/ws/"+ann.ID, nil); res.Status != http.StatusBadRequest {
		t.Errorf("no handshake: %d %s", res.Status, res.Body)
	}
	if log := app.Log.String(); strings.Contains(log, ann.Token) || strings.Contains(log, bob.Token) {
		t.Error("a token is in the log")
	}
}

// sent writes a frame as it stands and returns the answer.
func sent(t *testing.T, s *apptest.Socket, text string) map[string]any {
	t.Helper()
	if err := s.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		t.Fatal(err)
	}
	return s.Next()
}

// Every frame has its answer, and one that makes no sense does not end the
// conversation (Q-R4).
func TestFramesQR4(t *testing.T) {
	t.Parallel()
	_, ann, bob, _ := product(t, nil)
	foreign := bob.Thread("Team Chat")
	s := ann.Dial()
	notFrame := map[string]any{"type": "error", "message": "A frame must be a JSON object"}
	missing := map[string]any{"type": "error", "message": "Missing thread_id or content"}
	failed := func(why string) map[string]any {
		return map[string]any{"type": "error", "message": "Failed to send message", "error": why}
	}
	unknown := map[string]any{"type": "error", "message": "Failed to subscribe", "error": "Chat thread not found"}
	tests := []struct {
		in   string
		want map[string]any
	}{
		{`{"type":"ping"}`, map[string]any{"type": "pong"}},
		{`hello`, notFrame},
		{`[]`, notFrame},
		{`{"type":"juggle"}` /* nothing */, nil},
		{`{}`, nil},
		{`{"type":5}`, nil},
		{`{"type":"subscribe","thread_id":"whatever"}`, map[string]any{"type": "subscribed", "thread_id": "whatever"}},
		{`{"type":"subscribe"}`, map[string]any{"type": "subscribed", "thread_id": nil}},
		{`{"type":"subscribe","thread_id":"` + randomID + `","after":0}`, unknown},
		{`{"type":"subscribe","thread_id":"` + foreign + `","after":0}`, unknown},
		{`{"type":"subscribe","thread_id":"` + foreign + `","stream":true}`, unknown},
		{`{"type":"subscribe","stream":true}`, unknown},
		{`{"type":"send_message","content":"a"}`, missing},
		{`{"type":"send_message","thread_id":"t"}`, missing},
		{`{"type":"send_message","thread_id":"t","content":5}`, missing},
		{`{"type":"send_message","thread_id":"t","content":"","attachments":[{"name":"bad"}]}`, missing},
		{`{"type":"send_message","thread_id":"` + randomID + `","content":"a"}`, failed("Chat thread not found")},
		{`{"type":"send_message","thread_id":"` + foreign + `","content":"a"}`, failed("Chat thread not found")},
		{`{"type":"send_message","thread_id":"team:all","content":" "}`, failed("The message is empty")},
		{`{"type":"send_message","thread_id":"team:all","content":"a","session_id":"` + strings.Repeat("s", 129) + `"}`,
			failed("session_id has more than 128 characters")},
		{`{"type":"send_message","thread_id":"team:all","content":"` + strings.Repeat("é", 100_001) + `"}`,
			failed("The message has more than 100000 characters")},
	}
	for _, test := range tests {
		text := test.in
		if test.want == nil { // answered by nothing: the next answer belongs to a ping
			if err := s.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
				t.Fatal(err)
			}
			text, test.want = `{"type":"ping"}`, map[string]any{"type": "pong"}
		}
		if diff := cmp.Diff(test.want, sent(t, s, text)); diff != "" {
			t.Errorf("%.80s (-want +got):\n%s", test.in, diff)
		}
	}
}

// What is sent over a socket goes the way of what is sent over HTTP, and its
// frame has the payload of the stored message (Q-R6).
func TestSendOverSocketQR6(t *testing.T) {
	t.Parallel()
	_, ann, _, _ := product(t, nil)
	thread := ann.Thread("Adam")
	other, s := ann.Dial(), ann.Dial()
	s.Send(map[string]any{
		"type": "send_message", "thread_id": "agent:adam", "content": " Hi ", "client_id": "c-1", "session_id": 5,
		"attachments": []any{map[string]any{"uri": "/v1/files/download/a.png"}, map[string]any{"name": "bad"}, 7},
	})
	var acknowledged map[string]any
	completed := false
	frames := s.Until(func(f map[string]any) bool {
		if f["type"] == "message_sent" {
			acknowledged = f
		}
		completed = completed || apptest.Completed(f)
		return completed && acknowledged != nil
	})
	var events []map[string]any
	for _, f := range frames {
		if f["type"] != "message_sent" && f["type"] != "message_delta" {
			events = append(events, f)
		}
	}
	want := []string{"new_message user", "chat_status agent_typing", "new_message assistant", "chat_status agent_processing_completed"}
	if diff := cmp.Diff(want, apptest.Kinds(events)); diff != "" {
		t.Fatalf("order of events (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, apptest.Kinds(other.Until(apptest.Completed))); diff != "" {
		t.Errorf("on the other socket (-want +got):\n%s", diff)
	}
	m, _ := events[0]["message"].(map[string]any)
	wantSent := map[string]any{"type": "message_sent", "thread_id": "agent:adam", "resolved_thread_id": thread, "message_id": m["id"], "client_id": "c-1"}
	if diff := cmp.Diff(wantSent, acknowledged); diff != "" {
		t.Errorf("message_sent (-want +got):\n%s", diff)
	}
	if m["content"] != "Hi" || m["author"] != "Ann" || events[0]["thread_id"] != thread {
		t.Errorf("own message: %+v", events[0])
	}
	file := []any{map[string]any{"uri": "/v1/files/download/a.png", "relative_path": "a.png"}}
	if diff := cmp.Diff(any(file), m["attachments"]); diff != "" {
		t.Errorf("attachments (-want +got):\n%s", diff)
	}
	stored := messages(ann, thread, "?limit=2")[0]
	if diff := cmp.Diff(any(stored.Payload), m["payload"]); diff != "" {
		t.Errorf("payload of the thread and the frame (-thread +frame):\n%s", diff)
	}
}

// A client that was away gets exactly what it missed, then what is going on.
func TestResume(t *testing.T) {
	t.Parallel()
	_, ann, _, model := product(t, nil)
	thread := ann.Thread("Adam")
	first := ann.Dial()
	say(ann, first, thread, "one")
	seen := messages(ann, thread, "")
	last := seen[len(seen)-1].Seq
	say(ann, first, thread, "two")
	ann.Must(http.StatusCreated, "POST", "/v1/chats/"+thread+"/messages", map[string]any{"content": "slow three"})
	stream := ann.Dial()
	stream.Send(map[string]any{"type": "subscribe", "thread_id": thread, "stream": true})
	stream.Until(func(f map[string]any) bool { return f["type"] == "message_delta" && f["text"] == "Half ünd " })

	s := ann.Dial()
	s.Send(map[string]any{"type": "subscribe", "thread_id": "agent:adam", "after": last, "stream": true})
	frames := s.Until(func(f map[string]any) bool { return f["type"] == "message_delta" })
	want := []string{"subscribed", "new_message user", "new_message assistant", "new_message user", "chat_status agent_typing", "message_delta"}
	if diff := cmp.Diff(want, apptest.Kinds(frames)); diff != "" {
		t.Fatalf("frames (-want +got):\n%s", diff)
	}
	now := messages(ann, thread, "?limit=3")
	wantSubscribed := map[string]any{
		"type": "subscribed", "thread_id": "agent:adam", "resolved_thread_id": thread, "last_seq": float64(now[2].Seq),
	}
	if diff := cmp.Diff(wantSubscribed, frames[0]); diff != "" {
		t.Errorf("subscribed (-want +got):\n%s", diff)
	}
	for i, m := range now {
		if got, _ := frames[i+1]["message"].(map[string]any); got["id"] != m.ID || got["seq"] != float64(m.Seq) {
			t.Errorf("missed message %d = %+v, want %+v", i, got, m)
		}
	}
	snapshot := frames[5]
	if snapshot["offset"] != 0.0 || snapshot["text"] != "Half ünd " || snapshot["agent"] != "adam" || snapshot["thread_id"] != thread {
		t.Errorf("snapshot = %+v", snapshot)
	}
	quietly(t, first, thread, now[2].Seq, snapshot["job_id"])
	close(model.release)
	rest := s.Until(apptest.Completed)
	if diff := cmp.Diff([]string{"message_delta", "new_message assistant", "chat_status agent_processing_completed"}, apptest.Kinds(rest)); diff != "" {
		t.Fatalf("live frames (-want +got):\n%s", diff)
	}
	if rest[0]["offset"] != 9.0 || rest[0]["text"] != "done." || rest[0]["job_id"] != snapshot["job_id"] {
		t.Errorf("delta = %+v", rest[0])
	}
	// Who asked for no stream gets none.
	for _, f := range first.Until(func(f map[string]any) bool {
		m, _ := f["message"].(map[string]any)
		return m["content"] == "Half ünd done."
	}) {
		if f["type"] == "message_delta" {
			t.Errorf("a delta nobody asked for: %+v", f)
		}
	}
}

// quietly subscribes without stream: there is the status, and no text.
func quietly(t *testing.T, s *apptest.Socket, thread string, after int64, jobID any) {
	t.Helper()
	s.Send(map[string]any{"type": "subscribe", "thread_id": thread, "after": after})
	s.Until(func(f map[string]any) bool { return f["type"] == "subscribed" })
	if f := s.Next(); f["type"] != "chat_status" || f["job_id"] != jobID {
		t.Errorf("what is going on = %+v", f)
	}
	if f := sent(t, s, `{"type":"ping"}`); f["type"] != "pong" {
		t.Errorf("instead of a pong: %+v", f)
	}
}

// Too much to send is read over HTTP.
func TestResync(t *testing.T) {
	t.Parallel()
	_, ann, _, _ := product(t, nil)
	thread := ann.Thread("Adam")
	for range 251 { // each leaves the message and the answer that nothing is running
		ann.Must(http.StatusCreated, "POST", "/v1/chats/"+thread+"/messages", map[string]any{"content": "stop"})
	}
	all := messages(ann, thread, "")
	newest := all[len(all)-1].Seq
	s := ann.Dial()
	after := func(seq int64) map[string]any {
		s.Send(map[string]any{"type": "subscribe", "thread_id": thread, "after": seq})
		subscribed := s.Next()
		if subscribed["last_seq"] != float64(newest) {
			t.Fatalf("subscribed = %+v", subscribed)
		}
		return s.Next()
	}
	if diff := cmp.Diff(map[string]any{"type": "resync", "thread_id": thread}, after(all[len(all)-502].Seq)); diff != "" {
		t.Errorf("501 missed (-want +got):\n%s", diff)
	}
	begin := all[len(all)-501]
	if f := after(begin.Seq); f["type"] != "new_message" {
		t.Fatalf("500 missed: %+v", f)
	}
	for i, want := range all[len(all)-499:] {
		f := s.Next()
		if m, _ := f["message"].(map[string]any); m["id"] != want.ID {
			t.Fatalf("missed message %d = %+v, want %+v", i+1, f, want)
		}
	}
	if got := sent(t, s, `{"type":"ping"}`); got["type"] != "pong" {
		t.Errorf("afterwards: %+v", got)
	}
}

// Everybody hears of a post (Q-R3) and of who joins (Q-R7).
func TestBroadcastQR3QR7(t *testing.T) {
	t.Parallel()
	_, ann, bob, _ := product(t, nil)
	s := bob.Dial()
	ann.Must(http.StatusOK, "POST", "/v1/agents/manage", map[string]any{"agent_key": "nora", "action": "add"})
	joined := s.Next()
	m, _ := joined["message"].(map[string]any)
	payload, _ := m["payload"].(map[string]any)
	if joined["type"] != "new_message" || joined["thread_id"] != bob.Thread("Team Chat") || m["author"] != nil || payload["event"] != "agent_join" {
		t.Errorf("joined: %+v", joined)
	}
	ann.Must(http.StatusCreated, "POST", "/v1/chats/agent:adam/messages", map[string]any{"content": "pin Good News"})
	pinned := s.Next()
	post, _ := pinned["post"].(map[string]any)
	if pinned["type"] != "pinboard_post" || post["slug"] != "good-news" || post["author_agent_key"] != "adam" || post["user_id"] != ann.ID {
		t.Errorf("pinned: %+v", pinned)
	}
	if got, want := fmt.Sprint(post["excerpt"], "|", post["priority"]), "Good News Some words.|high"; got != want {
		t.Errorf("post shows %q, want %q", got, want)
	}
}
