package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/cmd/app/apptest"
	"github.com/tmates/tmates/cmd/config"
)

// asks is a call of ask_teammate.
func asks(id, teammate, request string) agents.Call {
	args, _ := json.Marshal(map[string]string{"teammate": teammate, "request": request}) // of strings: never fails
	return agents.Call{ID: id, Name: "ask_teammate", Args: args}
}

// results returns what the tools of a turn have answered so far.
func results(t agents.Turn) (all []string) {
	for _, m := range t.Messages {
		if m.Author == agents.AuthorTool {
			_, text, _ := strings.Cut(m.Text, "⟧\n") // a model reads it between marks
			all = append(all, strings.TrimSuffix(text, "\n⟦end of quote⟧"))
		}
	}
	return all
}

// listed is a job as the API lists it.
type listed struct {
	ID       string
	Status   string
	AgentKey string `json:"agent_key"`
	Metadata map[string]any
	Result   map[string]any
	Error    map[string]any
}

func jobsOf(u *apptest.User) (jobs []listed) {
	u.Must(http.StatusOK, "GET", "/v1/jobs?limit=100", nil).Decode(&jobs)
	slices.Reverse(jobs)
	return jobs
}

// oneWorker is the least a server can have.
func oneWorker(c *config.Config) { c.Queue.Workers = 1 }

// TestATmateAsksAColleague with one worker: the colleague's job runs within the
// asking one.
func TestATmateAsksAColleague(t *testing.T) {
	t.Parallel()
	a := apptest.Start(t, apptest.Options{Config: oneWorker, Model: script(func(_ context.Context, turn agents.Turn) agents.Part {
		switch {
		case turn.Tmate.Key == "nora":
			if len(turn.Messages) != 1 || turn.Messages[0].Name != "Adam" || turn.ThreadID != "" || len(turn.Memory) > 0 {
				return agents.Part{Text: fmt.Sprintf("I see too much: %+v", turn.Messages)}
			}
			return agents.Part{Text: "At nine."}
		case len(results(turn)) == 0:
			return agents.Part{Calls: []agents.Call{asks("1", "Nora", "When do we open?")}}
		}
		return agents.Part{Text: "Nora says: " + results(turn)[0]}
	})})
	ada := a.AddUser("ada@example.com", "Ada")
	hire(t, a, ada, "nora")
	s := ada.Dial()
	frames := say(s, "agent:adam", "when do we open?")
	want := []string{
		"user: when do we open?", "typing adam", "typing adam (Asking a teammate)", "typing adam (Asking Nora)", "Adam: Nora says: At nine.", "completed adam",
	}
	if diff := cmp.Diff(want, told(frames)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	jobs := jobsOf(ada)
	if len(jobs) != 2 {
		t.Fatalf("jobs: %+v", jobs)
	}
	if child := jobs[1]; child.AgentKey != "nora" || child.Status != "succeeded" || child.Metadata["parent_job_id"] != jobs[0].ID || child.Result["response"] != "At nine." {
		t.Errorf("child: %+v", child)
	}
	for _, title := range []string{"Adam", "Nora", "Team Chat"} {
		var kept struct{ Messages []map[string]any }
		ada.Must(http.StatusOK, "GET", "/v1/chats/"+ada.Thread(title), nil).Decode(&kept)
		for _, m := range kept.Messages {
			if m["content"] == "At nine." {
				t.Errorf("the answer of a child stands in %s", title)
			}
		}
	}
}

// TestAskingHasBounds: who may be asked, how often and how deep.
func TestAskingHasBounds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, key := range []string{"t1", "t2", "t3"} {
		newTmate(t, dir, key, "name: "+strings.ToUpper(key))
	}
	newTmate(t, dir, "free", "name: Free") // never hired
	next := map[string]string{"t1": "t2", "t2": "t3"}
	a := apptest.Start(t, apptest.Options{Dir: dir, Config: oneWorker, Model: script(func(_ context.Context, turn agents.Turn) agents.Part {
		done := results(turn)
		switch who := turn.Tmate.Key; {
		case who == "adam" && turn.Question() == "deep" && len(done) == 0:
			return agents.Part{Calls: []agents.Call{asks("1", "t1", "go")}}
		case who == "adam" && turn.Question() == "wide" && len(done) == 0:
			var calls []agents.Call
			for i, to := range []string{"free", "nobody", "adam", "@t1", "T2", "t3", "t1", "t1"} {
				calls = append(calls, asks(fmt.Sprint(i), to, "leaf "+fmt.Sprint(i/7)))
			}
			return agents.Part{Calls: append(calls, asks("8", "t1", " "))}
		case who == "t3" && turn.Question() == "go" && len(done) == 0:
			return agents.Part{Calls: []agents.Call{asks("1", "adam", "go"), asks("2", "nora", "go")}}
		case next[who] != "" && turn.Question() == "go" && len(done) == 0:
			return agents.Part{Calls: []agents.Call{asks("1", next[who], "go"), asks("2", "adam", "go")}}
		}
		return agents.Part{Text: turn.Tmate.Key + "{" + strings.Join(done, "|") + "}"}
	})})
	ada := a.AddUser("ada@example.com", "Ada")
	hire(t, a, ada, "t1", "t2", "t3", "nora")
	s := ada.Dial()
	const (
		tooDeep = "You were asked yourself: answer with what you know instead of asking on."
		waits   = "Adam waits for your answer and cannot be asked now."
	)
	// t1 asks t2, and t2 is as deep as it goes.
	got := content(reply(say(s, "agent:adam", "deep")))
	if want := "adam{t1{t2{" + tooDeep + "|" + tooDeep + "}|" + waits + "}}"; got != want {
		t.Errorf("deep: %s, want %s", got, want)
	}
	got = content(reply(say(s, "agent:adam", "wide")))
	refused := func(name string) string {
		return fmt.Sprintf("There is no colleague %q whom you may ask. You may ask: t1, t2, t3, nora.", name)
	}
	want := "adam{" + strings.Join([]string{
		refused("free"), refused("nobody"), refused("adam"), "t1{}", "t2{}", "t3{}", "t1{}", // the same again costs nothing
		"You have asked 3 colleagues already: answer with what you know.", "The request needs 1 to 4000 characters.",
	}, "|") + "}"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("wide (-want +got):\n%s", diff)
	}
}

