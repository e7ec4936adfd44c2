package queue

import (
	"context"
	"time"

	"github.com/tmates/tmates/store/tmates"
)

// Storage keeps the jobs. Every method that ends an attempt does nothing when
// the job's lease no longer holds.
type Storage interface {
	// Claim begins an attempt of one job for each want, in one transaction: of
	// the oldest of that kind whose lane is free. What it returns is as long as
	// wants; a job without an id stands for none.
	Claim(ctx context.Context, wants []Want) ([]tmates.Job, error)
	// Ready counts the jobs that wait for a worker.
	Ready(ctx context.Context) ([]tmates.ReadyJobs, error)
	// Due makes jobs ready whose time has come, in portions that hold nobody up,
	// and tells how many, and when the next becomes due; zero when none waits.
	Due(ctx context.Context) (ready int64, next time.Time, err error)
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

// Want asks for a job.
type Want struct {
	UserID     string
	Background bool
}

// Handler runs one attempt of a job. It records success itself, in one
// transaction with the job's result, and must be idempotent by job id. An error
// means a retry unless it is [Permanent] or [Park]; ctx ends with [ErrCancelled] or
// [ErrStopping] as its cause.
type Handler func(ctx context.Context, j tmates.Job) error
