package team

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/queue"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// Claim begins an attempt of one job for each want.
func (t *Team) Claim(ctx context.Context, wants []queue.Want) (jobs []tmates.Job, err error) {
	err = t.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
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

// end runs the transaction that ends a job, and claims in it what comes next on
// its worker, which saves a commit.
func (t *Team) end(ctx context.Context, j tmates.Job, fn func(context.Context, *store.Tx) error) error {
	relay := t.queue.Relay(j.ID)
	var claimed, next *tmates.Job
	defer func() { relay.End(next) }() // also after a panic
	err := t.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := fn(ctx, tx); err != nil || relay == nil {
			return err
		}
		n, _, err := tx.ClaimJob(ctx, relay.UserID, relay.Background, tx.NewID())
		claimed = &n
		return err
	})
	if err == nil {
		next = claimed
	}
	return err
}

// Ready counts the jobs that wait for a worker.
func (t *Team) Ready(ctx context.Context) (all []tmates.ReadyJobs, err error) {
	err = t.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		all, err = tx.ReadyJobs(ctx)
		return err
	})
	return all, err
}

// maxDue is how many jobs become ready in one transaction: people write meanwhile.
const maxDue = 500

// Due makes jobs ready whose time has come, and tells how many, and when the next
// becomes due.
func (t *Team) Due(ctx context.Context) (ready int64, next time.Time, err error) {
	for {
		err = t.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
			next, err = tx.NextRun(ctx)
			return err
		})
		if err != nil || next.IsZero() || next.After(t.db.Now()) {
			return ready, next, err
		}
		err = t.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			n, err := tx.ReadyDueJobs(ctx, maxDue)
			ready += n
			return err
		})
		if err != nil {
			return ready, next, err
		}
	}
}

// Adopt makes jobs ready that a dead process left running, and has parked ones
// looked at again.
func (t *Team) Adopt(ctx context.Context) (n int64, err error) {
	err = t.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if n, err = tx.AdoptOrphans(ctx); err != nil {
			return err
		}
		_, err = tx.UnparkJobs(ctx, "") // the limits may be other ones now
		return err
	})
	return n, err
}

// Release gives an interrupted attempt back, uncounted.
func (t *Team) Release(ctx context.Context, j tmates.Job) error {
	return t.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.ReleaseJob(ctx, j.ID, j.Lease)
		return err
	})
}

// Retry plans the next attempt and keeps the indicator of the thread alive.
func (t *Team) Retry(ctx context.Context, j tmates.Job, at time.Time, cause error) error {
	return t.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		j.Metadata["last_transient_error"] = sentence(cause)
		held, err := tx.RetryJob(ctx, j.ID, j.Lease, at, j.Metadata)
		if err != nil || !held {
			return err
		}
		wait := at.Sub(tx.Now).Round(time.Second)
		emitStatus(tx, j, tmates.Status{
			Status: working(j).Status, Stage: "retry", Attempt: j.Attempt + 1,
			Text: fmt.Sprintf("%s Trying again in %s.", sentence(cause), wait),
		})
		return nil
	})
}

// Fail ends the job: its thread gets a short system message, so that clients
// which only poll see it too (Q-J1), and the indicator ends.
func (t *Team) Fail(ctx context.Context, j tmates.Job, cause error) error {
	return t.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		why := sentence(cause)
		held, err := tx.FailJob(ctx, j.ID, j.Lease, map[string]any{"message": why, "error_type": errorType(cause)})
		if err != nil || !held {
			return err
		}
		if err := t.dropChildren(ctx, tx, j); err != nil || j.ThreadID == "" {
			return err
		}
		c, _, err := t.caller(ctx, tx, j.UserID)
		if err != nil {
			return err
		}
		emitStatus(tx, j, tmates.Status{Status: tmates.StatusFailed, Text: why})
		_, _, err = t.sayOutcome(ctx, tx, j, tmates.Message{
			SessionID: tmates.CanonicalSession(text(j.Metadata, "session_id")), Role: tmates.MessageSystem,
			Content: t.tmateName(j.TmateKey, c) + " could not answer. " + why,
			Payload: map[string]any{"event": "agent_error", "agent_key": j.TmateKey, "job_id": j.ID},
		})
		if err != nil && !errors.Is(err, store.ErrNoThread) {
			return err
		}
		return completed(ctx, tx, j)
	})
}

// sentence is what a person may read of a failure: what a provider or a
// use-case says, and nothing of the machine's inside.
func sentence(err error) string {
	if p, ok := errors.AsType[*agents.ProviderError](err); ok {
		return stopped(p.Msg)
	}
	if e, ok := errors.AsType[*tmates.Error](err); ok {
		return stopped(e.Msg)
	}
	switch {
	case errors.Is(err, agents.ErrTimeout):
		return "It took too long."
	case errors.Is(err, errNotEnabled):
		return "The teammate is not on the team any more."
	case errors.Is(err, errNothingToDo):
		return "There was nothing to do: the job has no message, prompt or task."
	case errors.Is(err, errMissingEnv):
		return "The teammate is not set up yet: the server's log names what is missing."
	case errors.Is(err, queue.ErrInterrupted):
		return "The work was interrupted too often."
	}
	return "Something went wrong on the server; its log has the details."
}

// stopped ends a sentence that somebody else wrote.
func stopped(text string) string {
	if text = strings.TrimSpace(text); text == "" || strings.ContainsAny(text[len(text)-1:], ".!?") {
		return text
	}
	return text + "."
}

// errorType is the stable word for programs that goes with sentence.
func errorType(err error) string {
	if p, ok := errors.AsType[*agents.ProviderError](err); ok {
		if p.Temporary() {
			return "provider_unavailable"
		}
		return "provider_refused"
	}
	switch {
	case isQuota(err):
		return "quota_exceeded"
	case errors.Is(err, agents.ErrTimeout):
		return "timeout"
	case errors.Is(err, errNotEnabled), errors.Is(err, errMissingEnv):
		return "not_enabled"
	case errors.Is(err, errNothingToDo):
		return "nothing_to_do"
	case errors.Is(err, queue.ErrInterrupted):
		return "interrupted"
	}
	return "internal"
}
