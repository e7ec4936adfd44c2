package app_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/cmd/app/apptest"
)

// TestAModelIsAskedWhoAnswers only when the rules leave it open, and whatever it
// says there is one answer.
func TestAModelIsAskedWhoAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text, oracle string
		want               []string
		how, reason        string
		undecided          bool // when the message was shown
	}{
		{"it names somebody", "is rye bread healthy?", "nora", []string{"routing (Finding who answers)", "typing nora", "Nora: me", "completed nora"}, "model", "chosen by the model", true},
		{
			"it names several", "is rye bread healthy?", "nora or adam", []string{"routing (Finding who answers)", "typing adam", "Adam: me", "completed adam"},
			"first", "nothing points at anybody: first on the team; a model was asked and named nobody", true,
		},
		{
			"it answers itself", "is rye bread healthy?", "You need flour, water and salt.", []string{"routing (Finding who answers)", "typing adam", "Adam: me", "completed adam"},
			"first", "nothing points at anybody: first on the team; a model was asked and named nobody", true,
		},
		{"nothing is open", "Nora, is rye bread healthy?", "adam", []string{"typing nora", "Nora: me", "completed nora"}, "address", "addressed by name", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ada, s := teamChat(t, says(map[string]string{"adam": "me", "nora": "me", "art-desk": "me", dispatcher: c.oracle}), 4)
			frames := untilDone(s, c.text)
			if diff := cmp.Diff(append([]string{"user: " + c.text}, c.want...), told(frames)); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
			payload, _ := reply(frames)["payload"].(map[string]any)
			if payload["speaker_how"] != c.how || payload["speaker_reason"] != c.reason {
				t.Errorf("payload of the reply: %v", payload)
			}
			asked, _ := reply(frames[:1])["payload"].(map[string]any)
			if got, _ := asked["speaker"].(map[string]any); (got["undecided"] == true) != c.undecided || got["agent_key"] == nil {
				t.Errorf("the message was shown with %v", got)
			}
			// In the end the message tells who answered it.
			var kept struct {
				Messages []struct {
					Role    string
					Payload struct{ Speaker map[string]any }
				}
			}
			ada.Must(http.StatusOK, "GET", "/v1/chats/team:all", nil).Decode(&kept)
			for _, m := range kept.Messages {
				if m.Role == "user" && (m.Payload.Speaker["agent_key"] != payload["agent_key"] || m.Payload.Speaker["undecided"] != nil || m.Payload.Speaker["reason"] != c.reason) {
					t.Errorf("kept with %v", m.Payload.Speaker)
				}
			}
		})
	}
}

// TestTheChoiceCanBeStopped ends the work of a message while a model is asked who
// answers it.
func TestTheChoiceCanBeStopped(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{})
	ada, s := teamChat(t, script(func(_ context.Context, turn agents.Turn) agents.Part {
		if turn.Tmate.Key == dispatcher {
			close(asked)
			return agents.Part{}
		}
		return agents.Part{Text: "I was not to speak."}
	}), 4)
	s.Send(map[string]any{"type": "send_message", "thread_id": "team:all", "content": "is rye bread healthy?"})
	<-asked
	s.Send(map[string]any{"type": "send_message", "thread_id": "team:all", "content": "stop all"})
	want := []string{
		"user: is rye bread healthy?", "routing (Finding who answers)", "user: stop all", "cancelled", "completed", "System: Stopped Adam.", "completed",
	}
	var frames []map[string]any
	for len(told(frames)) < len(want) {
		frames = append(frames, s.Next())
	}
	if diff := cmp.Diff(want, told(frames)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	var jobs []struct{ Status string }
	ada.Must(http.StatusOK, "GET", "/v1/jobs", nil).Decode(&jobs)
	if len(jobs) != 1 || jobs[0].Status != "cancelled" {
		t.Errorf("jobs: %+v", jobs)
	}
}

// TestTheChoiceSurvivesARestart interrupts a model that is asked who answers.
func TestTheChoiceSurvivesARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	asked := make(chan struct{})
	first := apptest.Start(t, apptest.Options{Dir: dir, Env: []string{"TMATES_QUEUE_GRACE=0s"}, Model: script(func(context.Context, agents.Turn) agents.Part {
		close(asked)
		return agents.Part{}
	})})
	ada := first.AddUser("ada@example.com", "Ada")
	hire(t, first, ada, "nora")
	ada.Must(http.StatusCreated, "POST", "/v1/chats/team:all/messages", map[string]any{"content": "is rye bread healthy?"})
	<-asked
	first.Stop()
	second := apptest.Start(t, apptest.Options{Dir: dir, Model: says(map[string]string{dispatcher: "nora", "nora": "With flour.", "adam": "Me?"})})
	there := ada.On(second)
	var kept struct{ Messages []map[string]any }
	for len(kept.Messages) == 0 || kept.Messages[len(kept.Messages)-1]["role"] != "assistant" || kept.Messages[len(kept.Messages)-2]["role"] != "user" {
		there.Must(http.StatusOK, "GET", "/v1/chats/team:all", nil).Decode(&kept) // held until there is an answer
	}
	if m := kept.Messages[len(kept.Messages)-1]; m["author"] != "Nora" {
		t.Errorf("answered by %v", m)
	}
}
