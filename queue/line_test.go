package queue_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/queue"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// second is a handler whose jobs take a second each and are noted as they begin.
func second(d *diary) func(*bench, context.Context, tmates.Job) error {
	return func(b *bench, ctx context.Context, j tmates.Job) error {
		d.note("%s", j.ID)
		time.Sleep(time.Second)
		return b.complete(ctx, j)
	}
}

// However many jobs somebody has, and however long they run, one worker is left to
// the others.
func TestAUserLeavesAWorkerToOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		b := start(t, queue.Options{Workers: 3}, second(&d))
		synctest.Wait()
		for i := range 5 {
			b.add(fmt.Sprint("a", i), "ada", fmt.Sprint(i))
		}
		synctest.Wait()
		if diff := cmp.Diff([]string{"a0", "a1"}, sorted(&d)); diff != "" {
			t.Errorf("running (-want +got):\n%s", diff)
		}
		b.add("b0", "bob", "")
		synctest.Wait()
		if diff := cmp.Diff([]string{"a0", "a1", "b0"}, sorted(&d)); diff != "" {
			t.Errorf("running (-want +got):\n%s", diff)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := len(d.lines); n != 6 {
			t.Errorf("%d jobs ran of 6", n)
		}
		b.end()
	})
}

func sorted(d *diary) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Sorted(slices.Values(d.lines))
}

// With one worker, somebody who comes and goes shares it evenly with somebody who
// has a pile of work, in whichever order they come.
func TestNobodyWaitsForAPile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		b := start(t, queue.Options{Workers: 1}, second(&d))
		synctest.Wait()
		for i := range 20 {
			b.add(fmt.Sprint("a", i), "ada", "")
		}
		for i := range 5 { // one at a time: the next when the last is done
			b.add(fmt.Sprint("b", i), "bob", "")
			for b.job(fmt.Sprint("b", i)).State != tmates.JobSucceeded {
				time.Sleep(100 * time.Millisecond)
				synctest.Wait()
			}
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		b.end()
		order := ""
		for _, id := range d.lines {
			order += id[:1]
		}
		if !strings.HasPrefix(order, "abababab") || strings.Count(order, "a") != 20 {
			t.Errorf("order %s", order)
		}
	})
}

// What somebody waits for comes before what nobody watches, but the background is
// looked at as every eighth.
func TestPeopleComeBeforeTheBackground(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		b := start(t, queue.Options{Workers: 1}, second(&d))
		synctest.Wait()
		for i := range 3 {
			b.addJob(tmates.Job{ID: fmt.Sprint("z", i), UserID: "bob", TmateKey: "adam", Background: true})
		}
		for i := range 20 {
			b.add(fmt.Sprint("a", i), "ada", "")
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		b.end()
		order := ""
		for _, id := range d.lines {
			order += id[:1]
		}
		// The first began before anybody came; a kept worker counts as no claim.
		if want := "z" + "aaaaaaa" + "z" + "aaaaaaa" + "z" + "aaaaaa"; order != want {
			t.Errorf("order %s, want %s", order, want)
		}
	})
}

// Hundreds of jobs that are due at the start run by as many workers as there are,
// claimed as many at a time as workers are free, and the queue then stands still.
func TestManyJobsDueAtTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const jobs, workers = 400, 4
		db, err := store.Open(t.Context(), store.Options{Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		err = db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			if _, err := tx.AddUser(ctx, tmates.User{ID: "ada", Email: "ada@example.com"}); err != nil {
				return err
			}
			for i := range jobs {
				id := fmt.Sprint(i)
				if _, err := tx.AddJob(ctx, tmates.Job{ID: id, UserID: "ada", TmateKey: "adam", Lease: "l"}); err != nil {
					return err
				}
				if _, err := tx.RetryJob(ctx, id, "l", tx.Now.Add(time.Second), nil); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute) // the process was down meanwhile
		s := &counted{shelf: shelf{db}}
		running, most := 0, 0
		var d diary
		var w *queue.Workers
		w = queue.New(queue.Options{Storage: s, Workers: workers, PerUser: workers, Handle: func(ctx context.Context, j tmates.Job) error {
			d.mu.Lock()
			running++
			most = max(most, running)
			d.mu.Unlock()
			time.Sleep(time.Millisecond)
			d.mu.Lock()
			running--
			d.mu.Unlock()
			d.note("%s", j.ID)
			return s.finish(ctx, w, j)
		}})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- w.Run(ctx) }()
		time.Sleep(time.Hour / 2)
		synctest.Wait()
		if len(d.lines) != jobs || most != workers {
			t.Errorf("%d jobs ran, %d at a time", len(d.lines), most)
		}
		// One claim that finds nothing may end the row.
		if s.claims > jobs+1 || s.looks > 3 {
			t.Errorf("%d claims and %d looks at the table", s.claims, s.looks)
		}
		claims, looks := s.claims, s.looks
		time.Sleep(time.Hour / 4)
		synctest.Wait()
		if s.claims != claims || s.looks != looks {
			t.Error("the idle queue asks the storage")
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
}

// counted counts what the queue asks of its storage.
type counted struct {
	shelf
	claims, looks int
}

func (c *counted) Claim(ctx context.Context, wants []queue.Want) ([]tmates.Job, error) {
	c.claims++
	return c.shelf.Claim(ctx, wants)
}

func (c *counted) Ready(ctx context.Context) ([]tmates.ReadyJobs, error) {
	c.looks++
	return c.shelf.Ready(ctx)
}

// A kept worker that is not needed after all goes to whoever came meanwhile, and a
// stopping queue keeps none.
func TestSeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		b := start(t, queue.Options{Workers: 1}, second(&d))
		synctest.Wait()
		seat := b.workers.Seat("ada")
		if seat == nil {
			t.Fatal("an idle worker was not given")
		}
		b.add("b0", "bob", "")
		synctest.Wait()
		if b.workers.Seat("ada") != nil {
			t.Error("the one worker was given twice")
		}
		if len(d.lines) != 0 {
			t.Error("a kept worker ran something")
		}
		seat.Leave()
		synctest.Wait()
		if diff := cmp.Diff([]string{"b0"}, d.lines); diff != "" {
			t.Errorf("after the seat was left (-want +got):\n%s", diff)
		}
		time.Sleep(time.Minute)
		b.end()
		if b.workers.Seat("ada") != nil {
			t.Error("a stopped queue gives a seat")
		}
	})
}

