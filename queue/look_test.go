package queue_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/queue"
	"github.com/tmates/tmates/store/tmates"
)

// counting is a storage in which something happens once, between the counting of
// the ready jobs and the moment the workers hear the result.
type counting struct {
	shelf
	once *sync.Once
	then func()
}

func (c counting) Ready(ctx context.Context) ([]tmates.ReadyJobs, error) {
	all, err := c.shelf.Ready(ctx)
	c.once.Do(c.then)
	return all, err
}

// What is planned while the workers look around runs when its time comes.
func TestARetryIsPlannedDuringALook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		var b *bench
		failed := make(chan struct{}, 1)
		made := make(chan struct{})
		b = startOn(t, queue.Options{}, func(s shelf) queue.Storage {
			return counting{s, new(sync.Once), func() {
				<-made
				b.add("j", "ada", "") // gets a seat
				<-failed
				synctest.Wait()
			}}
		}, func(_ *bench, _ context.Context, j tmates.Job) error {
			d.note("attempt %d", j.Attempt)
			select {
			case failed <- struct{}{}:
			default:
			}
			return errors.New("provider is down")
		})
		close(made)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if diff := cmp.Diff([]string{"attempt 1", "attempt 2", "attempt 3", "attempt 4"}, d.lines); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
		b.end()
	})
}

// A job that is stored while others are counted is not taken for one of them.
func TestAJobComesDuringALook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		var b *bench
		made := make(chan struct{})
		b = startOn(t, queue.Options{Workers: 1}, func(s shelf) queue.Storage {
			return counting{s, new(sync.Once), func() {
				<-made
				b.store(tmates.Job{ID: "new", UserID: "ada", ThreadID: "2", TmateKey: "adam"})
				b.workers.Ready("ada", false)
			}}
		}, func(b *bench, ctx context.Context, j tmates.Job) error {
			d.note("%s", j.ID)
			return b.complete(ctx, j)
		}, tmates.Job{ID: "old", UserID: "ada", ThreadID: "1", TmateKey: "adam"})
		close(made)
		synctest.Wait()
		if diff := cmp.Diff([]string{"old", "new"}, d.lines); diff != "" {
			t.Errorf("jobs (-want +got):\n%s", diff)
		}
		b.end()
	})
}
