package app

import (
	"context"
	"iter"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/server/identity"
	"github.com/tmates/tmates/server/team"
)

// held is a model that answers when it is let.
type held struct{ answer chan struct{} }

func (h held) Think(ctx context.Context, _ agents.Turn) iter.Seq2[agents.Part, error] {
	return func(yield func(agents.Part, error) bool) {
		select {
		case <-h.answer:
			yield(agents.Part{Text: "Yes."}, nil)
		case <-ctx.Done():
			yield(agents.Part{}, context.Cause(ctx))
		}
	}
}

// TestCommits counts what costs on a disk: an accepted message is one commit, and
// its whole turn two, also when it has to wait for a worker: the job before it
// claims it as it ends.
func TestCommits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var commits atomic.Int32
		model := held{make(chan struct{})}
		r := openRoomsWith(t, model, func(query string) {
			if query == "COMMIT" {
				commits.Add(1)
			}
		})
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- r.workers.Run(ctx) }()
		u, err := r.identity.AddUser(ctx, identity.NewUser{Email: "ada@example.com"})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // the workers have looked around
		said := func(want int32, what string) {
			t.Helper()
			commits.Store(0)
			if _, err := r.team.Say(ctx, u.ID, "agent:adam", team.Words{Text: "is it so?"}); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if n := commits.Load(); n != want {
				t.Errorf("%s: %d commits, want %d", what, n, want)
			}
		}
		answered := func(want int32, what string) {
			t.Helper()
			commits.Store(0)
			model.answer <- struct{}{}
			synctest.Wait()
			if n := commits.Load(); n != want {
				t.Errorf("%s: %d commits, want %d", what, n, want)
			}
		}
		if _, err := r.team.ResolveThread(ctx, u.ID, "agent:adam"); err != nil {
			t.Fatal(err)
		}
		said(1, "a message for an idle worker")
		said(1, "a message behind it")
		answered(1, "the first reply, which claims the second")
		answered(1, "the second reply")
		said(1, "a message for an idle worker")
		answered(1, "its reply, and nothing after it")
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