// late is a shelf on which something happens just after it has said that there is
// no job.
type late struct {
	shelf
	missed func()
}

func (l *late) Claim(ctx context.Context, wants []queue.Want) ([]tmates.Job, error) {
	jobs, err := l.shelf.Claim(ctx, wants)
	if missed := l.missed; missed != nil && !slices.ContainsFunc(jobs, func(j tmates.Job) bool { return j.ID != "" }) {
		l.missed = nil
		missed()
	}
	return jobs, err
}

// A job that is stored while the workers learn that another one is gone is not
// taken for that one.
func TestAJobThatComesAsAnotherIsMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		l := &late{}
		b := startOn(t, queue.Options{Workers: 2}, func(s shelf) queue.Storage { l.shelf = s; return l }, second(&d))
		synctest.Wait()
		l.missed = func() {
			err := b.Write(context.Background(), func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.AddJob(ctx, tmates.Job{ID: "comes", UserID: "ada", TmateKey: "adam"})
				return err
			})
			if err != nil {
				t.Error(err)
			}
			b.workers.Ready("ada", false)
		}
		b.workers.Ready("ada", false) // one that was cancelled before it was claimed
		time.Sleep(time.Minute)
		synctest.Wait()
		if diff := cmp.Diff([]string{"comes"}, sorted(&d)); diff != "" {
			t.Errorf("ran (-want +got):\n%s", diff)
		}
		b.end()
	})
}

// A lane that becomes free while the workers learn that it is not is looked at
// again.
func TestALaneThatBecomesFreeAsItIsMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		gate := make(chan struct{})
		l := &late{}
		b := startOn(t, queue.Options{}, func(s shelf) queue.Storage { l.shelf = s; return l },
			func(b *bench, ctx context.Context, j tmates.Job) error {
				d.note("%s", j.ID)
				<-gate
				return b.complete(ctx, j)
			})
		b.add("first", "ada", "1")
		b.add("second", "ada", "1")
		synctest.Wait()
		l.missed = func() {
			close(gate)
			time.Sleep(time.Second) // the first ends
		}
		b.workers.Ready("ada", false)
		time.Sleep(time.Minute)
		synctest.Wait()
		if diff := cmp.Diff([]string{"first", "second"}, sorted(&d)); diff != "" {
			t.Errorf("ran (-want +got):\n%s", diff)
		}
		b.end()
	})
}

// A job that has to wait for one that waits itself keeps nobody from it.
func TestAJobWaitsForOneThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		gate := make(chan struct{})
		b := start(t, queue.Options{Workers: 2}, func(b *bench, ctx context.Context, j tmates.Job) error {
			d.note("%s", j.ID)
			if j.UserID == "bob" {
				<-gate
			}
			return b.complete(ctx, j)
		})
		synctest.Wait()
		b.add("busy", "bob", "")
		seat := b.workers.Seat("ada")
		if seat == nil {
			t.Fatal("no worker is kept")
		}
		b.add("first", "ada", "1") // there is no other worker
		b.add("second", "ada", "1")
		seat.Wait(false) // the second was to have it
		synctest.Wait()
		if diff := cmp.Diff([]string{"busy", "first", "second"}, sorted(&d)); diff != "" {
			t.Errorf("ran (-want +got):\n%s", diff)
		}
		close(gate)
		b.end()
	})
}

// What people wait for may stand behind work in the background in the same lane:
// it is claimed once that is done, whichever the workers are told of first.
func TestWorkInTheBackgroundHoldsUpItsLane(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, told := range [][]bool{{false, true}, {true, false}, {false}} {
			var d diary
			b := start(t, queue.Options{}, second(&d))
			synctest.Wait()
			for _, j := range []tmates.Job{{ID: "work", Background: true}, {ID: "word"}} {
				err := b.Write(context.Background(), func(ctx context.Context, tx *store.Tx) error {
					j.UserID, j.TmateKey, j.ThreadID = "ada", "adam", "1"
					_, err := tx.AddJob(ctx, j)
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			for _, inBackground := range told { // the last time nobody says a word of the first
				b.workers.Ready("ada", inBackground)
			}
			time.Sleep(time.Minute)
			synctest.Wait()
			if diff := cmp.Diff([]string{"word", "work"}, sorted(&d)); diff != "" {
				t.Errorf("told %v, ran (-want +got):\n%s", told, diff)
			}
			b.end()
		}
	})
}
