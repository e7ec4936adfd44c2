package queue_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/queue"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// A parked job waits for its time without using up an attempt, and stands in
// nobody's way; then it runs before what came after it.
func TestParkedJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		begun := time.Now()
		until := begun.Add(20 * time.Hour)
		b := start(t, queue.Options{Workers: 1, MaxAttempts: 1}, func(b *bench, ctx context.Context, j tmates.Job) error {
			d.note("%s, attempt %d, at %s", j.ID, j.Attempt, time.Since(begun).Round(time.Second))
			if j.ID != "other" && time.Now().Before(until) {
				return queue.Park{Err: errors.New("a limit is spent"), Until: until}
			}
			return b.complete(ctx, j)
		})
		b.add("first", "ada", "th")
		b.add("second", "ada", "th")
		b.add("other", "ada", "th2")
		time.Sleep(time.Hour)
		synctest.Wait()
		if j := b.job("first"); j.State != tmates.JobParked || j.Attempt != 0 || !j.RunAt.Equal(until) || j.Lease != "" {
			t.Errorf("parked: %+v", j)
		}
		time.Sleep(20 * time.Hour)
		synctest.Wait()
		want := []string{
			"first, attempt 1, at 0s", "second, attempt 1, at 0s", "other, attempt 1, at 0s",
			"first, attempt 1, at 20h0m0s", "second, attempt 1, at 20h0m0s",
		}
		if diff := cmp.Diff(want, d.lines); diff != "" {
			t.Errorf("what ran (-want +got):\n%s", diff)
		}
		b.end()
	})
}

// A parked job can be cancelled, and made ready before its time.
func TestParkedJobsAreNotForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var parks atomic.Int32
		b := start(t, queue.Options{}, func(b *bench, ctx context.Context, j tmates.Job) error {
			if parks.Add(1) <= 2 {
				return queue.Park{Err: errors.New("a limit is spent"), Until: time.Now().Add(time.Hour)}
			}
			return b.complete(ctx, j)
		})
		b.add("stopped", "ada", "th")
		b.add("raised", "ada", "th2")
		synctest.Wait()
		err := b.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, changed, err := tx.CancelJob(ctx, "ada", "stopped", "ada")
			if !changed {
				t.Error("a parked job could not be cancelled")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for id, want := range map[string]int64{"stopped": 0, "raised": 1} {
			err := b.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				n, err := tx.UnparkJobs(ctx, id)
				if n != want {
					t.Errorf("%s: %d jobs made ready, want %d", id, n, want)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		b.workers.Wake()
		synctest.Wait()
		if stopped, raised := b.job("stopped").State, b.job("raised").State; stopped != tmates.JobCancelled || raised != tmates.JobSucceeded {
			t.Errorf("%s and %s", stopped, raised)
		}
		b.end()
	})
}
