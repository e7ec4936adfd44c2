package team

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/dispatch"
	"github.com/tmates/tmates/queue"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// shelf is a registry of a few tmates.
type shelf []*agents.Tmate

func (s shelf) All() []*agents.Tmate        { return s }
func (s shelf) MissingEnv(string) []string  { return nil }
func (s shelf) Find(k string) *agents.Tmate { return s.Get(k) }
func (s shelf) Get(key string) *agents.Tmate {
	for _, tm := range s {
		if tm.Key == key {
			return tm
		}
	}
	return nil
}

// oracle is a router that answers as it is told.
type oracle func(ctx context.Context, q dispatch.Question) (dispatch.Answer, error)

func (oracle) Ready() bool { return true }
func (o oracle) Route(ctx context.Context, q dispatch.Question) (dispatch.Answer, error) {
	return o(ctx, q)
}

// newRoom opens a team over a real database, with one person and three tmates.
func newRoom(t *testing.T, r router) *Team {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	team := New(Options{
		DB: db, Router: r, Hops: 4, Queue: nobody{}, Publish: func([]tmates.Event) {},
		Registry: shelf{{Key: "adam", Name: "Adam"}, {Key: "nora", Name: "Nora"}, {Key: "zoe", Name: "Zoë", Team: agents.TeamPolicy{Silent: true}}},
	})
	err = db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		u, err := tx.AddUser(ctx, tmates.User{ID: "ada", Email: "ada@example.com"})
		if err != nil {
			return err
		}
		if err := team.Provision(ctx, tx, u, ""); err != nil {
			return err
		}
		org, _, _, err := tx.Membership(ctx, u.ID)
		for _, key := range []string{"nora", "zoe"} {
			err = errors.Join(err, tx.PutHire(ctx, tmates.Hire{OrganisationID: org.ID, TmateKey: key, Name: key, Active: true}))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return team
}

// ask says something in Team Chat and claims its job.
func ask(t *testing.T, team *Team, text string) tmates.Job {
	t.Helper()
	if _, err := team.Say(t.Context(), "ada", "team:all", Words{Text: text}); err != nil {
		t.Fatal(err)
	}
	return claim(t, team)
}

// claim begins the next job of ada's.
func claim(t *testing.T, team *Team) tmates.Job {
	t.Helper()
	jobs, err := team.Claim(t.Context(), []queue.Want{{UserID: "ada"}})
	if err != nil || jobs[0].ID == "" {
		t.Fatal(jobs, err)
	}
	return jobs[0]
}

// TestRoutingEndsInTime with a model that never answers: after ten seconds the
// best guess speaks.
func TestRoutingEndsInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		team := newRoom(t, oracle(func(ctx context.Context, _ dispatch.Question) (dispatch.Answer, error) {
			<-ctx.Done()
			return dispatch.Answer{}, ctx.Err()
		}))
		begun := time.Now()
		if err := team.Work(t.Context(), ask(t, team, "is rye bread healthy?")); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begun); took != routeTime {
			t.Errorf("it took %s", took)
		}
		if j := claim(t, team); j.Undecided || j.TmateKey != "adam" || j.Attempt != 1 {
			t.Errorf("%+v", j)
		}
		_ = team.db.Close()
	})
}

func TestRouting(t *testing.T) {
	t.Parallel()
	t.Run("shows the team and what was said, and pays for the question", func(t *testing.T) {
		t.Parallel()
		var asked dispatch.Question
		team := newRoom(t, oracle(func(_ context.Context, q dispatch.Question) (dispatch.Answer, error) {
			asked = q
			return dispatch.Answer{Tmate: q.Roster[1], Usage: agents.Usage{Model: "m", PromptTokens: 90, CompletionTokens: 2}}, nil
		}))
		j := ask(t, team, "is rye bread healthy?")
		if err := team.Work(t.Context(), j); err != nil {
			t.Fatal(err)
		}
		var roster []string
		for _, tm := range asked.Roster {
			roster = append(roster, tm.Key)
		}
		if diff := cmp.Diff([]string{"adam", "nora"}, roster); diff != "" { // Zoë speaks only when addressed
			t.Errorf("roster (-want +got):\n%s", diff)
		}
		for _, m := range asked.History {
			if m.Content == asked.Text {
				t.Error("the question stands in its own history")
			}
		}
		var used tmates.Consumption
		err := team.db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
			used, err = tx.Consumed(ctx, j.OrganisationID, tx.Now.Add(-time.Hour), tx.Now.Add(time.Hour))
			return err
		})
		if err != nil || used.Tokens != 92 || used.Actions != 0 {
			t.Errorf("used %+v, %v", used, err)
		}
	})
	t.Run("is not shown to a tmate that was dismissed meanwhile", func(t *testing.T) {
		t.Parallel()
		team := newRoom(t, oracle(func(context.Context, dispatch.Question) (dispatch.Answer, error) {
			t.Error("a model is asked for nothing")
			return dispatch.Answer{}, nil
		}))
		j := ask(t, team, "is rye bread healthy?")
		if _, err := team.Dismiss(t.Context(), "ada", "adam"); err != nil {
			t.Fatal(err)
		}
		if err := team.Work(t.Context(), j); !errors.Is(err, queue.ErrCancelled) {
			t.Errorf("work: %v", err)
		}
	})
	t.Run("ends with the attempt", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancelCause(t.Context())
		team := newRoom(t, oracle(func(ctx context.Context, _ dispatch.Question) (dispatch.Answer, error) {
			cancel(queue.ErrStopping)
			<-ctx.Done()
			return dispatch.Answer{}, ctx.Err()
		}))
		j := ask(t, team, "is rye bread healthy?")
		if err := team.Work(ctx, j); !errors.Is(err, queue.ErrStopping) {
			t.Errorf("work: %v", err)
		}
		if now, err := team.Job(t.Context(), "ada", j.ID); err != nil || !now.Undecided {
			t.Errorf("%+v, %v", now, err)
		}
	})
}

func TestColleagues(t *testing.T) {
	t.Parallel()
	a, b, c := &agents.Tmate{Key: "a"}, &agents.Tmate{Key: "b"}, &agents.Tmate{Key: "c"}
	team := Caller{Enabled: []*agents.Tmate{a, b, c}}
	for _, test := range []struct {
		hands []string
		want  string
	}{{nil, "bc"}, {[]string{"c", "elsewhere"}, "c"}, {[]string{}, ""}, {[]string{"a"}, ""}} {
		got := ""
		for _, tm := range colleagues(team, &agents.Tmate{Key: "a", Team: agents.TeamPolicy{Hands: test.hands}}) {
			got += tm.Key
		}
		if got != test.want {
			t.Errorf("hands %v: %q, want %q", test.hands, got, test.want)
		}
	}
}

// nobody is a queue without workers.
type nobody struct{}

func (nobody) Ready(string, bool)        {}
func (nobody) Wake()                     {}
func (nobody) Cancel(string)             {}
func (nobody) Relay(string) *queue.Relay { return nil }
func (nobody) Seat(string) *queue.Seat   { return nil }
