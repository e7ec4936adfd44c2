package queue_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/queue"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

func TestRetriesFollowTheSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		begun := time.Now()
		b := start(t, queue.Options{}, func(b *bench, _ context.Context, j tmates.Job) error {
			d.note("%d at %s", j.Attempt, time.Since(begun).Round(time.Second))
			return errors.New("provider is down")
		})
		b.add("j", "ada", "")
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		want := []string{"1 at 0s", "2 at 5s", "3 at 15s", "4 at 35s"}
		if diff := cmp.Diff(want, d.lines); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
		if j := b.job("j"); j.State != tmates.JobFailed || j.Failure["message"] != "provider is down" {
			t.Errorf("job: %+v", j)
		}
		b.end()
	})
}

func TestDelay(t *testing.T) {
	t.Parallel()
	plain := errors.New("x")
	for _, c := range []struct {
		attempt int
		err     error
		want    time.Duration
	}{
		{1, plain, 5 * time.Second},
		{2, plain, 10 * time.Second},
		{3, plain, 20 * time.Second},
		{4, plain, 40 * time.Second},
		{5, plain, 60 * time.Second},
		{90, plain, 60 * time.Second},
		{1, queue.Later{Err: plain, After: 30 * time.Second}, 30 * time.Second},
		{3, queue.Later{Err: plain, After: time.Second}, 20 * time.Second},
		{1, fmt.Errorf("wrapped: %w", queue.Later{Err: plain, After: time.Hour}), queue.MaxLater},
	} {
		if got := queue.Delay(c.attempt, c.err); got != c.want {
			t.Errorf("Delay(%d, %v) = %v, want %v", c.attempt, c.err, got, c.want)
		}
	}
}

func TestPermanentErrorsAndPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		b := start(t, queue.Options{MaxAttempts: 2}, func(_ *bench, _ context.Context, j tmates.Job) error {
			d.note("%s %d", j.ID, j.Attempt)
			if j.ID == "panics" {
				panic("bug")
			}
			return fmt.Errorf("no key: %w", queue.Permanent{Err: errors.New("refused")})
		})
		b.add("hopeless", "ada", "")
		synctest.Wait()
		b.add("panics", "ada", "")
		time.Sleep(time.Minute)
		synctest.Wait()
		if diff := cmp.Diff([]string{"hopeless 1", "panics 1", "panics 2"}, d.lines); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
		for _, id := range []string{"hopeless", "panics"} {
			if j := b.job(id); j.State != tmates.JobFailed {
				t.Errorf("%s is %s", id, j.State)
			}
		}
		b.end()
	})
}

func TestCancelReachesTheRunningWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var cause error
		b := start(t, queue.Options{}, func(_ *bench, ctx context.Context, _ tmates.Job) error {
			<-ctx.Done()
			cause = context.Cause(ctx)
			return ctx.Err()
		})
		b.add("j", "ada", "")
		synctest.Wait()
		err := b.Write(context.Background(), func(ctx context.Context, tx *store.Tx) error {
			_, _, err := tx.CancelJob(ctx, "ada", "j", "ada")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		b.workers.Cancel("j")
		b.workers.Cancel("nobody")
		synctest.Wait()
		if !errors.Is(cause, queue.ErrCancelled) {
			t.Errorf("the work ended with %v, want %v", cause, queue.ErrCancelled)
		}
		if j := b.job("j"); j.State != tmates.JobCancelled {
			t.Errorf("job is %s", j.State)
		}
		b.end()
	})
}