// TestCancellingReachesChildren in both directions: a job takes its children along,
// and a child that is cancelled leaves its parent to go on.
func TestCancellingReachesChildren(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		cancel      int // which job
		wantParent  string
		wantContent string
	}{
		{"the parent", 0, "cancelled", ""},
		{"the child", 1, "succeeded", "Nora was stopped before an answer."},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			busy, idle := make(chan struct{}), make(chan struct{})
			a := apptest.Start(t, apptest.Options{Config: oneWorker, Model: script(func(ctx context.Context, turn agents.Turn) agents.Part {
				switch {
				case turn.Tmate.Key == "nora":
					close(busy)
					<-ctx.Done()
					close(idle)
					return agents.Part{}
				case len(results(turn)) == 0:
					return agents.Part{Calls: []agents.Call{asks("1", "nora", "think")}}
				}
				return agents.Part{Text: results(turn)[0]}
			})})
			ada := a.AddUser("ada@example.com", "Ada")
			hire(t, a, ada, "nora")
			s := ada.Dial()
			s.Send(map[string]any{"type": "send_message", "thread_id": "agent:adam", "content": "go"})
			<-busy
			ada.Must(http.StatusAccepted, "POST", "/v1/jobs/"+jobsOf(ada)[c.cancel].ID+"/cancel", nil)
			<-idle // the work itself has ended
			frames := s.Until(apptest.Completed)
			jobs := jobsOf(ada)
			if jobs[0].Status != c.wantParent || jobs[1].Status != "cancelled" {
				t.Errorf("parent %s, child %s", jobs[0].Status, jobs[1].Status)
			}
			if m := reply(frames); c.wantContent != "" && m["content"] != c.wantContent {
				t.Errorf("reply: %v", m)
			}
		})
	}
}

// TestAChildThatFails is text its parent can go on with.
func TestAChildThatFails(t *testing.T) {
	t.Parallel()
	a := apptest.Start(t, apptest.Options{Model: failing(func(turn agents.Turn) (agents.Part, error) {
		switch {
		case turn.Tmate.Key == "nora":
			return agents.Part{}, &agents.ProviderError{Status: 401, Msg: "The key is wrong"}
		case len(results(turn)) == 0:
			return agents.Part{Calls: []agents.Call{asks("1", "nora", "think")}}, nil
		}
		return agents.Part{Text: results(turn)[0]}, nil
	})})
	ada := a.AddUser("ada@example.com", "Ada")
	hire(t, a, ada, "nora")
	if m := reply(say(ada.Dial(), "agent:adam", "go")); m["content"] != "Nora could not answer. The key is wrong." {
		t.Errorf("reply: %v", m)
	}
	if child := jobsOf(ada)[1]; child.Status != "failed" || child.Error["message"] != "The key is wrong." {
		t.Errorf("child: %+v", child)
	}
}

