package v1_test

import (
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	_ "modernc.org/sqlite" // reads the file of a server that is stopped

	"github.com/tmates/tmates/cmd/app/apptest"
	"github.com/tmates/tmates/cmd/config"
	"github.com/tmates/tmates/store"
)

// An account without an organisation, such as one that another program made,
// gets its place on the first call instead of a 500.
func TestProvisionedLazilyQA4QK2(t *testing.T) {
	t.Parallel()
	app, ann, _, _ := product(t, nil)
	app.Stop()
	db, err := sql.Open("sqlite", filepath.Join(app.Dir, store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"members", "organisations"} { // what belongs to an organisation goes with it
		if _, err := db.ExecContext(t.Context(), `PRAGMA foreign_keys = ON; DELETE FROM `+table); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	again := apptest.Start(t, apptest.Options{Dir: app.Dir})
	for _, path := range []string{"/v1/agents/metadata", "/v1/agents/adam/metadata", "/v1/agents/enabled", "/v1/chats"} {
		res := again.Do("GET", path, ann.Token, nil)
		if res.Status != http.StatusOK || !strings.Contains(string(res.Body), "adam") {
			t.Errorf("%s: %d %s", path, res.Status, res.Body)
		}
	}
	var profile struct{ Role string }
	again.Do("GET", "/v1/profile", ann.Token, nil).Decode(&profile)
	if profile.Role != "owner" {
		t.Errorf("role = %q", profile.Role)
	}
}

// activity reads when a thread was last active, and which one heads the list.
func activity(u *apptest.User, id string) (at, first string) {
	var list []struct {
		ID string
		At string `json:"last_activity"`
	}
	u.Must(http.StatusOK, "GET", "/v1/chats", nil).Decode(&list)
	for _, th := range list {
		if th.ID == id {
			at = th.At
		}
	}
	return at, list[0].ID
}

func TestActivityQC6QC28(t *testing.T) {
	t.Parallel()
	_, ann, _, _ := product(t, nil)
	adam, s := ann.Thread("Adam"), ann.Dial()
	t.Run("Q-C6 a reply moves its thread up", func(t *testing.T) {
		var m struct {
			At string `json:"created_at"`
		}
		ann.Must(http.StatusCreated, "POST", "/v1/chats/"+adam+"/messages", map[string]any{"content": "hello"}).Decode(&m)
		s.Until(apptest.Completed)
		at, first := activity(ann, adam)
		if at <= m.At || first != adam {
			t.Errorf("active at %s, the question came at %s; first is %s", at, m.At, first)
		}
	})
	t.Run("Q-C28 nothing but activity does", func(t *testing.T) {
		before, _ := activity(ann, adam)
		ann.Must(http.StatusOK, "GET", "/v1/chats/"+adam, nil)
		ann.Must(http.StatusCreated, "POST", "/v1/chats?agent_key=adam", nil)
		ann.Must(http.StatusOK, "PATCH", "/v1/profile", map[string]any{"display_name": "Anna"})
		manage(t, ann, "add", "nora")
		if after, _ := activity(ann, adam); after != before {
			t.Errorf("active at %s, before %s", after, before)
		}
	})
}

// Each tmate remembers for itself, also where all of them read along.
func TestMemoryIsOneTmatesQC15(t *testing.T) {
	t.Parallel()
	a := apptest.Start(t, apptest.Options{})
	ann := a.AddUser("ann@example.org", "Ann")
	manage(t, ann, "add", "nora")
	s, team := ann.Dial(), ann.Thread("Team Chat")
	answer := func(text string) string {
		say(ann, s, team, text)
		return messages(ann, team, "?limit=1")[0].Content
	}
	answer("@adam remember that the door code is 4711")
	if got := answer("@nora what do you remember?"); strings.Contains(got, "4711") {
		t.Errorf("Nora says %q", got)
	}
	if got := answer("@adam what do you remember?"); !strings.Contains(got, "4711") {
		t.Errorf("Adam says %q", got)
	}
}

// Stopping comes before choosing who answers, reaches everybody at work and
// knows names.
func TestStoppingInATeamQC22QC23(t *testing.T) {
	t.Parallel()
	_, ann, _, _ := product(t, nil)
	manage(t, ann, "add", "nora")
	manage(t, ann, "add", "numbers")
	s, team := ann.Dial(), ann.Thread("Team Chat")
	ask := func(text string) {
		ann.Must(http.StatusCreated, "POST", "/v1/chats/"+team+"/messages", map[string]any{"content": text})
	}
	stopped := func(key string) func(map[string]any) bool {
		return func(f map[string]any) bool { return f["status"] == "agent_cancelled" && f["agent"] == key }
	}
	t.Run("Q-C23 by name", func(t *testing.T) {
		ask("slow work, Adam")
		ask("slow work, Nora")
		ask("stop nora")
		frames := s.Until(stopped("nora"))
		if slices.ContainsFunc(frames, stopped("adam")) {
			t.Error("Adam was stopped, too")
		}
	})
	t.Run("Q-C22 whoever is at work", func(t *testing.T) {
		ask("stop")
		newest := messages(ann, team, "?limit=1")[0]
		if !strings.Contains(newest.Content, "Who should stop") || newest.Payload["system"] != true {
			t.Errorf("newest = %+v", newest)
		}
		ask("stop all")
		s.Until(stopped("adam"))
		if newest := messages(ann, team, "?limit=1")[0]; newest.Content != "Stopped Adam." {
			t.Errorf("newest = %+v", newest)
		}
	})
}

// A model that is sick costs one call, not one for each tmate.
func TestOneFallbackQC24(t *testing.T) {
	t.Parallel()
	_, ann, _, _ := product(t, nil)
	manage(t, ann, "add", "nora")
	manage(t, ann, "add", "numbers")
	s, team := ann.Dial(), ann.Thread("Team Chat")
	for _, text := range []string{"fail", "qwertz uiop"} { // the latter fits nobody
		before := len(jobs(ann))
		say(ann, s, team, text)
		if n := len(jobs(ann)) - before; n != 1 {
			t.Errorf("%q: %d jobs", text, n)
		}
	}
}

// job is what the tests look at in one.
type job struct {
	ID, Status string
	AgentKey   string `json:"agent_key"`
	Error      map[string]any
	Progress   *float64
}

func jobs(u *apptest.User) (all []job) {
	u.Must(http.StatusOK, "GET", "/v1/jobs?limit=100", nil).Decode(&all)
	return all
}

// A tmate that leaves, and a thread that goes, take their work along.
func TestWorkEndsWithItsPlaceQJ11(t *testing.T) {
	t.Parallel()
	_, ann, _, _ := product(t, nil)
	s := ann.Dial()
	for name, end := range map[string]func(thread string){
		"dismissed": func(string) { manage(t, ann, "remove", "adam"); manage(t, ann, "add", "adam") },
		"cleared":   func(id string) { ann.Must(http.StatusNoContent, "POST", "/v1/chats/"+id+"/clear", nil) },
		"deleted":   func(id string) { ann.Must(http.StatusNoContent, "DELETE", "/v1/chats/"+id, nil) },
	} {
		var th thread
		ann.Must(http.StatusCreated, "POST", "/v1/chats?agent_key=adam", nil).Decode(&th)
		ann.Must(http.StatusCreated, "POST", "/v1/chats/"+th.ID+"/messages", map[string]any{"content": "slow one"})
		end(th.ID)
		s.Until(func(f map[string]any) bool { return f["status"] == "agent_cancelled" })
		if j := jobs(ann)[0]; j.Status != "cancelled" {
			t.Errorf("%s: job %+v", name, j)
		}
	}
}

// The cap counts what is unfinished, however many finished jobs are newer.
func TestCapCountsRightQJ6(t *testing.T) {
	t.Parallel()
	_, ann, _, model := product(t, func(c *config.Config) { c.Queue.ActiveJobsPerUser = 2 })
	ask := func(text string) map[string]any {
		return map[string]any{"agent_key": "adam", "cli_args": map[string]any{"message": text}}
	}
	ann.Must(http.StatusAccepted, "POST", "/v1/jobs", ask("slow one"))
	for range 12 { // upstream looks at so many
		ann.Must(http.StatusAccepted, "POST", "/v1/jobs", ask("quick"))
		for jobs(ann)[0].Status != "succeeded" {
			continue
		}
	}
	ann.Must(http.StatusAccepted, "POST", "/v1/jobs", ask("slow two"))
	ann.Must(http.StatusTooManyRequests, "POST", "/v1/jobs", ask("quick"))
	close(model.release)
	for slices.ContainsFunc(jobs(ann), func(j job) bool { return j.Status != "succeeded" }) {
		continue
	}
	ann.Must(http.StatusAccepted, "POST", "/v1/jobs", ask("quick"))
}

// When nothing helps any more the job has failed, everybody is told, and nobody
// is shown the inside of the server.
func TestFailuresEndQJ4QJ5(t *testing.T) {
	t.Parallel()
	_, ann, _, _ := product(t, func(c *config.Config) { c.Queue.MaxAttempts = 1 })
	s, adam := ann.Dial(), ann.Thread("Adam")
	for text, quirk := range map[string]string{"sick": "Q-J4", "panic": "Q-J5"} {
		t.Run(quirk+" "+text, func(t *testing.T) {
			kinds := apptest.Kinds(say(ann, s, adam, text))
			want := []string{
				"new_message user", "chat_status agent_typing", "chat_status agent_processing_error", "new_message system",
				"chat_status agent_processing_completed",
			}
			if diff := cmp.Diff(want, kinds); diff != "" {
				t.Errorf("frames (-want +got):\n%s", diff)
			}
			j, newest := jobs(ann)[0], messages(ann, adam, "?limit=1")[0]
			if j.Status != "failed" || *j.Progress != 1 || j.Error["message"] == "" || len(j.Error) != 2 {
				t.Errorf("job = %+v", j)
			}
			for _, told := range []string{fmt.Sprint(j.Error), newest.Content} {
				if strings.Contains(told, ".go") || strings.Contains(told, "goroutine") {
					t.Errorf("told: %s", told)
				}
			}
		})
	}
}

// Two people at once: nobody's name, thread or answer ends up with the other.
func TestContextIsNobodyElsesQJ9QJ10(t *testing.T) {
	t.Parallel()
	_, ann, bob, model := product(t, nil)
	people := map[*apptest.User]*apptest.Socket{ann: ann.Dial(), bob: bob.Dial()}
	for u := range people {
		for _, text := range []string{"slow one", "from " + u.ID} {
			u.Must(http.StatusCreated, "POST", "/v1/chats/team:all/messages", map[string]any{"content": text})
		}
	}
	// Cancelling Ann's work ends no other.
	ann.Must(http.StatusCreated, "POST", "/v1/chats/team:all/messages", map[string]any{"content": "stop adam"})
	people[ann].Until(func(f map[string]any) bool { return f["status"] == "agent_cancelled" })
	close(model.release)
	answers := func(u *apptest.User) (all []string) {
		for _, m := range messages(u, "team:all", "") {
			if m.Role == "assistant" && m.Payload["job_id"] != nil && m.Payload["partial"] != true {
				all = append(all, m.Content)
			}
		}
		return all
	}
	for len(answers(bob)) < 2 {
		continue
	}
	if diff := cmp.Diff([]string{"Half ünd done.", "You said: from " + bob.ID}, answers(bob)); diff != "" {
		t.Errorf("Bob's answers (-want +got):\n%s", diff)
	}
	if got := answers(ann); len(got) != 0 {
		t.Errorf("Ann's answers: %q", got)
	}
}

// Work may name its thread by an alias; a direct thread that was deleted is made
// anew for it.
func TestJobForAnAlias(t *testing.T) {
	t.Parallel()
	_, ann, _, _ := product(t, nil)
	s, old := ann.Dial(), ann.Thread("Adam")
	ann.Must(http.StatusNoContent, "DELETE", "/v1/chats/"+old, nil)
	ann.Must(http.StatusAccepted, "POST", "/v1/jobs", map[string]any{
		"agent_key": "adam", "task": "sum", "metadata": map[string]any{"thread_id": "agent:adam"},
	})
	s.Until(apptest.Completed)
	fresh := ann.Thread("Adam")
	if newest := messages(ann, fresh, "?limit=1")[0]; fresh == old || newest.Content != "You said: sum" {
		t.Errorf("thread %s (before %s), newest %+v", fresh, old, newest)
	}
}