func TestStopLetsJobsFinishThenGivesThemBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, queue.Options{Grace: 10 * time.Second}, func(b *bench, ctx context.Context, j tmates.Job) error {
			wait := 5 * time.Second
			if j.ID == "slow" {
				wait = time.Hour
			}
			select {
			case <-time.After(wait):
				return b.complete(ctx, j)
			case <-ctx.Done():
				return fmt.Errorf("work: %w", context.Cause(ctx))
			}
		})
		b.add("quick", "ada", "1")
		b.add("slow", "ada", "2")
		synctest.Wait()
		begun := time.Now()
		b.stop()
		<-b.done
		if took := time.Since(begun); took != 10*time.Second {
			t.Errorf("stopping took %v, want the grace of 10s", took)
		}
		if j := b.job("quick"); j.State != tmates.JobSucceeded {
			t.Errorf("quick is %s", j.State)
		}
		if j := b.job("slow"); j.State != tmates.JobQueued || j.Attempt != 0 {
			t.Errorf("slow is %s with %d attempts, want queued with none", j.State, j.Attempt)
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestLanesRunInOrderAndUsersShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		b := start(t, queue.Options{Workers: 2, PerUser: 2}, func(b *bench, ctx context.Context, j tmates.Job) error {
			d.note("%s", j.ID)
			time.Sleep(time.Second)
			return b.complete(ctx, j)
		})
		// Both workers are busy while the rest is queued.
		b.add("a0", "ada", "a")
		b.add("x0", "ada", "x")
		synctest.Wait()
		for i := 1; i < 4; i++ {
			b.add(fmt.Sprint("a", i), "ada", "a")
			b.add(fmt.Sprint("x", i), "ada", "x")
		}
		b.add("b0", "bob", "b")
		time.Sleep(time.Minute)
		synctest.Wait()
		b.end()
		lane := func(prefix byte) (ids []string) {
			for _, id := range d.lines {
				if id[0] == prefix {
					ids = append(ids, id)
				}
			}
			return ids
		}
		for prefix, want := range map[byte][]string{'a': {"a0", "a1", "a2", "a3"}, 'x': {"x0", "x1", "x2", "x3"}} {
			if diff := cmp.Diff(want, lane(prefix)); diff != "" {
				t.Errorf("lane %c (-want +got):\n%s", prefix, diff)
			}
		}
		// Bob came last but waits only for a worker, not for ada's six jobs.
		if at := slices.Index(d.lines, "b0"); at != 2 && at != 3 { // both workers are free at the same moment
			t.Errorf("bob's job ran as number %d of %v", at, d.lines)
		}
	})
}

func TestOrphansRunAgainButNotForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		db, err := store.Open(t.Context(), store.Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		s := shelf{db}
		err = db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			if _, err := tx.AddUser(ctx, tmates.User{ID: "ada", Email: "ada@example.com"}); err != nil {
				return err
			}
			_, err := tx.AddJob(ctx, tmates.Job{ID: "poison", UserID: "ada", TmateKey: "adam"})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		// The process dies in each attempt: nothing settles them.
		for attempt := 1; attempt <= 2; attempt++ {
			jobs, err := s.Claim(t.Context(), []queue.Want{{UserID: "ada"}})
			if err != nil || jobs[0].Attempt != attempt {
				t.Fatalf("claim: %+v, %v", jobs, err)
			}
			if n, err := s.Adopt(t.Context()); n != 1 || err != nil {
				t.Fatalf("adopted %d, %v", n, err)
			}
		}
		ctx, stop := context.WithCancel(t.Context())
		w := queue.New(queue.Options{Storage: s, MaxAttempts: 2, Handle: func(context.Context, tmates.Job) error {
			t.Error("a third attempt was made")
			return nil
		}})
		done := make(chan error, 1)
		go func() { done <- w.Run(ctx) }()
		synctest.Wait()
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		err = db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			j, err := tx.AnyJob(ctx, "poison")
			if j.State != tmates.JobFailed || j.Failure["message"] != queue.ErrInterrupted.Error() {
				t.Errorf("job: %+v", j)
			}
			return err
		})
		if err := errors.Join(err, db.Close()); err != nil {
			t.Error(err)
		}
	})
}

// full is a disk on which retries cannot be written for a while.
type full struct {
	shelf
	until time.Time
}

func (f full) Retry(ctx context.Context, j tmates.Job, at time.Time, cause error) error {
	if time.Now().Before(f.until) {
		return errors.New("disk full")
	}
	return f.shelf.Retry(ctx, j, at, cause)
}

func TestADiskThatIsFullForAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, _ := store.Open(t.Context(), store.Options{Dir: t.TempDir()})
		_ = db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, _ = tx.AddUser(ctx, tmates.User{ID: "ada", Email: "ada@example.com"})
			_, _ = tx.AddJob(ctx, tmates.Job{ID: "j", UserID: "ada", ThreadID: "t", TmateKey: "adam"})
			_, err := tx.AddJob(ctx, tmates.Job{ID: "k", UserID: "ada", ThreadID: "t", TmateKey: "adam"})
			return err
		})
		f := full{shelf{db}, time.Now().Add(time.Minute)}
		ran := 0
		w := queue.New(queue.Options{Storage: f, Handle: func(ctx context.Context, j tmates.Job) error {
			ran++
			return errors.New("write failed: disk full")
		}})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- w.Run(ctx) }()
		time.Sleep(24 * time.Hour)
		_ = db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			j, _ := tx.AnyJob(ctx, "j")
			k, _ := tx.AnyJob(ctx, "k")
			if j.State != tmates.JobFailed || k.State != tmates.JobFailed {
				t.Errorf("a day later j is %s, k is %s, and %d attempts ran", j.State, k.State, ran)
			}
			return nil
		})
		stop()
		<-done
		_ = db.Close()
	})
}
