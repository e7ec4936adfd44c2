package queue

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/tmates/tmates/store/tmates"
)

// attempt is one claimed job that runs.
type attempt struct {
	job    tmates.Job
	line   *line
	cancel context.CancelCauseFunc

	// Guarded by the lock of the workers.
	relayed  bool        // somebody was told what comes next
	next     *tmates.Job // claimed for the worker by the transaction that ended this one; nil: nothing
	nextLine *line
}

// attempt runs one claimed job and settles it when it failed. ctx ends when the
// job is cancelled, and with work.
func (w *Workers) attempt(ctx, work context.Context, j tmates.Job) {
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
		return w.planned(park.Until, w.storage.Park(ctx, j, park.Until, cause))
	case hopeless || j.Attempt >= w.maxAttempts:
		return w.storage.Fail(ctx, j, cause)
	}
	at := w.now().Add(Delay(j.Attempt, cause))
	return w.planned(at, w.storage.Retry(ctx, j, at, cause))
}

// planned notes when a job becomes due that was put aside.
func (w *Workers) planned(at time.Time, err error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil && w.dueAt(at) {
		w.signal()
	}
	return err
}
