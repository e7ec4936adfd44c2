package app_test

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/cmd/app/apptest"
	"github.com/tmates/tmates/cmd/config"
)

// brainFunc is a brain made of a function.
type brainFunc func(ctx context.Context, t agents.Turn, yield func(agents.Part, error) bool)

func (b brainFunc) Think(ctx context.Context, t agents.Turn) iter.Seq2[agents.Part, error] {
	return func(yield func(agents.Part, error) bool) { b(ctx, t, yield) }
}

// drain pings and returns every frame until the pong.
func drain(s *apptest.Socket) []map[string]any {
	s.Send(map[string]any{"type": "ping"})
	f := s.Until(func(f map[string]any) bool { return f["type"] == "pong" })
	return f[:len(f)-1]
}

// TestPanicLeavesNoGhost: a brain that panics half-way is not shown at work for
// ever.
func TestPanicLeavesNoGhost(t *testing.T) {
	t.Parallel()
	a := apptest.Start(t, apptest.Options{
		Config: func(c *config.Config) { c.Queue.MaxAttempts = 1 },
		Model: brainFunc(func(ctx context.Context, t agents.Turn, yield func(agents.Part, error) bool) {
			yield(agents.Part{Text: "half "}, nil)
			panic("brain bug")
		})})
	ada := a.AddUser("ada@example.com", "Ada")
	th := ada.Thread("Adam")
	s := ada.Dial()
	say(s, th, "hello")
	late := ada.Dial()
	late.Send(map[string]any{"type": "subscribe", "thread_id": th, "stream": true})
	for _, f := range drain(late) {
		if f["type"] == "message_delta" || f["type"] == "chat_status" {
			t.Errorf("job is over, but a late client sees %v", f)
		}
	}
}

func TestNothingIsSaidAfterACancel(t *testing.T) {
	t.Parallel()
	calls := make([]agents.Call, 300)
	for i := range calls {
		calls[i] = agents.Call{ID: "c", Name: "list_pinboard_posts", Args: json.RawMessage(`{}`)}
	}
	a := apptest.Start(t, apptest.Options{
		Config: func(c *config.Config) { c.Turn.MaxSteps = 2 }, // not more frames than may wait for a socket
		Model: brainFunc(func(ctx context.Context, t agents.Turn, yield func(agents.Part, error) bool) {
			yield(agents.Part{Calls: calls}, nil)
		})})
	ada := a.AddUser("ada@example.com", "Ada")
	th := ada.Thread("Adam")
	bad, cancelled := 0, 0
	for range 20 {
		s := ada.Dial()
		s.Send(map[string]any{"type": "send_message", "thread_id": th, "content": "go"})
		fs := s.Until(func(f map[string]any) bool { return f["stage"] == "tool" })
		job := fs[len(fs)-1]["job_id"].(string)
		if ada.Do("POST", "/v1/jobs/"+job+"/cancel", nil).Status == http.StatusAccepted {
			cancelled++ // else it had ended by itself
		}
		s.Until(apptest.Completed)
		// The attempt ends before the next message is answered: they share a lane.
		ada.Must(http.StatusCreated, "POST", "/v1/chats/"+th+"/messages", map[string]any{"content": "stop"})
		after := drain(s)
		last := ""
		for _, f := range after {
			if f["type"] == "chat_status" {
				last, _ = f["status"].(string)
			}
		}
		if last == "agent_typing" {
			bad++
		}
		s.Close()
	}
	if cancelled == 0 {
		t.Error("no job was cancelled while it ran")
	}
	if bad > 0 {
		t.Errorf("in %d of 20 cancels the last frame of the thread is agent_typing", bad)
	}
}

func TestALongStreamHasNoHole(t *testing.T) {
	t.Parallel()
	a := apptest.Start(t, apptest.Options{
		Model: brainFunc(func(ctx context.Context, t agents.Turn, yield func(agents.Part, error) bool) {
			_ = yield(agents.Part{Text: strings.Repeat("a", 255<<10)}, nil) &&
				yield(agents.Part{Text: strings.Repeat("b", 2<<10)}, nil) &&
				yield(agents.Part{Text: "tail"}, nil)
		})})
	ada := a.AddUser("ada@example.com", "Ada")
	th := ada.Thread("Adam")
	s := ada.Dial()
	s.Send(map[string]any{"type": "subscribe", "thread_id": th, "stream": true})
	fs := say(s, th, "hello")
	got, want := streamed(fs), content(reply(fs))
	if !strings.HasPrefix(want, got) {
		t.Errorf("streamed text (%d, ends %q) is no prefix of the reply (%d)", len(got), got[len(got)-6:], len(want))
	}
}

