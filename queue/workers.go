package queue

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/tmates/tmates/store/tmates"
)

// Options of [New]. Storage and Handle are required.
type Options struct {
	Storage     Storage
	Handle      Handler
	Workers     int           // jobs at a time; default 4
	PerUser     int           // jobs of one user at a time, so that a long one leaves a worker to others; default: all but one, at least 1
	MaxAttempts int           // the first included; default 4
	Grace       time.Duration // for running jobs when stopping; default 10 s, negative: none
	Log         *slog.Logger
	Now         func() time.Time
}

// Workers runs jobs until its context ends.
type Workers struct {
	storage     Storage
	handle      Handler
	maxAttempts int
	grace       time.Duration
	log         *slog.Logger
	now         func() time.Time
	wake        chan struct{} // one place: the dispatcher has something to look at
	all         sync.WaitGroup

	mu      sync.Mutex
	free    int             // workers without a job
	work    context.Context // of the attempts; nil before Run and once nothing new may begin
	lines   lines
	look    bool                // the lines may not know everybody
	next    time.Time           // when the next waiting job is due; zero: none waits
	recount time.Time           // when to look around because a line is in doubt; zero: none is
	running map[string]*attempt // by job id
}

// recountWait is how long a line in doubt may keep a job waiting.
const recountWait = time.Second

// New returns workers that do nothing until Run.
func New(o Options) *Workers {
	w := &Workers{
		storage:     o.Storage,
		handle:      o.Handle,
		maxAttempts: cmp.Or(o.MaxAttempts, 4),
		grace:       cmp.Or(o.Grace, 10*time.Second),
		log:         cmp.Or(o.Log, slog.New(slog.DiscardHandler)),
		now:         o.Now,
		wake:        make(chan struct{}, 1),
		free:        cmp.Or(o.Workers, 4),
		running:     map[string]*attempt{},
	}
	w.lines = lines{all: map[string]*line{}, perUser: cmp.Or(o.PerUser, max(w.free-1, 1))}
	if w.now == nil {
		w.now = time.Now
	}
	return w
}

// Ready tells the workers that a job of the user waits. It never blocks.
func (w *Workers) Ready(userID string, inBackground bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := w.lines.of(userID)
	n.add(kindOf(inBackground))
	n.blocked = [kinds]bool{} // what waits may stand behind this one
	w.signal()
}

// Wake makes the workers look for jobs that became ready in ways they were not
// told of. It never blocks.
func (w *Workers) Wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.look = true
	w.signal()
}

// signal wakes the dispatcher.
func (w *Workers) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Cancel ends the running attempt of a job that was made cancelled in the
// storage. It does nothing when no attempt runs.
func (w *Workers) Cancel(jobID string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if a := w.running[jobID]; a != nil {
		a.cancel(ErrCancelled)
	}
}

// Adopt takes back the jobs a former process left running. It is called once,
// before Run and before anybody can see their state.
func (w *Workers) Adopt(ctx context.Context) error {
	n, err := w.storage.Adopt(ctx)
	if err != nil {
		return fmt.Errorf("adopt orphaned jobs: %w", err)
	}
	if n > 0 {
		w.log.Info("took back jobs a former process left running", "jobs", n)
	}
	return nil
}

// Run works until ctx ends. Then nothing new is claimed; running jobs get the
// grace period, after that they are interrupted and given back. Run returns
// when all of them are settled.
func (w *Workers) Run(ctx context.Context) error {
	work, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	defer stop(nil)
	w.mu.Lock()
	w.work, w.look = work, true
	w.mu.Unlock()
	w.dispatch(ctx, work)
	w.mu.Lock()
	w.work = nil // no seat is given any more, so that nothing joins those who are waited for
	w.mu.Unlock()
	done := make(chan struct{})
	go func() { w.all.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-time.After(w.grace):
	}
	stop(ErrStopping)
	<-done
	return nil
}

// idleWait is how long an idle queue sleeps when nobody wakes it.
const idleWait = time.Hour

