package v1_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/cmd/app/apptest"
	"github.com/tmates/tmates/cmd/config"
)

const internalSecret = "0123456789abcdef0123456789abcdef"

func withInternal(c *config.Config) { c.Internal.Secret = internalSecret }

// The routes for outside workers are off until they have a secret, and then take
// nothing else: no login, no other key of the server, no other place.
func TestInternalNeedsItsSecretQR1(t *testing.T) {
	t.Parallel()
	paths := []string{"/v1/internal/agent-result", "/v1/internal/chat-status", "/v1/internal/chat-history"}
	t.Run("off", func(t *testing.T) {
		t.Parallel()
		app, ann, _, _ := product(t, nil)
		for _, path := range paths {
			for _, token := range []string{"", ann.Token, internalSecret} {
				if res := app.Do("POST", path, token, map[string]any{}); res.Status != http.StatusNotFound || string(res.Body) != `{"detail":"Not Found"}` {
					t.Errorf("%s: %d %s", path, res.Status, res.Body)
				}
			}
		}
	})
	t.Run("on", func(t *testing.T) {
		t.Parallel()
		app, ann, _, _ := product(t, withInternal)
		for _, path := range paths {
			for _, token := range []string{"", ann.Token, app.AnonKey, internalSecret[1:], internalSecret + "x"} {
				if res := app.Do("POST", path, token, map[string]any{}); res.Status != http.StatusUnauthorized {
					t.Errorf("%s with %.8q: %d %s", path, token, res.Status, res.Body)
				}
			}
			if res := app.Do("POST", path, internalSecret, map[string]any{}); res.Status != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d %s", path, res.Status, res.Body)
			}
		}
	})
	t.Run("from elsewhere", func(t *testing.T) {
		t.Parallel()
		app, _, _, _ := product(t, func(c *config.Config) {
			withInternal(c)
			c.Internal.Peers = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
		})
		for _, path := range paths {
			if res := app.Do("POST", path, internalSecret, map[string]any{}); res.Status != http.StatusUnauthorized {
				t.Errorf("%s: %d %s", path, res.Status, res.Body)
			}
		}
	})
}

// worker calls the internal routes.
type worker struct {
	t   *testing.T
	app *apptest.App
}

func (w worker) must(status int, path string, body map[string]any) (out map[string]any) {
	w.t.Helper()
	res := w.app.Do("POST", "/v1/internal/"+path, internalSecret, body)
	if res.Status != status {
		w.t.Fatalf("%s: %d %s, want %d", path, res.Status, res.Body, status)
	}
	res.Decode(&out)
	return out
}

