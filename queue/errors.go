package queue

import (
	"errors"
	"time"
)

// Causes with which the context of an attempt ends.
var (
	ErrStopping  = errors.New("the server is stopping")
	ErrCancelled = errors.New("the job was cancelled")
)

// ErrInterrupted ends a job whose attempts all ended with the process.
var ErrInterrupted = errors.New("every attempt was interrupted by the end of the process")

// Permanent marks an error that no retry can mend.
type Permanent struct{ Err error }

// Error returns the text of the cause.
func (p Permanent) Error() string { return p.Err.Error() }

// Unwrap returns the cause.
func (p Permanent) Unwrap() error { return p.Err }

// Later marks an error after which the next attempt should wait at least so
// long, because a service asked for it. Waits above [MaxLater] are cut.
type Later struct {
	Err   error
	After time.Duration
}

// Error returns the text of the cause.
func (l Later) Error() string { return l.Err.Error() }

// Unwrap returns the cause.
func (l Later) Unwrap() error { return l.Err }

// Park marks an error that only time can mend: the job waits until then, and the
// attempt does not count.
type Park struct {
	Err   error
	Until time.Time
}

// Error returns the text of the cause.
func (p Park) Error() string { return p.Err.Error() }

// Unwrap returns the cause.
func (p Park) Unwrap() error { return p.Err }

// The schedule of retries is upstream's: 5 s doubled after each attempt, at
// most 60 s.
const (
	firstDelay = 5 * time.Second
	MaxDelay   = 60 * time.Second
	MaxLater   = 10 * time.Minute // what a service may ask for
)

// Delay returns how long to wait after the given attempt (1 is the first)
// failed with err.
func Delay(attempt int, err error) time.Duration {
	d := MaxDelay
	if shift := attempt - 1; shift >= 0 && shift < 4 {
		d = firstDelay << shift
	}
	if later, ok := errors.AsType[Later](err); ok {
		d = max(d, min(later.After, MaxLater))
	}
	return d
}
