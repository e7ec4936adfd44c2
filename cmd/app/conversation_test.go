package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/cmd/app/apptest"
)

// say sends a message over the socket and returns every frame up to the end of
// its turn.
func say(s *apptest.Socket, threadID, text string) []map[string]any {
	s.Send(map[string]any{"type": "send_message", "thread_id": threadID, "content": text})
	sent, completed := false, false
	return s.Until(func(f map[string]any) bool {
		sent = sent || f["type"] == "message_sent"
		completed = completed || apptest.Completed(f)
		return sent && completed
	})
}

// reply returns the last message of the frames.
func reply(frames []map[string]any) map[string]any {
	var last map[string]any
	for _, f := range frames {
		if m, ok := f["message"].(map[string]any); ok {
			last = m
		}
	}
	return last
}

func content(m map[string]any) string {
	s, _ := m["content"].(string)
	return s
}

func TestATurnShowsItselfInOrder(t *testing.T) {
	t.Parallel()
	a := apptest.Start(t, apptest.Options{})
	ada := a.AddUser("ada@example.com", "Ada")
	thread := ada.Thread("Adam")
	s := ada.Dial()
	frames := say(s, thread, "hello")
	kinds := apptest.Kinds(frames)
	// message_sent may come anywhere after the typing indicator.
	kinds = without(kinds, "message_sent")
	want := []string{"new_message user", "chat_status agent_typing", "new_message assistant", "chat_status agent_processing_completed"}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Fatalf("order (-want +got):\n%s", diff)
	}
	m := reply(frames)
	payload, _ := m["payload"].(map[string]any)
	if m["author"] != "Adam" || payload["agent_key"] != "adam" || payload["job_id"] == nil {
		t.Errorf("reply: %+v", m)
	}
}

func without(list []string, drop string) (rest []string) {
	for _, s := range list {
		if s != drop {
			rest = append(rest, s)
		}
	}
	return rest
}

func TestNothingIsLostOverARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := apptest.Start(t, apptest.Options{Dir: dir})
	ada := first.AddUser("ada@example.com", "Ada")
	thread := ada.Thread("Adam")
	say(ada.Dial(), thread, "remember that the door code is 4711")
	before := ada.Must(http.StatusOK, "GET", "/v1/chats/"+thread, nil)
	first.Stop()

	second := apptest.Start(t, apptest.Options{Dir: dir})
	if second.AnonKey != first.AnonKey {
		t.Error("the anon key changed")
	}
	// The old login goes on: tokens outlive the process.
	after := second.Do("GET", "/v1/chats/"+thread, ada.Token, nil)
	if diff := cmp.Diff(string(before.Body), string(after.Body)); diff != "" {
		t.Errorf("thread (-before +after):\n%s", diff)
	}
	frames := say(second.Login("ada@example.com").Dial(), thread, "what do you remember?")
	if got := content(reply(frames)); !strings.Contains(got, "4711") {
		t.Errorf("after the restart Adam says %q", got)
	}
}

func TestMemoryStaysInItsConversation(t *testing.T) {
	t.Parallel()
	a := apptest.Start(t, apptest.Options{})
	ada, bob := a.AddUser("ada@example.com", "Ada"), a.AddUser("bob@example.com", "Bob")
	direct := ada.Thread("Adam")
	s := ada.Dial()
	say(s, direct, "remember that my cat is called Mimi")
	knows := func(s *apptest.Socket, thread string) bool {
		return strings.Contains(content(reply(say(s, thread, "what do you remember?"))), "Mimi")
	}
	if !knows(s, direct) {
		t.Error("Adam forgot what he was just told")
	}
	if knows(s, ada.Thread("Team Chat")) {
		t.Error("Adam recalls it in Team Chat")
	}
	if knows(bob.Dial(), bob.Thread("Adam")) {
		t.Error("Adam tells bob")
	}
	ada.Must(http.StatusCreated, "POST", "/v1/chats/"+direct+"/session/reset", nil)
	if knows(s, direct) {
		t.Error("Adam recalls it after a reset (Q-C10)")
	}
	say(s, direct, "remember that my cat is called Mimi")
	ada.Must(http.StatusNoContent, "POST", "/v1/chats/"+direct+"/clear", nil)
	if knows(s, direct) {
		t.Error("Adam recalls it after a clear (Q-C16)")
	}
}

