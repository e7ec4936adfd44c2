package v1_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/cmd/app/apptest"
)

// What a tmate had said when it was stopped stays, marked, before the end is
// shown; a thread that is cleared keeps nothing.
func TestStoppedInTheMiddle(t *testing.T) {
	t.Parallel()
	_, ann, _, _ := product(t, nil)
	thread := ann.Thread("Adam")
	half := func() (*apptest.Socket, string) {
		t.Helper()
		s := ann.Dial()
		s.Send(map[string]any{"type": "subscribe", "thread_id": thread, "stream": true})
		s.Until(func(f map[string]any) bool { return f["type"] == "subscribed" })
		ann.Must(http.StatusCreated, "POST", "/v1/chats/"+thread+"/messages", map[string]any{"content": "slow one"})
		frames := s.Until(func(f map[string]any) bool { return f["type"] == "message_delta" })
		job, _ := frames[len(frames)-1]["job_id"].(string)
		return s, job
	}
	s, job := half()
	ann.Must(http.StatusAccepted, "POST", "/v1/jobs/"+job+"/cancel", nil)
	want := []string{"new_message assistant", "chat_status agent_cancelled", "chat_status agent_processing_completed"}
	if diff := cmp.Diff(want, apptest.Kinds(s.Until(apptest.Completed))); diff != "" {
		t.Errorf("frames (-want +got):\n%s", diff)
	}
	m := messages(ann, thread, "?limit=1")[0]
	if m.Role != "assistant" || m.Content != "Half ünd" || m.Payload["partial"] != true || m.Payload["job_id"] != job || m.Payload["agent_key"] != "adam" {
		t.Errorf("what is left of the answer: %+v", m)
	}
	if j := jobs(ann)[0]; j.Status != "cancelled" {
		t.Errorf("job: %+v", j)
	}

	s, _ = half()
	ann.Must(http.StatusNoContent, "POST", "/v1/chats/"+thread+"/clear", nil)
	want = want[1:]
	if diff := cmp.Diff(want, apptest.Kinds(s.Until(apptest.Completed))); diff != "" {
		t.Errorf("frames of a cleared thread (-want +got):\n%s", diff)
	}
	if left := messages(ann, thread, ""); len(left) != 0 {
		t.Errorf("left in the cleared thread: %+v", left)
	}
}