// dispatch hands out jobs until ctx ends.
func (w *Workers) dispatch(ctx, work context.Context) {
	for ctx.Err() == nil {
		wait, err := w.lookAround(ctx)
		if err == nil {
			var busy bool
			if busy, err = w.claim(ctx, work); busy {
				continue
			}
		}
		if err != nil && ctx.Err() == nil {
			w.log.Error("could not look for jobs", "err", err)
			wait = time.Second
		}
		timer := time.NewTimer(wait)
		select {
		case <-w.wake:
		case <-timer.C:
			w.mu.Lock()
			w.look = true
			w.mu.Unlock()
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// lookAround makes due jobs ready and learns of everybody who waits, if somebody
// may have been missed. It returns how long nothing can become due.
func (w *Workers) lookAround(ctx context.Context) (time.Duration, error) {
	w.mu.Lock()
	if !w.look {
		defer w.mu.Unlock()
		return w.untilNext(), nil
	}
	w.look = false // what becomes ready or is planned from here on may be missed, and says so
	w.next, w.recount = time.Time{}, time.Time{}
	w.lines.lookBegins()
	w.mu.Unlock()
	_, next, err := w.storage.Due(ctx)
	var all []tmates.ReadyJobs
	if err == nil {
		all, err = w.storage.Ready(ctx)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.look = true
		return 0, err
	}
	w.dueAt(next)
	for _, r := range all {
		w.lines.counted(r)
	}
	return w.untilNext(), nil
}

// dueAt takes note of a job that waits for its time; zero: of none. It reports
// whether that is the next. w.mu must be held.
func (w *Workers) dueAt(at time.Time) (first bool) {
	if at.IsZero() || !w.next.IsZero() && !at.Before(w.next) {
		return false
	}
	w.next = at
	return true
}

// untilNext is how long there is nothing to look for. w.mu must be held.
func (w *Workers) untilNext() time.Duration {
	at := w.next
	if at.IsZero() || !w.recount.IsZero() && w.recount.Before(at) {
		at = w.recount
	}
	if at.IsZero() {
		return idleWait
	}
	// A clock that is set does not move a timer: look again after a while.
	return min(max(at.Sub(w.now()), time.Millisecond), MaxDelay)
}

// claim gives every free worker a job, as far as there are some. busy tells that
// it is worth trying again at once.
func (w *Workers) claim(ctx, work context.Context) (busy bool, err error) {
	var wants []Want
	var theirs []*line
	var changes []int // of their lines
	w.mu.Lock()
	for w.free > 0 {
		n, kind := w.lines.next()
		if n == nil {
			break
		}
		changes = append(changes, w.lines.serve(n, kind))
		w.free--
		wants, theirs = append(wants, Want{n.userID, kind == background}), append(theirs, n)
	}
	w.mu.Unlock()
	if len(wants) == 0 {
		return false, nil
	}
	jobs, err := w.storage.Claim(ctx, wants)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.look = true // the lines count jobs less that wait still
		for _, n := range theirs {
			w.leave(n)
		}
		return false, err
	}
	for i, j := range jobs {
		if j.ID != "" {
			w.begin(work, theirs[i], j)
			continue
		}
		w.free++
		w.missed(theirs[i], kindOf(wants[i].Background), changes[i])
	}
	return true, nil
}

// missed takes note of a claim that found nothing. w.mu must be held.
func (w *Workers) missed(n *line, kind, changes int) {
	if w.lines.missed(n, kind, changes) && w.recount.IsZero() {
		w.recount = w.now().Add(recountWait)
		w.signal()
	}
}

// leave frees a worker. w.mu must be held.
func (w *Workers) leave(n *line) {
	w.free++
	w.lines.ended(n)
}

// begin starts a job whose worker is taken already. w.mu must be held.
func (w *Workers) begin(work context.Context, n *line, j tmates.Job) {
	ctx, cancel := context.WithCancelCause(work)
	a := &attempt{job: j, line: n, cancel: cancel}
	w.running[j.ID] = a
	w.all.Go(func() {
		defer w.end(work, a)
		w.attempt(ctx, work, j)
	})
}

// end frees the worker of an attempt, or begins what was claimed for it.
func (w *Workers) end(work context.Context, a *attempt) {
	a.cancel(nil)
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.running, a.job.ID)
	w.leave(a.line)
	if a.next != nil {
		w.free--
		w.begin(work, a.nextLine, *a.next)
	}
	w.signal() // the end of a job frees its lane, and perhaps its worker
}
