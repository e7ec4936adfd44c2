package bench_test

import (
	"context"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/tmates/tmates/cmd/bench"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// everything reads a grown database.
func everything(t *testing.T, dir string) (threads []tmates.Thread, messages map[string][]tmates.Message) {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	messages = map[string][]tmates.Message{}
	err = db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		u, err := tx.UserByEmail(ctx, bench.GrownEmail)
		if err != nil {
			return err
		}
		org, _, found, err := tx.Membership(ctx, u.ID)
		if err != nil || !found {
			t.Fatal(found, err)
		}
		threads, err = tx.Threads(ctx, org.ID, u.ID, 1000)
		for _, th := range threads {
			if messages[th.ID], err = tx.Messages(ctx, u.ID, th.ID, 0, 1000); err != nil {
				return err
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return threads, messages
}

func grow(t *testing.T, o bench.GrowOptions) (dir string) {
	t.Helper()
	o.Data = t.TempDir()
	if _, err := bench.Grow(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	return o.Data
}

// TestGrowRepeats grows the same database twice, and another one.
func TestGrowRepeats(t *testing.T) {
	t.Parallel()
	threads, messages := everything(t, grow(t, bench.GrowOptions{Messages: 500, Threads: 7, Seed: 3}))
	againThreads, againMessages := everything(t, grow(t, bench.GrowOptions{Messages: 500, Threads: 7, Seed: 3}))
	if !reflect.DeepEqual(threads, againThreads) || !reflect.DeepEqual(messages, againMessages) {
		t.Error("the same seed makes another database")
	}
	otherThreads, _ := everything(t, grow(t, bench.GrowOptions{Messages: 500, Threads: 7, Seed: 4}))
	if reflect.DeepEqual(threads, otherThreads) {
		t.Error("another seed makes the same database")
	}
}

// TestGrownIsPlausible looks at what a reader meets.
func TestGrownIsPlausible(t *testing.T) {
	t.Parallel()
	const n = 503
	threads, messages := everything(t, grow(t, bench.GrowOptions{Messages: n, Threads: 5, Seed: 1}))
	if len(threads) != 5 {
		t.Fatalf("%d threads", len(threads))
	}
	all, next := 0, 0 // next: how often a message follows one of its own thread
	for _, th := range threads {
		own := messages[th.ID]
		all += len(own)
		if len(own) < n/5 || th.LastSeq != own[len(own)-1].Seq || th.LastMessage == "" {
			t.Errorf("thread %q has %d messages, its last is %d", th.Title, len(own), th.LastSeq)
		}
		for i, m := range own {
			if i > 0 && (!m.CreatedAt.After(own[i-1].CreatedAt) || m.Seq <= own[i-1].Seq || m.Role == own[i-1].Role) {
				t.Errorf("message %d (%s, %v) follows %d (%s, %v)", m.Seq, m.Role, m.CreatedAt, own[i-1].Seq, own[i-1].Role, own[i-1].CreatedAt)
			}
			if i > 0 && m.Seq == own[i-1].Seq+1 {
				next++
			}
			if len(m.Content) < 10 || !strings.HasSuffix(m.Content, ".") {
				t.Errorf("message %d says %q", m.Seq, m.Content)
			}
		}
	}
	if all != n {
		t.Errorf("%d messages, want %d", all, n)
	}
	if next > n/4 {
		t.Errorf("%d messages follow one of their own thread: they do not stand interleaved", next)
	}
}

func TestGrowRefuses(t *testing.T) {
	t.Parallel()
	code := func(o bench.GrowOptions) string {
		_, err := bench.Grow(t.Context(), o)
		if e, ok := errors.AsType[*tmates.Error](err); ok {
			return e.Code
		}
		return ""
	}
	dir := grow(t, bench.GrowOptions{Messages: 10})
	if got := code(bench.GrowOptions{Data: dir, Messages: 10}); got != "data_not_empty" {
		t.Errorf("a folder with accounts: %q", got)
	}
	for _, o := range []bench.GrowOptions{{Messages: 0}, {Messages: -1}, {Messages: bench.MaxGrown + 1}, {Messages: 5, Threads: 6}, {Messages: 5, Threads: -1}} {
		o.Data = t.TempDir()
		if got := code(o); !strings.HasSuffix(got, "_out_of_bounds") {
			t.Errorf("%+v: %q", o, got)
		}
		if left, err := os.ReadDir(o.Data); err != nil || len(left) > 0 {
			t.Errorf("%+v left %v behind, %v", o, left, err)
		}
	}
	used := t.TempDir()
	lock, _, err := store.AcquireLock(used)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Release() }()
	if got := code(bench.GrowOptions{Data: used, Messages: 10}); got != "data_in_use" {
		t.Errorf("a folder in use: %q", got)
	}
}
