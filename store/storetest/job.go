package storetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

func testLane(t *testing.T, open Open) {
	w := newWorld(t, open)
	w.job("a1", "ada", "adam")
	w.job("a2", "ada", "adam")
	w.job("n1", "ada", "nora")
	first := w.claim("l1")
	if first.ID != "a1" || first.Attempt != 1 || first.Lease != "l1" || first.State != tmates.JobRunning {
		t.Fatalf("first claim: %+v", first)
	}
	if j := w.claim("l2"); j.ID != "n1" {
		t.Fatalf("second claim %q, want the other tmate's job", j.ID)
	}
	if j := w.claim("l3"); j.ID != "" {
		t.Fatalf("claimed %q while its lane is busy", j.ID)
	}
	w.write(func(ctx context.Context, tx *store.Tx) error {
		held, err := tx.CompleteJob(ctx, "a1", "l1", map[string]any{"ok": true})
		if !held {
			t.Error("the lease did not hold")
		}
		return err
	})
	if j := w.claim("l4"); j.ID != "a2" {
		t.Fatalf("claimed %q after the lane was freed, want a2", j.ID)
	}
}

// A job that is added with a lease runs from then on, unless its lane is busy.
func testAddRunning(t *testing.T, open Open) {
	w := newWorld(t, open)
	add := func(id, tmate, lease string) (j tmates.Job) {
		w.write(func(ctx context.Context, tx *store.Tx) (err error) {
			j, err = tx.AddJob(ctx, tmates.Job{ID: id, UserID: "ada", ThreadID: "thread-ada", TmateKey: tmate, Lease: lease})
			return err
		})
		w.read(func(ctx context.Context, tx *store.Tx) error {
			stored, err := tx.Job(ctx, "ada", id)
			if diff := cmp.Diff(j, stored, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s (-returned +stored):\n%s", id, diff)
			}
			return err
		})
		return j
	}
	if j := add("first", "adam", "l1"); j.State != tmates.JobRunning || j.Attempt != 1 || j.Lease != "l1" || j.StartedAt.IsZero() {
		t.Errorf("first: %+v", j)
	}
	if j := add("second", "adam", "l2"); j.State != tmates.JobQueued || j.Attempt != 0 || j.Lease != "" {
		t.Errorf("second, with the first in its lane: %+v", j)
	}
	if j := add("other", "nora", "l3"); j.State != tmates.JobRunning {
		t.Errorf("in another lane: %+v", j)
	}
	if j := w.claim("l4"); j.ID != "" {
		t.Errorf("claimed %q while the first runs", j.ID)
	}
	w.write(func(ctx context.Context, tx *store.Tx) error {
		held, err := tx.CompleteJob(ctx, "first", "l1", nil)
		if !held {
			t.Error("the lease the job was added with does not hold")
		}
		return err
	})
	if j := w.claim("l5"); j.ID != "second" {
		t.Errorf("claimed %q", j.ID)
	}
}

// Work in the background is claimed apart.
func testBackground(t *testing.T, open Open) {
	w := newWorld(t, open)
	w.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.AddJob(ctx, tmates.Job{ID: "report", UserID: "ada", TmateKey: "adam", Background: true})
		return err
	})
	w.job("chat", "ada", "adam")
	claim := func(background bool) (id string) {
		w.write(func(ctx context.Context, tx *store.Tx) error {
			j, _, err := tx.ClaimJob(ctx, "ada", background, "l")
			id = j.ID
			return err
		})
		return id
	}
	w.read(func(ctx context.Context, tx *store.Tx) error {
		ready, err := tx.ReadyJobs(ctx)
		want := []tmates.ReadyJobs{{UserID: "ada", Jobs: 1}, {UserID: "ada", Background: true, Jobs: 1}}
		if diff := cmp.Diff(want, ready); diff != "" {
			t.Errorf("ready (-want +got):\n%s", diff)
		}
		return err
	})
	got := []string{claim(false), claim(false), claim(true), claim(true)}
	if diff := cmp.Diff([]string{"chat", "", "report", ""}, got); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
}