// TestOthersKeepTheirIndicator is Q-R8 for orders: the end of one turn clears
// every indicator, so those who still work are announced again.
func TestOthersKeepTheirIndicatorQR8(t *testing.T) {
	t.Parallel()
	brain := newHeld()
	a := apptest.Start(t, apptest.Options{Model: brain})
	ada := a.AddUser("ada@example.com", "Ada")
	ada.Must(http.StatusOK, "POST", "/v1/agents/manage", map[string]string{"agent_key": "nora", "action": "add"})
	th := ada.Thread("Team Chat")
	for _, text := range []string{"@adam think", "@nora think"} {
		ada.Must(http.StatusCreated, "POST", "/v1/chats/"+th+"/messages", map[string]any{"content": text})
	}
	s := ada.Dial()
	for _, text := range []string{"stop", "stop adam", "stop adam"} {
		ada.Must(http.StatusCreated, "POST", "/v1/chats/"+th+"/messages", map[string]any{"content": text})
		working := map[any]bool{}
		for _, f := range drain(s) {
			if f["type"] != "chat_status" {
				continue
			}
			switch f["status"] {
			case "agent_typing":
				working[f["agent"]] = true
			case "agent_processing_completed":
				clear(working)
			}
		}
		if !working["nora"] {
			t.Errorf("after %q nora still works but her indicator is gone", text)
		}
	}
	brain.release()
}

// TestNobodyIsAskedNothing is Q-J7: a job without a message, prompt or task.
func TestNobodyIsAskedNothing(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var asked []string
	a := apptest.Start(t, apptest.Options{
		Model: brainFunc(func(ctx context.Context, t agents.Turn, yield func(agents.Part, error) bool) {
			mu.Lock()
			asked = append(asked, t.Question())
			mu.Unlock()
			yield(agents.Part{Text: "?"}, nil)
		})})
	ada := a.AddUser("ada@example.com", "Ada")
	th := ada.Thread("Adam")
	s := ada.Dial()
	res := ada.Do("POST", "/v1/jobs", map[string]any{"agent_key": "adam", "metadata": map[string]any{"thread_id": th}})
	s.Until(apptest.Completed)
	mu.Lock()
	defer mu.Unlock()
	if res.Status != http.StatusAccepted || len(asked) > 0 {
		t.Errorf("POST /jobs without anything to do: %d, and the model was asked %q", res.Status, asked)
	}
}

// TestClearBeginsANewSession is Q-C16.
func TestClearBeginsANewSession(t *testing.T) {
	t.Parallel()
	a := apptest.Start(t, apptest.Options{})
	ada := a.AddUser("ada@example.com", "Ada")
	th := ada.Thread("Adam")
	s := ada.Dial()
	one := reply(say(s, th, "hello"))["session_id"]
	ada.Must(http.StatusNoContent, "POST", "/v1/chats/"+th+"/clear", nil)
	two := reply(say(s, th, "hello"))["session_id"]
	if one == two {
		t.Errorf("session %v before and after the clear", one)
	}
}

func TestARetriedJobIsANewJob(t *testing.T) {
	t.Parallel()
	brain := newHeld()
	a := apptest.Start(t, apptest.Options{Model: brain})
	ada := a.AddUser("ada@example.com", "Ada")
	th := ada.Thread("Adam")
	ada.Must(http.StatusCreated, "POST", "/v1/chats/"+th+"/messages", map[string]any{"content": "x"})
	ada.Must(http.StatusCreated, "POST", "/v1/chats/"+th+"/messages", map[string]any{"content": "stop"})
	var jobs []map[string]any
	ada.Must(200, "GET", "/v1/jobs", nil).Decode(&jobs)
	var out map[string]any
	if err := a.Call("job.retry", map[string]any{"id": jobs[0]["id"]}, &out); err != nil {
		t.Fatal(err)
	}
	ada.Must(200, "GET", "/v1/jobs", nil).Decode(&jobs)
	m := jobs[0]["metadata"].(map[string]any)
	if m["cancel_requested_at"] != nil {
		t.Errorf("fresh job %v carries %v", jobs[0]["status"], m)
	}
	p := jobs[0]["payload"].(map[string]any)["metadata"].(map[string]any)
	if p["job_id"] != jobs[0]["id"] {
		t.Errorf("payload.metadata.job_id=%v id=%v", p["job_id"], jobs[0]["id"])
	}
	brain.release()
}

// A tool that ended long ago is still shown to who comes late.
func TestAToolThatEndedIsNotShown(t *testing.T) {
	t.Parallel()
	gate := make(chan struct{})
	a := apptest.Start(t, apptest.Options{Model: brainFunc(func(ctx context.Context, t agents.Turn, yield func(agents.Part, error) bool) {
		if len(t.Messages) < 3 {
			yield(agents.Part{Calls: []agents.Call{{ID: "1", Name: "list_files"}}}, nil)
			return
		}
		yield(agents.Part{Text: "writing "}, nil)
		<-gate
	})})
	defer close(gate)
	ada := a.AddUser("ada@example.com", "Ada")
	th := ada.Thread("Team Chat")
	s := ada.Dial()
	s.Send(map[string]any{"type": "subscribe", "thread_id": th, "stream": true})
	ada.Must(http.StatusCreated, "POST", "/v1/chats/"+th+"/messages", map[string]any{"content": "hello"})
	s.Until(func(f map[string]any) bool { return f["type"] == "message_delta" })
	late := ada.Dial()
	late.Send(map[string]any{"type": "subscribe", "thread_id": th, "stream": true})
	for _, f := range drain(late) {
		if f["stage"] == "tool" {
			t.Errorf("text is being written, a late client is shown %v", f["status_message"])
		}
	}
}
