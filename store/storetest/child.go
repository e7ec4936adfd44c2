package storetest

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

func testDecide(t *testing.T, open Open) {
	w := newWorld(t, open)
	w.job("n1", "ada", "nora")
	w.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.AddJob(ctx, tmates.Job{
			ID: "open", UserID: "ada", OrganisationID: "org", ThreadID: "thread-ada", TmateKey: "nora", Undecided: true,
		})
		return err
	})
	w.job("a1", "ada", "adam")
	if j := w.claim("l1"); j.ID != "n1" {
		t.Fatalf("claimed %q", j.ID)
	}
	j := w.claim("l2")
	if j.ID != "open" || !j.Undecided {
		t.Fatalf("the choice of a speaker waits for the tmate that was guessed: claimed %q", j.ID)
	}
	j.TmateKey, j.Undecided = "adam", false
	j.Metadata["speaker_reason"] = "chosen"
	for _, c := range []struct {
		lease string
		held  bool
	}{{"lost", false}, {"l2", true}} {
		j.Lease = c.lease
		w.write(func(ctx context.Context, tx *store.Tx) error {
			held, err := tx.DecideJob(ctx, j)
			if held != c.held {
				t.Errorf("lease %s: held is %v", c.lease, held)
			}
			return err
		})
	}
	// It keeps its place: before what the tmate was asked later.
	got := w.claim("l3")
	if got.ID != "open" || got.TmateKey != "adam" || got.Undecided || got.Attempt != 1 || got.Metadata["speaker_reason"] != "chosen" {
		t.Errorf("claimed %+v", got)
	}
	if j := w.claim("l4"); j.ID != "" {
		t.Errorf("claimed %q while its lane is busy", j.ID)
	}
}

func testChildren(t *testing.T, open Open) {
	w := newWorld(t, open)
	w.job("parent", "ada", "adam")
	w.claim("l1")
	w.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.AddJob(ctx, tmates.Job{ID: "child", UserID: "ada", OrganisationID: "org", TmateKey: "nora", ParentID: "parent"})
		return err
	})
	if j := w.claim("l2"); j.ID != "" {
		t.Fatalf("the queue claimed %q, which its parent runs", j.ID)
	}
	begin := func(lease string, want bool) {
		t.Helper()
		w.write(func(ctx context.Context, tx *store.Tx) error {
			held, err := tx.BeginChild(ctx, "child", lease, map[string]any{"parent_job_id": "parent"})
			if held != want {
				t.Errorf("begin under %s: held is %v", lease, held)
			}
			return err
		})
	}
	begin("c1", true)
	w.write(func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.AdoptOrphans(ctx)
		if n != 1 {
			t.Errorf("adopted %d jobs, want the parent only", n)
		}
		return err
	})
	if j := w.claim("l3"); j.ID != "parent" {
		t.Fatalf("claimed %q", j.ID)
	}
	begin("c2", true) // the next attempt of the parent takes it over
	w.write(func(ctx context.Context, tx *store.Tx) error {
		if held, err := tx.CompleteJob(ctx, "child", "c1", nil); held || err != nil {
			t.Error("a lease of the former attempt holds", err)
		}
		_, err := tx.CompleteJob(ctx, "child", "c2", map[string]any{"response": "42"})
		return err
	})
	begin("c3", false) // final
	w.read(func(ctx context.Context, tx *store.Tx) error {
		var ids []string
		children, err := tx.Children(ctx, "ada", "parent")
		for _, c := range children {
			ids = append(ids, c.ID)
		}
		if diff := cmp.Diff([]string{"child"}, ids); diff != "" {
			t.Errorf("children (-want +got):\n%s", diff)
		}
		if others, err := tx.Children(ctx, "bob", "parent"); len(others) > 0 || err != nil {
			t.Error("bob sees ada's", others, err)
		}
		return err
	})
}
