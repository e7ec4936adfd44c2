package v1_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/cmd/app/apptest"
)

// thread is what the tests look at in one.
type thread struct {
	ID, Title, Kind string
	AgentKeys       []string `json:"agent_keys"`
}

// TestQuirks holds what this edition does better than upstream to the letter of
// the list of quirks, one sub-test for each. Others have tests of their own.
func TestQuirks(t *testing.T) {
	t.Parallel()
	app, ann, bob, _ := product(t, nil)
	s := ann.Dial()
	adam := ann.Thread("Adam")
	quirksOfHiring(t, ann, s, adam)
	t.Run("Q-A7 strangers see no variables", func(t *testing.T) {
		if body := app.Do("GET", "/v1/agents/platform", "", nil).Body; strings.Contains(string(body), "NUMBERS_KEY") {
			t.Errorf("platform = %s", body)
		}
		if body := bob.Do("GET", "/v1/agents/platform", nil).Body; !strings.Contains(string(body), "NUMBERS_KEY") {
			t.Errorf("platform for a member = %s", body)
		}
	})
	quirksOfMessages(t, ann, s, adam)
	quirksOfJobs(t, ann, s, adam)
	t.Run("Q-F8 Q-C25 head and unread", func(t *testing.T) {
		for _, path := range []string{"/health", "/v1/files"} {
			if res := ann.Do("HEAD", path, nil); res.Status != http.StatusOK || len(res.Body) != 0 {
				t.Errorf("HEAD %s: %d %s", path, res.Status, res.Body)
			}
		}
		ann.Must(http.StatusOK, "PUT", "/v1/chats/"+adam+"/read", map[string]any{"seq": 1 << 40})
		for _, th := range threads(ann) { // upstream never counts
			if (th.Unread == 0) != (th.ID == adam) {
				t.Errorf("thread = %+v", th)
			}
		}
	})
}

// manage hires or dismisses a tmate.
func manage(t *testing.T, u *apptest.User, action, key string) {
	t.Helper()
	var out struct{ Action string }
	u.Must(http.StatusOK, "POST", "/v1/agents/manage", map[string]any{"agent_key": key, "action": action}).Decode(&out)
	if want := strings.TrimSuffix(action, "e") + "ed"; out.Action != want {
		t.Errorf("%s %s: action %q, want %q", action, key, out.Action, want)
	}
}

// access reads who can be asked, and which tmates are shown as hired.
func access(u *apptest.User) (enabled []string, hired map[string]bool) {
	var out struct {
		Enabled []string                        `json:"user_enabled_agents"`
		Agents  map[string]struct{ Hired bool } `json:"agents_metadata"`
	}
	u.Must(http.StatusOK, "GET", "/v1/agents/metadata", nil).Decode(&out)
	hired = map[string]bool{}
	for key, m := range out.Agents {
		hired[key] = m.Hired
	}
	return out.Enabled, hired
}

func quirksOfHiring(t *testing.T, ann *apptest.User, s *apptest.Socket, adam string) {
	t.Run("Q-A1 hiring again works", func(t *testing.T) { manage(t, ann, "add", "adam") })
	t.Run("Q-A2 metadata says who is hired", func(t *testing.T) {
		_, hired := access(ann)
		if diff := cmp.Diff(map[string]bool{"adam": true, "nora": false, "numbers": false}, hired); diff != "" {
			t.Errorf("hired (-want +got):\n%s", diff)
		}
	})
	t.Run("Q-C2 a direct thread is never Team Chat", func(t *testing.T) {
		var th thread
		ann.Must(http.StatusCreated, "POST", "/v1/chats?agent_key=adam", nil).Decode(&th)
		if diff := cmp.Diff(thread{adam, "Adam", "agent", []string{"adam"}}, th); diff != "" {
			t.Errorf("thread (-want +got):\n%s", diff)
		}
	})
	t.Run("Q-A3 Q-C4 Q-C5 nobody hired", func(t *testing.T) {
		manage(t, ann, "remove", "adam")
		if enabled, _ := access(ann); len(enabled) != 0 {
			t.Errorf("enabled = %v", enabled)
		}
		var list []thread
		ann.Must(http.StatusOK, "GET", "/v1/chats", nil).Decode(&list)
		if len(list) != 1 || list[0].Kind != "group" || len(list[0].AgentKeys) != 0 {
			t.Errorf("threads = %+v", list)
		}
		say(ann, s, adam, "are you there?")
		manage(t, ann, "add", "adam")
		if again := ann.Thread("Adam"); again != adam {
			t.Errorf("a second thread %s beside %s", again, adam)
		}
	})
	t.Run("Q-C3 a title decides nothing", func(t *testing.T) {
		manage(t, ann, "add", "numbers")
		say(ann, s, ann.Thread("Dana"), "hello")
		var th thread
		ann.Must(http.StatusOK, "GET", "/v1/chats/agent:numbers", nil).Decode(&th)
		if !slices.Equal(th.AgentKeys, []string{"numbers"}) {
			t.Errorf("keys = %v", th.AgentKeys)
		}
	})
}

