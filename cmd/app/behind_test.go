package app

import (
	"context"
	"iter"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/server/identity"
	"github.com/tmates/tmates/server/team"
	"github.com/tmates/tmates/store/tmates"
)

// flaky is a model that is down whenever it is asked "first".
type flaky struct{}

func (flaky) Think(_ context.Context, t agents.Turn) iter.Seq2[agents.Part, error] {
	return func(yield func(agents.Part, error) bool) {
		if t.Question() == "first" {
			yield(agents.Part{}, &agents.ProviderError{Status: 503, Msg: "down", RetryAfter: 5 * time.Minute})
			return
		}
		yield(agents.Part{Text: "Yes."}, nil)
	}
}

// A message behind one that waits for its next attempt is answered as soon as that
// one is cancelled: no attempt ends then that would tell the queue.
func TestCancelledInFrontOfAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := openRooms(t, flaky{})
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- r.workers.Run(ctx) }()
		u, err := r.identity.AddUser(ctx, identity.NewUser{Email: "ada@example.com"})
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"first", "second"} {
			if _, err := r.team.Say(ctx, u.ID, "agent:adam", team.Words{Text: text}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			synctest.Wait()
		}
		states := func() (all []tmates.JobState) {
			jobs, err := r.team.Jobs(ctx, u.ID, "", 10)
			if err != nil {
				t.Fatal(err)
			}
			for _, j := range jobs {
				all = append(all, j.State)
			}
			return all
		}
		if s := states(); s[1] != tmates.JobRetrying || s[0] != tmates.JobQueued {
			t.Fatalf("the second is %s behind a first that is %s", s[0], s[1])
		}
		jobs, err := r.team.Jobs(ctx, u.ID, "", 10)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.team.CancelJob(ctx, u.ID, jobs[1].ID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if s := states(); s[0] != tmates.JobSucceeded {
			t.Errorf("a second later the second is %s", s[0])
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