func TestInternalWorker(t *testing.T) {
	t.Parallel()
	app, ann, bob, model := product(t, withInternal)
	w, s := worker{t, app}, ann.Dial()
	thread := ann.Thread("Adam")
	result := func(text string, meta map[string]any, more ...any) map[string]any {
		body := map[string]any{"job_id": "w1", "agent_key": "ADAM", "user_id": ann.ID, "result_data": text, "metadata": meta}
		for i := 0; i < len(more); i += 2 {
			body[more[i].(string)] = more[i+1]
		}
		return body
	}
	t.Run("a reply is kept and shown", func(t *testing.T) {
		ack := w.must(http.StatusOK, "agent-result", result("See /v1/files/download/a.png now", map[string]any{
			"thread_id": "agent:adam", "session_id": "f2143f28ebfa575e97a8ba62ae2ee0ed", "parameters_text": "p",
		}, "attachments", []any{map[string]any{"uri": "/v1/files/download/a.png", "type": nil}, map[string]any{"name": "no uri"}}))
		frames := s.Until(apptest.Completed)
		if diff := cmp.Diff([]string{"new_message assistant", "chat_status agent_processing_completed"}, apptest.Kinds(frames)); diff != "" {
			t.Errorf("frames (-want +got):\n%s", diff)
		}
		got, err := json.Marshal(messages(ann, thread, "?limit=1")[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{`"Content":"See now"`, `"agent_key":"adam"`, `"job_id":"w1"`, `"parameters_text":"p"`, `"relative_path":"a.png"`,
			`"session_id":"f2143f28ebfa575e97a8ba62ae2ee0ed"`, `"ID":"` + ack["message_id"].(string)} {
			if !strings.Contains(string(got), want) {
				t.Errorf("message %s lacks %s", got, want)
			}
		}
		if ack["status"] != "success" || ack["job_id"] != "w1" {
			t.Errorf("ack = %v", ack)
		}
	})
	t.Run("intermediate with a next status", func(t *testing.T) {
		w.must(http.StatusOK, "agent-result", result("Half", map[string]any{"thread_id": thread, "next_status": map[string]any{
			"status": "in_progress", "data": map[string]any{"agent": "adam", "left": 2, "type": "pong", "thread_id": "x"},
		}}, "intermediate", true))
		frames := s.Until(func(f map[string]any) bool { return f["status"] == "in_progress" })
		if last := frames[len(frames)-1]; last["type"] != "chat_status" || last["thread_id"] != thread || last["left"] != 2.0 || last["agent"] != "adam" {
			t.Errorf("status = %v", last)
		}
	})
	t.Run("Q-R2 what is wrong is said with its code", func(t *testing.T) {
		good := map[string]any{"thread_id": thread}
		for want, bodies := range map[int][]map[string]any{
			http.StatusBadRequest: {
				result("x", map[string]any{}), result("x", good, "task_type", "batch"), result(" ", good),
			},
			http.StatusNotFound: {
				result("x", good, "user_id", bob.ID), result("x", good, "user_id", randomID), result("x", map[string]any{"thread_id": randomID}),
			},
			http.StatusUnprocessableEntity: {result("x", good, "result_data", 5), {}},
		} {
			for _, body := range bodies {
				w.must(want, "agent-result", body)
			}
		}
	})
	t.Run("history", func(t *testing.T) {
		ask := func(user, ref string, limit any) map[string]any {
			return map[string]any{"agent_key": "adam", "user_id": user, "thread_id": ref, "limit": limit}
		}
		out := w.must(http.StatusOK, "chat-history", ask(ann.ID, "agent:adam", 1))
		list := out["messages"].([]any)
		if m := list[0].(map[string]any); len(list) != 1 || out["thread_id"] != thread || m["content"] != "Half" || !strings.HasSuffix(m["created_at"].(string), "+00:00") {
			t.Errorf("history = %v", out)
		}
		for _, limit := range []any{0, -5, 99999999, "7"} {
			w.must(http.StatusOK, "chat-history", ask(ann.ID, thread, limit))
		}
		foreign := w.must(http.StatusNotFound, "chat-history", ask(bob.ID, thread, 1))
		if diff := cmp.Diff(w.must(http.StatusNotFound, "chat-history", ask(bob.ID, randomID, 1)), foreign); diff != "" {
			t.Errorf("foreign thread (-unknown +foreign):\n%s", diff)
		}
		w.must(http.StatusNotFound, "chat-history", ask(randomID, thread, 1))
	})
	t.Run("Q-J2 Q-J3 a heartbeat never wakes the dead", func(t *testing.T) { w.heartbeats(ann, bob, s, thread, model) })
}

func (w worker) heartbeats(ann, bob *apptest.User, s *apptest.Socket, thread string, model script) {
	t := w.t
	ann.Must(http.StatusCreated, "POST", "/v1/chats/"+thread+"/messages", map[string]any{"content": "slow one"})
	typing := s.Until(func(f map[string]any) bool { return f["status"] == "agent_typing" })
	job := fmt.Sprint(typing[len(typing)-1]["job_id"])
	state := func() (j struct {
		Status   string
		Progress float64
		Metadata map[string]any
	}) {
		ann.Must(http.StatusOK, "GET", "/v1/jobs/"+job, nil).Decode(&j)
		return j
	}
	beat := func(user string, progress float64) map[string]any {
		return map[string]any{
			"job_id": job, "agent_key": "adam", "user_id": user, "thread_id": thread, "stage": "plan",
			"status_message": "Reading", "progress": progress, "extra": map[string]any{"agent": "other"},
		}
	}
	w.must(http.StatusAccepted, "chat-status", beat(ann.ID, 0.4))
	frames := s.Until(func(f map[string]any) bool { return f["stage"] == "plan" })
	if f := frames[len(frames)-1]; f["agent"] != "other" || f["progress"] != 0.4 || f["status_message"] != "Reading" {
		t.Errorf("heartbeat = %v", f)
	}
	if j := state(); j.Progress != 0.4 || j.Metadata["last_stage"] != "plan" {
		t.Errorf("job = %+v", j)
	}
	w.must(http.StatusNotFound, "chat-status", beat(bob.ID, 0.5))
	ann.Must(http.StatusAccepted, "POST", "/v1/jobs/"+job+"/cancel", nil)
	s.Until(apptest.Completed)
	w.must(http.StatusAccepted, "chat-status", beat(ann.ID, 0.9))
	if j := state(); j.Status != "cancelled" || j.Progress != 1 {
		t.Errorf("job after a late heartbeat = %+v", j)
	}
	close(model.release)
	frames = say(ann, s, thread, "hello")
	for _, f := range frames {
		if f["stage"] == "plan" {
			t.Errorf("a late heartbeat was shown: %v", f)
		}
	}
}