// TestAnInterruptedChildIsAskedAgain over a restart, and an answered one is not.
func TestAnInterruptedChildIsAskedAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	asked := make(chan struct{})
	var nora []string
	plan := func(hold bool) script {
		return func(_ context.Context, turn agents.Turn) agents.Part {
			if turn.Tmate.Key == "nora" {
				nora = append(nora, turn.Question())
				if hold && turn.Question() == "second" {
					close(asked)
					return agents.Part{}
				}
				return agents.Part{Text: "yes, " + turn.Question()}
			}
			switch done := results(turn); len(done) {
			case 0:
				return agents.Part{Calls: []agents.Call{asks("1", "nora", "first"), asks("2", "nora", "second")}}
			default:
				return agents.Part{Text: strings.Join(done, "; ")}
			}
		}
	}
	first := apptest.Start(t, apptest.Options{Dir: dir, Env: []string{"TMATES_QUEUE_GRACE=0s"}, Model: plan(true)})
	ada := first.AddUser("ada@example.com", "Ada")
	hire(t, first, ada, "nora")
	ada.Must(http.StatusCreated, "POST", "/v1/chats/agent:adam/messages", map[string]any{"content": "go"})
	<-asked
	first.Stop()
	second := apptest.Start(t, apptest.Options{Dir: dir, Model: plan(false)})
	there := ada.On(second)
	var kept struct{ Messages []map[string]any }
	for len(kept.Messages) < 3 { // greeting, question, answer
		there.Must(http.StatusOK, "GET", "/v1/chats/agent:adam", nil).Decode(&kept)
	}
	if got := kept.Messages[2]["content"]; got != "yes, first; yes, second" {
		t.Errorf("reply: %v", got)
	}
	if diff := cmp.Diff([]string{"first", "second", "second"}, nora); diff != "" {
		t.Errorf("Nora was asked (-want +got):\n%s", diff)
	}
	if jobs := jobsOf(there); len(jobs) != 3 || jobs[1].Status != "succeeded" || jobs[2].Status != "succeeded" {
		t.Errorf("jobs: %+v", jobs)
	}
}

// TestAChildMayNoMoreThanItsTmate: what the organisation takes from a tmate is
// taken when a colleague asks it, too.
func TestAChildMayNoMoreThanItsTmate(t *testing.T) {
	t.Parallel()
	var offered []string
	a := apptest.Start(t, apptest.Options{Config: oneWorker, Model: script(func(_ context.Context, turn agents.Turn) agents.Part {
		switch {
		case turn.Tmate.Key == "nora" && len(results(turn)) == 0:
			for _, tool := range turn.Tools {
				offered = append(offered, tool.Name)
			}
			return agents.Part{Calls: []agents.Call{{ID: "1", Name: "create_pinboard_post", Args: json.RawMessage(`{"title":"T","content_md":"x"}`)}}}
		case turn.Tmate.Key == "adam" && len(results(turn)) == 0:
			return agents.Part{Calls: []agents.Call{asks("1", "Nora", "Pin it")}}
		}
		return agents.Part{Text: results(turn)[0]}
	})})
	ada := a.AddUser("ada@example.com", "Ada")
	hire(t, a, ada, "nora")
	ada.Must(http.StatusOK, "PUT", "/v1/agents/nora/permissions", map[string]any{"deny": []string{"create_pinboard_post"}})
	if got := content(reply(say(ada.Dial(), "agent:adam", "pin it"))); got != `There is no tool named "create_pinboard_post".` {
		t.Errorf("the colleague says %q", got)
	}
	if slices.Contains(offered, "create_pinboard_post") || !slices.Contains(offered, "list_pinboard_posts") {
		t.Errorf("the colleague was offered %v", offered)
	}
	var posts []any
	if ada.Must(http.StatusOK, "GET", "/v1/pinboard", nil).Decode(&posts); len(posts) != 0 {
		t.Errorf("posts: %v", posts)
	}
}