func testLease(t *testing.T, open Open) {
	w := newWorld(t, open)
	w.job("j", "ada", "adam")
	w.claim("old")
	w.write(func(ctx context.Context, tx *store.Tx) error {
		j, changed, err := tx.CancelJob(ctx, "ada", "j", "ada")
		if !changed || j.State != tmates.JobCancelled {
			t.Errorf("cancel: %+v, changed %v", j, changed)
		}
		return err
	})
	settle := map[string]func(context.Context, *store.Tx) (bool, error){
		"complete": func(ctx context.Context, tx *store.Tx) (bool, error) { return tx.CompleteJob(ctx, "j", "old", nil) },
		"fail":     func(ctx context.Context, tx *store.Tx) (bool, error) { return tx.FailJob(ctx, "j", "old", nil) },
		"release":  func(ctx context.Context, tx *store.Tx) (bool, error) { return tx.ReleaseJob(ctx, "j", "old") },
		"retry": func(ctx context.Context, tx *store.Tx) (bool, error) {
			return tx.RetryJob(ctx, "j", "old", tx.Now, map[string]any{})
		},
	}
	for name, fn := range settle {
		w.write(func(ctx context.Context, tx *store.Tx) error {
			held, err := fn(ctx, tx)
			if held {
				t.Errorf("%s with a lost lease changed the job", name)
			}
			return err
		})
	}
	w.read(func(ctx context.Context, tx *store.Tx) error {
		j, err := tx.Job(ctx, "ada", "j")
		if j.State != tmates.JobCancelled || j.Metadata["cancel_requested_by"] != "ada" {
			t.Errorf("job: %+v", j)
		}
		if _, err := tx.Job(ctx, "bob", "j"); !errors.Is(err, store.ErrNoJob) {
			t.Errorf("bob's look at ada's job: %v", err)
		}
		return err
	})
}

func testRetry(t *testing.T, open Open) {
	w := newWorld(t, open)
	w.job("j", "ada", "adam")
	w.claim("l1")
	due := w.clock.now().Add(5 * time.Second)
	w.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.RetryJob(ctx, "j", "l1", due, map[string]any{})
		return err
	})
	if j := w.claim("l2"); j.ID != "" {
		t.Fatal("claimed before it was due")
	}
	w.read(func(ctx context.Context, tx *store.Tx) error {
		next, err := tx.NextRun(ctx)
		if !next.Equal(due) {
			t.Errorf("next run %v, want %v", next, due)
		}
		return err
	})
	w.clock.move(5 * time.Second)
	if j := w.claim("l3"); j.ID != "j" || j.Attempt != 2 {
		t.Fatalf("claimed %q, attempt %d", j.ID, j.Attempt)
	}
	w.write(func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.AdoptOrphans(ctx)
		if n != 1 {
			t.Errorf("adopted %d", n)
		}
		return err
	})
	if j := w.claim("l4"); j.ID != "j" || j.Attempt != 3 {
		t.Fatalf("after adoption claimed %q, attempt %d", j.ID, j.Attempt)
	}
	w.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.ReleaseJob(ctx, "j", "l4")
		return err
	})
	if j := w.claim("l5"); j.Attempt != 3 {
		t.Fatalf("a released attempt was counted: %d", j.Attempt)
	}
}

func testClock(t *testing.T, open Open) {
	w := newWorld(t, open)
	w.job("retries", "ada", "adam")
	w.job("waits", "bob", "adam")
	w.claim("l1")
	w.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.RetryJob(ctx, "retries", "l1", tx.Now.Add(time.Minute), nil)
		return err
	})
	w.clock.move(-time.Hour)
	got := []string{w.claim("l2").ID, w.claim("l3").ID}
	slices.Sort(got)
	if diff := cmp.Diff([]string{"retries", "waits"}, got); diff != "" {
		t.Errorf("claimed an hour earlier (-want +got):\n%s", diff)
	}
}
