package queue

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/tmates/tmates/store/tmates"
)

// Storage keeps the jobs. Every method that ends an attempt does nothing when
// the job's lease no longer holds.
type Storage interface {
	// Claim begins an attempt of the next due job.
	Claim(ctx context.Context) (j tmates.Job, found bool, err error)
	// NextRun tells when the next waiting retry is due; zero when none waits.
	NextRun(ctx context.Context) (time.Time, error)
	// Release gives an interrupted attempt back, uncounted.
	Release(ctx context.Context, j tmates.Job) error
	// Park puts the job aside until a time, the attempt uncounted.
	Park(ctx context.Context, j tmates.Job, until time.Time, cause error) error
	// Retry plans the next attempt.
	Retry(ctx context.Context, j tmates.Job, at time.Time, cause error) error
	// Fail ends the job.
	Fail(ctx context.Context, j tmates.Job, cause error) error
	// Adopt makes jobs ready that a dead process left running.
	Adopt(ctx context.Context) (int64, error)
}

// Handler runs one attempt of a job. It records success itself, in one
// transaction with the job's result, and must be idempotent by job id. An error
// means a retry unless it is [Permanent] or [Park]; ctx ends with [ErrCancelled] or
// [ErrStopping] as its cause.
type Handler func(ctx context.Context, j tmates.Job) error

// Options of [New]. Storage and Handle are required.
type Options struct {
	Storage     Storage
	Handle      Handler
	Workers     int           // jobs at a time; default 4
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
	wake        chan struct{}
	slots       chan struct{}

	mu      sync.Mutex
	running map[string]context.CancelCauseFunc // by job id
}

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
		slots:       make(chan struct{}, cmp.Or(o.Workers, 4)),
		running:     map[string]context.CancelCauseFunc{},
	}
	if w.now == nil {
		w.now = time.Now
	}
	return w
}

// Wake tells the workers that a job may have become ready. It never blocks.
func (w *Workers) Wake() {
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
	if cancel := w.running[jobID]; cancel != nil {
		cancel(ErrCancelled)
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
	var all sync.WaitGroup
	w.dispatch(ctx, work, &all)
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-time.After(w.grace):
	}
	stop(ErrStopping)
	<-done
	return nil
}

// dispatch hands out jobs until ctx ends.
func (w *Workers) dispatch(ctx, work context.Context, all *sync.WaitGroup) {
	for {
		select {
		case w.slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		j, ok := w.next(ctx)
		if !ok {
			<-w.slots
			return
		}
		all.Go(func() {
			defer func() { <-w.slots; w.Wake() }() // the end of a job may free its lane
			w.attempt(work, j)
		})
	}
}

// next waits for a job; ok is false when ctx ended first.
func (w *Workers) next(ctx context.Context) (j tmates.Job, ok bool) {
	for ctx.Err() == nil {
		j, found, err := w.storage.Claim(ctx)
		if err == nil && found {
			return j, true
		}
		wait, err2 := w.untilNextRun(ctx)
		if err := errors.Join(err, err2); err != nil {
			if ctx.Err() != nil {
				return j, false
			}
			w.log.Error("could not look for jobs", "err", err)
			wait = time.Second
		}
		timer := time.NewTimer(wait)
		select {
		case <-w.wake:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
	return j, false
}

// idleWait is how long an idle queue sleeps when nobody wakes it.
const idleWait = time.Hour

func (w *Workers) untilNextRun(ctx context.Context) (time.Duration, error) {
	at, err := w.storage.NextRun(ctx)
	if err != nil || at.IsZero() {
		return idleWait, err
	}
	// A clock that is set does not move a timer: look again after a while.
	return min(max(at.Sub(w.now()), time.Millisecond), MaxDelay), nil
}

// attempt runs one claimed job and settles it when it failed.
func (w *Workers) attempt(work context.Context, j tmates.Job) {
	ctx, cancel := context.WithCancelCause(work)
	defer cancel(nil)
	w.mu.Lock()
	w.running[j.ID] = cancel
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		delete(w.running, j.ID)
		w.mu.Unlock()
	}()
	log := w.log.With("job", j.ID, "tmate", j.TmateKey, "thread", j.ThreadID, "user", j.UserID, "attempt", j.Attempt)
	log.Debug("job started")
	begun := w.now()
	err := w.run(ctx, j, log)
	if err == nil {
		log.Debug("job finished", "took", w.now().Sub(begun))
		return
	}
	if _, parked := errors.AsType[Park](err); parked {
		log.Info("job parked", "err", err)
	} else {
		log.Warn("job attempt ended", "took", w.now().Sub(begun), "err", err)
	}
	w.settle(ctx, work.Done(), j, err, log)
}

// run calls the handler; a panic is a failed attempt, never a crash.
func (w *Workers) run(ctx context.Context, j tmates.Job, log *slog.Logger) (err error) {
	if j.Attempt > w.maxAttempts {
		return Permanent{ErrInterrupted}
	}
	defer func() {
		if p := recover(); p != nil {
			log.Error("job panicked", "panic", p, "stack", string(debug.Stack()))
			err = errors.New("the tmate crashed")
		}
	}()
	return w.handle(ctx, j)
}

// settle records how an attempt failed. It must work while the process is
// stopping, and a disk that is full for an hour must not leave the job running
// for ever: until it is written, the worker stays with it.
func (w *Workers) settle(ctx context.Context, stopping <-chan struct{}, j tmates.Job, cause error, log *slog.Logger) {
	if errors.Is(context.Cause(ctx), ErrCancelled) {
		return // whoever cancelled it has written that down
	}
	interrupted := errors.Is(context.Cause(ctx), ErrStopping)
	ctx = context.WithoutCancel(ctx)
	var late <-chan time.Time
	for wait := 100 * time.Millisecond; ; wait = min(wait*2, maxSettleWait) {
		err := w.outcome(ctx, j, cause, interrupted)
		if err == nil {
			return
		}
		log.Error("could not settle job", "err", err)
		select {
		case <-time.After(wait):
		case <-stopping:
			stopping, late = nil, time.After(settleTime)
		case <-late:
			return // stays running in the storage; the next start takes it back
		}
	}
}

// How long and how often settle tries.
const (
	settleTime    = 5 * time.Second // once the process is stopping
	maxSettleWait = 30 * time.Second
)

// outcome writes down how an attempt failed.
func (w *Workers) outcome(ctx context.Context, j tmates.Job, cause error, interrupted bool) error {
	_, hopeless := errors.AsType[Permanent](cause)
	park, parked := errors.AsType[Park](cause)
	switch {
	case interrupted:
		return w.storage.Release(ctx, j)
	case parked:
		return w.storage.Park(ctx, j, park.Until, cause)
	case hopeless || j.Attempt >= w.maxAttempts:
		return w.storage.Fail(ctx, j, cause)
	}
	return w.storage.Retry(ctx, j, w.now().Add(Delay(j.Attempt, cause)), cause)
}