func quirksOfMessages(t *testing.T, ann *apptest.User, s *apptest.Socket, adam string) {
	path := "/v1/chats/" + adam + "/messages"
	t.Run("Q-C11 blanks are no message", func(t *testing.T) {
		before := len(messages(ann, adam, ""))
		ann.Must(http.StatusUnprocessableEntity, "POST", path, map[string]any{"content": " \n\t"})
		if after := len(messages(ann, adam, "")); after != before {
			t.Errorf("%d messages, before %d", after, before)
		}
	})
	t.Run("Q-C12 the payload is dropped", func(t *testing.T) {
		var m message
		ann.Must(http.StatusCreated, "POST", path, map[string]any{"content": "a", "payload": map[string]any{"mine": 1}}).Decode(&m)
		if _, kept := m.Payload["mine"]; kept {
			t.Errorf("payload = %v", m.Payload)
		}
		s.Until(apptest.Completed)
	})
	t.Run("Q-C13 Q-C14 sessions have one spelling each", func(t *testing.T) {
		for asked, want := range map[string][2]string{
			"notes":                            {"notes", "notes"},
			"F2143F28EBFA575E97A8BA62AE2EE0ED": {"f2143f28-ebfa-575e-97a8-ba62ae2ee0ed", "f2143f28ebfa575e97a8ba62ae2ee0ed"},
		} {
			var m struct {
				SessionID string `json:"session_id"`
				Payload   struct {
					SessionID string `json:"session_id"`
				}
			}
			ann.Must(http.StatusCreated, "POST", path, map[string]any{"content": "a", "session_id": asked}).Decode(&m)
			if got := [2]string{m.SessionID, m.Payload.SessionID}; got != want {
				t.Errorf("session %q = %q, want %q", asked, got, want)
			}
			s.Until(apptest.Completed)
		}
	})
	t.Run("Q-C17 Q-C18 replies name their author", func(t *testing.T) {
		say(ann, s, adam, "who are you?")
		var th struct {
			Messages []struct {
				Author    string
				SessionID string `json:"session_id"`
				Payload   map[string]any
			}
		}
		ann.Must(http.StatusOK, "GET", "/v1/chats/"+adam+"?limit=1", nil).Decode(&th)
		if m := th.Messages[0]; m.Author != "Adam" || m.SessionID == "" || m.Payload["agent_key"] != "adam" {
			t.Errorf("reply = %+v", m)
		}
	})
	t.Run("Q-J1 failures are messages", func(t *testing.T) {
		frames := say(ann, s, adam, "fail")
		newest := messages(ann, adam, "?limit=1")[0]
		if newest.Role != "system" || newest.Payload["event"] != "agent_error" {
			t.Errorf("newest = %+v", newest)
		}
		if !slices.Contains(apptest.Kinds(frames), "chat_status agent_processing_error") {
			t.Errorf("frames = %v", apptest.Kinds(frames))
		}
	})
}

func quirksOfJobs(t *testing.T, ann *apptest.User, s *apptest.Socket, adam string) {
	t.Run("Q-J7 Q-J8 Q-J12 jobs do what they say", func(t *testing.T) {
		var job struct {
			Key string `json:"agent_key"`
		}
		ann.Must(http.StatusAccepted, "POST", "/v1/jobs", map[string]any{
			"agent_key": " ADAM ", "task": "Count Sheep", "metadata": map[string]any{"thread_id": adam, "queue": "nowhere"},
		}).Decode(&job)
		if job.Key != "adam" {
			t.Errorf("agent_key = %q", job.Key)
		}
		s.Until(apptest.Completed)
		if newest := messages(ann, adam, "?limit=1")[0]; newest.Content != "You said: count sheep" {
			t.Errorf("newest = %+v", newest)
		}
	})
}
