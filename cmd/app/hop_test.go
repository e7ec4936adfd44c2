package app_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/cmd/app/apptest"
	"github.com/tmates/tmates/cmd/config"
	"github.com/tmates/tmates/server/control"
)

// teamChat boots a server with a team of three and opens a socket.
func teamChat(t *testing.T, model agents.Brain, hops int) (*apptest.User, *apptest.Socket) {
	t.Helper()
	dir := t.TempDir()
	newTmate(t, dir, "art-desk", "name: Zoë\nrole: Artist")
	a := apptest.Start(t, apptest.Options{Dir: dir, Model: model, Config: func(c *config.Config) { c.Chat.Hops = hops }})
	ada := a.AddUser("ada@example.com", "Ada")
	hire(t, a, ada, "nora", "art-desk")
	return ada, ada.Dial()
}

func TestThreeHops(t *testing.T) {
	t.Parallel()
	adam := 0
	ada, s := teamChat(t, script(func(_ context.Context, turn agents.Turn) agents.Part {
		switch asked := turn.Messages[len(turn.Messages)-1]; {
		case turn.Tmate.Key == "nora" && asked.Name == "Adam" && strings.Contains(turn.HandOver(), "@art-desk: Zoë, Artist"):
			return agents.Part{Text: "I have the words. @art-desk, draw it."}
		case turn.Tmate.Key == "art-desk" && asked.Name == "Nora":
			return agents.Part{Text: "Drawn. @adam, show it."}
		case turn.Tmate.Key == "adam" && adam == 0:
			adam++
			return agents.Part{Text: "@nora, what do we want?"}
		}
		return agents.Part{Text: "Here it is."}
	}), 4)
	want := []string{
		"user: Adam, we need a poster", "typing adam", "Adam: @nora, what do we want? [to nora]", "typing nora", "completed adam", "typing nora",
		"Nora: I have the words. @art-desk, draw it. [1 of 4, from adam] [to art-desk]", "typing art-desk", "completed nora", "typing art-desk",
		"Zoë: Drawn. @adam, show it. [2 of 4, from nora] [to adam]", "typing adam", "completed art-desk", "typing adam",
		"Adam: Here it is. [3 of 4, from art-desk]", "completed adam",
	}
	frames := untilDone(s, "Adam, we need a poster")
	if diff := cmp.Diff(want, told(frames)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	// Why each spoke stands in its reply, and what was seen live is what is kept.
	payload, _ := reply(frames)["payload"].(map[string]any)
	if payload["speaker_reason"] != "addressed by Zoë" || payload["speaker_how"] != "address" {
		t.Errorf("payload of the last reply: %v", payload)
	}
	var kept struct{ Messages []map[string]any }
	ada.Must(http.StatusOK, "GET", "/v1/chats/team:all", nil).Decode(&kept)
	if diff := cmp.Diff(payload, kept.Messages[len(kept.Messages)-1]["payload"]); diff != "" {
		t.Errorf("payload (-live +kept):\n%s", diff)
	}
}

// pingPong never ends by itself.
var pingPong = says(map[string]string{"adam": "@nora, your turn", "nora": "@adam, your turn"})

func TestTheBudgetEndsAChain(t *testing.T) {
	t.Parallel()
	_, s := teamChat(t, pingPong, 2)
	want := []string{
		"user: @adam go", "typing adam", "Adam: @nora, your turn [to nora]", "typing nora", "completed adam", "typing nora",
		"Nora: @adam, your turn [1 of 2, from adam] [to adam]", "typing adam", "completed nora", "typing adam",
		"Adam: @nora, your turn [2 of 2, from nora] [to nora]", `system: The team stopped after 2 hand-overs. Say "go on", and Nora continues.`,
		"completed adam",
	}
	if diff := cmp.Diff(want, told(untilDone(s, "@adam go"))); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	// The person's word begins a new budget, with whom the team was about to ask.
	got := told(untilDone(s, "go on"))
	if len(got) != 13 || got[2] != "Nora: @adam, your turn [to adam]" {
		t.Errorf("after \"go on\": %q", got)
	}
}

func TestWhereNobodyHandsOver(t *testing.T) {
	t.Parallel()
	t.Run("switched off", func(t *testing.T) {
		t.Parallel()
		_, s := teamChat(t, pingPong, 0)
		want := []string{"user: @adam go", "typing adam", "Adam: @nora, your turn", "completed adam"}
		if diff := cmp.Diff(want, told(untilDone(s, "@adam go"))); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
	t.Run("in a direct thread", func(t *testing.T) {
		t.Parallel()
		_, s := teamChat(t, pingPong, 4)
		want := []string{"user: go", "typing adam", "Adam: @nora, your turn", "completed adam"}
		if diff := cmp.Diff(want, told(say(s, "agent:adam", "go"))[:4]); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
	t.Run("to who is not hired, and to itself", func(t *testing.T) {
		t.Parallel()
		ada, s := teamChat(t, says(map[string]string{"nora": "@adam, @nora or @everyone", "adam": "yes"}), 4)
		ada.Must(http.StatusOK, "POST", "/v1/agents/manage", map[string]string{"agent_key": "adam", "action": "remove"})
		s.Until(func(f map[string]any) bool { return f["type"] == "new_message" })
		want := []string{"user: @nora go", "typing nora", "Nora: @adam, @nora or @everyone", "completed nora"}
		if diff := cmp.Diff(want, told(untilDone(s, "@nora go"))); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
	t.Run("to whom the manifest does not name", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		newTmate(t, dir, "closed", "name: Closed\nteam: {hands: [adam]}")
		a := apptest.Start(t, apptest.Options{Dir: dir, Model: says(map[string]string{"closed": "@nora or @adam", "adam": "yes"})})
		ada := a.AddUser("ada@example.com", "Ada")
		hire(t, a, ada, "nora", "closed")
		want := []string{
			"user: @closed go", "typing closed", "Closed: @nora or @adam [to adam]", "typing adam", "completed closed", "typing adam",
			"Adam: yes [1 of 4, from closed]", "completed adam",
		}
		if diff := cmp.Diff(want, told(untilDone(ada.Dial(), "@closed go"))); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
	t.Run("to a tmate of another organisation", func(t *testing.T) {
		t.Parallel()
		a := apptest.Start(t, apptest.Options{Model: pingPong})
		hire(t, a, a.AddUser("ada@example.com", "Ada"), "nora")
		if err := a.Call("user.add", control.AddUser{Email: "bob@example.com", Name: "Bob", Own: true}, new(control.User)); err != nil {
			t.Fatal(err)
		}
		want := []string{"user: @nora and @adam, go", "typing adam", "Adam: @nora, your turn", "completed adam"}
		if diff := cmp.Diff(want, told(untilDone(a.Login("bob@example.com").Dial(), "@nora and @adam, go"))); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
	t.Run("in a job a program queued", func(t *testing.T) {
		t.Parallel()
		ada, s := teamChat(t, pingPong, 4)
		ada.Must(http.StatusAccepted, "POST", "/v1/jobs", map[string]any{
			"agent_key": "adam", "cli_args": map[string]any{"message": "go"},
			"metadata": map[string]any{"thread_id": ada.Thread("Team Chat"), "hop": map[string]any{"n": -100, "seq": 1}},
		})
		want := []string{"typing adam", "Adam: @nora, your turn", "completed adam"}
		if diff := cmp.Diff(want, told(s.Until(apptest.Completed))); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

// gate is a script in which Nora waits until she is told to go on.
type gate struct {
	at   chan struct{} // Nora was asked
	open chan struct{}
	once sync.Once
}

func (g *gate) part(ctx context.Context, t agents.Turn) agents.Part {
	if t.Tmate.Key != "nora" {
		return pingPong(ctx, t)
	}
	g.once.Do(func() { close(g.at) })
	select {
	case <-g.open:
		return pingPong(ctx, t)
	case <-ctx.Done():
		return agents.Part{}
	}
}

func TestAPersonEndsAChain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		want       []string // after the second message
	}{
		{"by stopping all", "stop all", []string{
			"user: stop all", "cancelled nora", "completed nora", "System: Stopped Nora.", "completed",
		}},
		{"by stopping who works", "stop nora", []string{
			"user: stop nora", "cancelled nora", "completed nora", "System: Stopped Nora.", "completed",
		}},
		{"by stopping somebody else", "stop art-desk", []string{
			"user: stop art-desk", "completed", "typing nora", "System: Nothing is running here.", "completed", "typing nora",
			"Nora: @adam, your turn [1 of 4, from adam]", "completed nora",
		}},
		{"by asking who is to stop", "stop", []string{
			"user: stop", "System: Who should stop: Adam, Nora, Zoë? Write for example \"stop adam\" or \"stop all\".", "completed", "typing nora",
			"Nora: @adam, your turn [1 of 4, from adam]", "completed nora",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g := &gate{at: make(chan struct{}), open: make(chan struct{})}
			ada, s := teamChat(t, script(g.part), 4)
			s.Send(map[string]any{"type": "send_message", "thread_id": "team:all", "content": "@adam go"})
			<-g.at
			s.Until(func(f map[string]any) bool { return f["status"] == "agent_processing_completed" }) // Adam's
			s.Next()                                                                                    // Nora's indicator again
			s.Send(map[string]any{"type": "send_message", "thread_id": "team:all", "content": c.text})
			frames := s.Until(func(f map[string]any) bool { return f["type"] == "message_sent" })
			close(g.open)
			for len(told(frames)) < len(c.want) {
				frames = append(frames, s.Next())
			}
			if diff := cmp.Diff(c.want, told(frames)); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
			var jobs []struct {
				Status   string
				AgentKey string `json:"agent_key"`
			}
			ada.Must(http.StatusOK, "GET", "/v1/jobs", nil).Decode(&jobs)
			if len(jobs) != 2 || jobs[0].AgentKey != "nora" || jobs[0].Status == "running" {
				t.Errorf("jobs: %+v", jobs)
			}
		})
	}
}
