package app

import (
	"context"
	"errors"
	"iter"
	"testing"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/cmd/config"
	"github.com/tmates/tmates/queue"
	"github.com/tmates/tmates/server/identity"
	"github.com/tmates/tmates/server/team"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// openRooms builds the rooms on a fresh folder; nothing runs.
func openRooms(t *testing.T, model agents.Brain) *rooms {
	t.Helper()
	return openRoomsWith(t, model, nil)
}

// openRoomsWith shows every statement of the database to trace.
func openRoomsWith(t *testing.T, model agents.Brain, trace func(query string)) *rooms {
	t.Helper()
	cfg, err := config.Load(config.LoadOptions{Environ: []string{"TMATES_DATA=" + t.TempDir()}})
	if err != nil {
		t.Fatal(err)
	}
	lock, _, err := store.AcquireLock(cfg.Data)
	if err != nil {
		t.Fatal(err)
	}
	r, err := open(t.Context(), Options{Config: cfg, Model: model, Trace: trace}, lock, "http://127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(r.close(), lock.Release()); err != nil {
			t.Error(err)
		}
	})
	return r
}

// unasked is a brain that must not be asked.
type unasked struct{ t *testing.T }

func (u unasked) Think(context.Context, agents.Turn) iter.Seq2[agents.Part, error] {
	u.t.Error("the model was asked")
	return func(func(agents.Part, error) bool) {}
}

// TestCancelledBetweenClaimAndStart: there was no attempt to end when the job was
// cancelled, so the attempt has to notice by itself.
func TestCancelledBetweenClaimAndStart(t *testing.T) {
	t.Parallel()
	r := openRooms(t, unasked{t})
	ctx := t.Context()
	u, err := r.identity.AddUser(ctx, identity.NewUser{Email: "ada@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.team.Say(ctx, u.ID, "agent:adam", team.Words{Text: "think"}); err != nil {
		t.Fatal(err)
	}
	jobs, err := r.team.Claim(ctx, []queue.Want{{UserID: u.ID}})
	if err != nil || jobs[0].ID == "" {
		t.Fatal(jobs, err)
	}
	j := jobs[0]
	if _, err := r.team.CancelJob(ctx, u.ID, j.ID); err != nil {
		t.Fatal(err)
	}
	if err := r.team.Work(ctx, j); !errors.Is(err, queue.ErrCancelled) {
		t.Errorf("the attempt ends with %v", err)
	}
	if err := r.team.Fail(ctx, j, queue.ErrCancelled); err != nil { // what the queue does then
		t.Error(err)
	}
	if now, err := r.team.Job(ctx, u.ID, j.ID); err != nil || now.State != tmates.JobCancelled {
		t.Errorf("the job is %s, %v", now.State, err)
	}
}
