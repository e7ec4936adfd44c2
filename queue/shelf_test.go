package queue_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/tmates/tmates/queue"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// shelf is the queue's storage over a real database, without the messages and
// events the product adds.
type shelf struct{ *store.DB }

func (s shelf) Claim(ctx context.Context, wants []queue.Want) (jobs []tmates.Job, err error) {
	err = s.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		jobs = make([]tmates.Job, len(wants))
		for i, w := range wants {
			if jobs[i], _, err = tx.ClaimJob(ctx, w.UserID, w.Background, tx.NewID()); err != nil {
				return err
			}
		}
		return nil
	})
	return jobs, err
}

func (s shelf) Ready(ctx context.Context) (all []tmates.ReadyJobs, err error) {
	err = s.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		all, err = tx.ReadyJobs(ctx)
		return err
	})
	return all, err
}

func (s shelf) Due(ctx context.Context) (ready int64, next time.Time, err error) {
	err = s.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if ready, err = tx.ReadyDueJobs(ctx, 1_000_000); err != nil {
			return err
		}
		next, err = tx.NextRun(ctx)
		return err
	})
	return ready, next, err
}

func (s shelf) settle(ctx context.Context, fn func(context.Context, *store.Tx) (bool, error)) error {
	return s.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := fn(ctx, tx)
		return err
	})
}

func (s shelf) Release(ctx context.Context, j tmates.Job) error {
	return s.settle(ctx, func(ctx context.Context, tx *store.Tx) (bool, error) { return tx.ReleaseJob(ctx, j.ID, j.Lease) })
}

func (s shelf) Retry(ctx context.Context, j tmates.Job, at time.Time, cause error) error {
	return s.settle(ctx, func(ctx context.Context, tx *store.Tx) (bool, error) {
		return tx.RetryJob(ctx, j.ID, j.Lease, at, map[string]any{"cause": cause.Error()})
	})
}

func (s shelf) Park(ctx context.Context, j tmates.Job, until time.Time, cause error) error {
	return s.settle(ctx, func(ctx context.Context, tx *store.Tx) (bool, error) {
		return tx.ParkJob(ctx, j.ID, j.Lease, until, map[string]any{"cause": cause.Error()})
	})
}

func (s shelf) Fail(ctx context.Context, j tmates.Job, cause error) error {
	return s.settle(ctx, func(ctx context.Context, tx *store.Tx) (bool, error) {
		return tx.FailJob(ctx, j.ID, j.Lease, map[string]any{"message": cause.Error()})
	})
}

func (s shelf) Adopt(ctx context.Context) (n int64, err error) {
	err = s.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		n, err = tx.AdoptOrphans(ctx)
		return err
	})
	return n, err
}

// finish ends a job with success, and claims the next for its worker.
func (s shelf) finish(ctx context.Context, w *queue.Workers, j tmates.Job) error {
	relay := w.Relay(j.ID)
	var next *tmates.Job
	err := s.Write(context.WithoutCancel(ctx), func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.CompleteJob(ctx, j.ID, j.Lease, map[string]any{}); err != nil || relay == nil {
			return err
		}
		claimed, _, err := tx.ClaimJob(ctx, relay.UserID, relay.Background, tx.NewID())
		next = &claimed
		return err
	})
	if err != nil {
		next = nil
	}
	relay.End(next)
	return err
}

// bench is a queue over a fresh database, inside a bubble of virtual time.
type bench struct {
	shelf
	t       *testing.T
	workers *queue.Workers
	stop    context.CancelFunc
	done    chan struct{}
}

func start(t *testing.T, o queue.Options, handle func(b *bench, ctx context.Context, j tmates.Job) error) *bench {
	t.Helper()
	return startOn(t, o, func(s shelf) queue.Storage { return s }, handle)
}

// startOn is start with something between the workers and their storage, and jobs
// a former process left.
func startOn(t *testing.T, o queue.Options, over func(shelf) queue.Storage, handle func(b *bench, ctx context.Context, j tmates.Job) error, left ...tmates.Job) *bench {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{shelf: shelf{db}, t: t, done: make(chan struct{})}
	o.Storage = over(b.shelf)
	o.Handle = func(ctx context.Context, j tmates.Job) error { return handle(b, ctx, j) }
	b.workers = queue.New(o)
	ctx, stop := context.WithCancel(context.Background())
	b.stop = stop
	for _, user := range []string{"ada", "bob"} {
		err := db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.AddUser(ctx, tmates.User{ID: user, Email: user + "@example.com"})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, j := range left {
		b.store(j)
	}
	go func() {
		defer close(b.done)
		if err := errors.Join(b.workers.Adopt(ctx), b.workers.Run(ctx)); err != nil {
			t.Error(err)
		}
	}()
	return b
}

// end stops the queue and closes the database inside the bubble.
func (b *bench) end() {
	b.t.Helper()
	b.stop()
	<-b.done
	if err := b.Close(); err != nil {
		b.t.Error(err)
	}
}

func (b *bench) complete(ctx context.Context, j tmates.Job) error {
	return b.finish(ctx, b.workers, j)
}

func (b *bench) add(id, user, thread string) {
	b.t.Helper()
	b.addJob(tmates.Job{ID: id, UserID: user, ThreadID: thread, TmateKey: "adam"})
}

// addJob stores a job, on a kept worker when there is one, as the product does.
func (b *bench) addJob(j tmates.Job) {
	b.t.Helper()
	seat := b.workers.Seat(j.UserID)
	if seat != nil {
		j.Lease = "seat"
	}
	j = b.store(j)
	switch {
	case seat == nil:
		b.workers.Ready(j.UserID, j.Background)
	case j.State == tmates.JobRunning:
		seat.Take(j)
	default:
		seat.Wait(j.Background)
	}
}

func (b *bench) job(id string) (j tmates.Job) {
	b.t.Helper()
	err := b.Read(context.Background(), func(ctx context.Context, tx *store.Tx) (err error) {
		j, err = tx.AnyJob(ctx, id)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return j
}

// store stores a job and tells nobody.
func (b *bench) store(j tmates.Job) tmates.Job {
	b.t.Helper()
	err := b.Write(context.Background(), func(ctx context.Context, tx *store.Tx) (err error) {
		j, err = tx.AddJob(ctx, j)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return j
}

// diary records what happened, in order.
type diary struct {
	mu    sync.Mutex
	lines []string
}

func (d *diary) note(format string, a ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, fmt.Sprintf(format, a...))
}