func TestTeamChatHasOneSpeakerWithAReason(t *testing.T) {
	t.Parallel()
	a := apptest.Start(t, apptest.Options{})
	ada := a.AddUser("ada@example.com", "Ada")
	ada.Must(http.StatusOK, "POST", "/v1/agents/manage", map[string]string{"agent_key": "nora", "action": "add"})
	s := ada.Dial()
	for _, c := range []struct{ text, author, reason string }{
		{"Nora, good morning", "Nora", "addressed by name"},
		{"thanks", "Nora", "follow-up to Nora's message"},
		{"@adam hello", "Adam", "addressed as @adam"},
	} {
		// An alias works wherever a thread id is taken.
		s.Send(map[string]any{"type": "send_message", "thread_id": "team:all", "content": c.text})
		frames := s.Until(apptest.Completed)
		m := reply(frames)
		payload, _ := m["payload"].(map[string]any)
		if m["author"] != c.author || payload["speaker_reason"] != c.reason {
			t.Errorf("%q is answered by %v (%v), want %s (%s)", c.text, m["author"], payload["speaker_reason"], c.author, c.reason)
		}
		answers := 0
		for _, kind := range apptest.Kinds(frames) {
			if kind == "new_message assistant" {
				answers++
			}
		}
		if answers != 1 {
			t.Errorf("%q has %d answers", c.text, answers)
		}
	}
}

func TestHireDismissHireAgainQA5(t *testing.T) {
	t.Parallel()
	a := apptest.Start(t, apptest.Options{})
	ada, bob := a.AddUser("ada@example.com", "Ada"), a.AddUser("bob@example.com", "Bob")
	watching := bob.Dial()
	manage := func(key, action, want string) {
		t.Helper()
		var out struct {
			Success bool
			Action  string
		}
		ada.Must(http.StatusOK, "POST", "/v1/agents/manage", map[string]string{"agent_key": key, "action": action}).Decode(&out)
		if !out.Success || out.Action != want {
			t.Errorf("%s %s: %+v", action, key, out)
		}
	}
	manage("nora", "add", "added")
	direct := ada.Thread("Nora")
	// Q-R7: join and leave reach every member's Team Chat.
	joined := reply([]map[string]any{watching.Next()})
	if payload, _ := joined["payload"].(map[string]any); joined["role"] != "system" || payload["event"] != "agent_join" || payload["agent_key"] != "nora" {
		t.Errorf("bob sees %+v", joined)
	}
	manage("nora", "add", "added") // Q-A5
	manage("nora", "remove", "removed")
	left := reply([]map[string]any{watching.Next()})
	if payload, _ := left["payload"].(map[string]any); payload["event"] != "agent_leave" {
		t.Errorf("bob sees %+v", left)
	}
	// Q-C4: the thread is kept, hidden, and refuses new turns.
	s := ada.Dial()
	frames := say(s, direct, "are you there?")
	if m := reply(frames); m["role"] != "system" {
		t.Errorf("a dismissed tmate's thread answers %+v", m)
	}
	manage("nora", "add", "added")
	manage("adam", "add", "added") // Q-A1: the seeded thread exists already
	if again := ada.Thread("Nora"); again != direct {
		t.Errorf("hiring again made the thread %s, want %s", again, direct)
	}
	// Q-C2: the direct thread, never Team Chat.
	var opened struct{ ID, Kind string }
	ada.Must(http.StatusCreated, "POST", "/v1/chats?agent_key=Nora", nil).Decode(&opened)
	if opened.ID != direct || opened.Kind != "agent" {
		t.Errorf("opened %+v, want %s", opened, direct)
	}
}

func TestStopWords(t *testing.T) {
	t.Parallel()
	brain := newHeld()
	a := apptest.Start(t, apptest.Options{Model: brain})
	ada := a.AddUser("ada@example.com", "Ada")
	thread := ada.Thread("Adam")
	s := ada.Dial()
	s.Send(map[string]any{"type": "send_message", "thread_id": thread, "content": "think hard"})
	brain.waitBusy(t)
	frames := say(s, thread, "stop")
	want := []string{
		"new_message user", "chat_status agent_cancelled", "chat_status agent_processing_completed", "new_message assistant",
		"chat_status agent_processing_completed",
	}
	// The stop word's own frames follow those of the turn it ends.
	kinds := without(apptest.Kinds(frames), "message_sent")
	for !apptest.Completed(frames[len(frames)-1]) || len(kinds) < 5+2 {
		frames = append(frames, s.Next())
		kinds = without(apptest.Kinds(frames), "message_sent")
	}
	if diff := cmp.Diff(append([]string{"new_message user", "chat_status agent_typing"}, want...), kinds); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	brain.waitIdle(t) // the work itself has ended
	if m := reply(frames); m["author"] != "System" {
		t.Errorf("the answer to stop: %+v", m)
	}
	// Q-C21: a sentence that begins with the word is no order.
	brain.release()
	if m := reply(say(s, thread, "stop by tomorrow if you can")); m["author"] != "Adam" {
		t.Errorf("an ordinary sentence is answered by %+v", m)
	}
}
