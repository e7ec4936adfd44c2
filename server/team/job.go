package team

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// NewJob is work a client asks for outside a chat.
type NewJob struct {
	TmateKey     string // key or name
	Task         string
	CLIArgs      map[string]any
	EnvOverrides map[string]string // kept, never applied
	ExtraArgs    []string
	Metadata     map[string]any // thread_id, when it is the caller's: where the result is posted
}

// AddJob queues work for an enabled tmate. What the plan does not include any
// more is QuotaSpent.
func (t *Team) AddJob(ctx context.Context, userID string, n NewJob) (j tmates.Job, err error) {
	if strings.TrimSpace(n.TmateKey) == "" {
		return j, tmates.E(tmates.Invalid, "agent_key_required", nil, "agent_key is required")
	}
	if err := t.maySend(userID); err != nil {
		return j, err
	}
	err = t.write(ctx, userID, func(ctx context.Context, tx *store.Tx, c Caller) error {
		tm := t.registry.Find(strings.TrimSpace(n.TmateKey))
		if tm == nil || c.Enables(tm.Key) == nil {
			return tmates.E(tmates.Invalid, "agent_not_enabled", nil, "Agent '%s' is not enabled for this user", strings.TrimSpace(n.TmateKey))
		}
		if err := t.mayAddJob(ctx, tx, userID); err != nil {
			return err
		}
		if err := t.mayWork(ctx, tx, c.Organisation.ID, unqueued); err != nil {
			return err
		}
		j = n.job(tx.NewID(), c, tm.Key)
		if id, ok := j.Metadata["thread_id"].(string); ok && id != "" {
			// A thread that is not the caller's is nowhere: the job runs, its
			// result is read from the job.
			switch th, err := t.threadFor(ctx, tx, c, id); {
			case err == nil:
				j.ThreadID = th.ID
				if text(j.Metadata, "session_id") == "" { // the work belongs to the conversation it is posted to
					j.Metadata["session_id"] = cmp.Or(tmates.HexSession(th.ActiveSessionID), tmates.SessionID(userID, th.ID, tm.Key))
				}
			case !isNotFound(err):
				return err
			}
		}
		if j, err = tx.AddJob(ctx, j); err != nil {
			return err
		}
		emitStatus(tx, j, tmates.Status{Status: tmates.StatusTyping})
		return nil
	})
	if err == nil {
		t.queue.Ready(j.UserID, j.Background)
	}
	return j, err
}

// mayAddJob says TooMany when the user has as many unfinished jobs as they may.
func (t *Team) mayAddJob(ctx context.Context, tx *store.Tx, userID string) error {
	active, err := tx.CountActiveJobs(ctx, userID)
	if err == nil && t.maxJobs > 0 && active >= t.maxJobs {
		return tmates.E(tmates.TooMany, "too_many_jobs", nil,
			"Active job limit reached (%d). Wait for existing jobs to finish before queuing more.", t.maxJobs)
	}
	return err
}

// job builds the stored form of the request.
func (n NewJob) job(id string, c Caller, tmateKey string) tmates.Job {
	task := strings.ToLower(strings.TrimSpace(n.Task))
	cli := map[string]any{}
	maps.Copy(cli, n.CLIArgs)
	if _, ok := cli["task"]; !ok && task != "" {
		cli["task"] = task
	}
	meta := map[string]any{}
	maps.Copy(meta, n.Metadata)
	for _, own := range []string{"hop", "parent_job_id"} { // what the server keeps there itself
		delete(meta, own)
	}
	meta["author"] = cmp.Or(text(cli, "author"), author(c.User))
	env := map[string]any{}
	for k, v := range n.EnvOverrides {
		env[k] = v
	}
	extra := make([]any, len(n.ExtraArgs))
	for i, a := range n.ExtraArgs {
		extra[i] = a
	}
	payload := map[string]any{"task": nil, "cli_args": cli, "env_overrides": env, "extra_args": extra}
	if task != "" {
		payload["task"] = task
	}
	return tmates.Job{
		ID: id, UserID: c.User.ID, OrganisationID: c.Organisation.ID, TmateKey: tmateKey, Background: true, Payload: payload, Metadata: meta,
	}
}

// Jobs returns the caller's jobs, newest first; with before only those older than
// their job of that id.
func (t *Team) Jobs(ctx context.Context, userID, before string, limit int) (jobs []tmates.Job, err error) {
	err = t.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		var last tmates.Job
		if before != "" {
			if last, err = tx.Job(ctx, userID, before); err != nil {
				return err
			}
		}
		jobs, err = tx.Jobs(ctx, userID, last.Seq, limit)
		return err
	})
	return jobs, err
}

// Job returns a job of the caller.
func (t *Team) Job(ctx context.Context, userID, id string) (j tmates.Job, err error) {
	err = t.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		j, err = tx.Job(ctx, userID, id)
		return err
	})
	return j, err
}

// CancelJob ends a job of the caller that is not final.
func (t *Team) CancelJob(ctx context.Context, userID, id string) (j tmates.Job, err error) {
	err = t.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if j, err = tx.Job(ctx, userID, id); err != nil {
			return err
		}
		done, err := t.cancelJobs(ctx, tx, []tmates.Job{j}, userID, keepText)
		if err != nil {
			return err
		}
		if len(done) == 0 {
			return tmates.E(tmates.Invalid, "job_not_running", nil, "Job is not currently running")
		}
		j = done[0]
		return nil
	})
	if err == nil {
		t.cancelRunning([]tmates.Job{j})
	}
	return j, err
}

// AllJobs returns the newest jobs of every user, for the operator of the
// machine.
func (t *Team) AllJobs(ctx context.Context, limit int) (jobs []tmates.Job, err error) {
	err = t.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		jobs, err = tx.AllJobs(ctx, limit)
		return err
	})
	return jobs, err
}

// AnyJob returns a job of whatever user, for the operator of the machine.
func (t *Team) AnyJob(ctx context.Context, id string) (j tmates.Job, err error) {
	err = t.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		j, err = tx.AnyJob(ctx, id)
		return err
	})
	return j, err
}

// RetryJob queues the work of a failed or cancelled job of the caller once more,
// as a new job: a final state never changes. A parked job is only looked at
// again.
func (t *Team) RetryJob(ctx context.Context, userID, id string) (j tmates.Job, err error) {
	if err := t.maySend(userID); err != nil {
		return j, err
	}
	return t.retry(ctx, id, func(ctx context.Context, tx *store.Tx) (j tmates.Job, err error) {
		if j, err = tx.Job(ctx, userID, id); err != nil || j.State == tmates.JobParked {
			return j, err
		}
		return j, t.mayAddJob(ctx, tx, userID)
	})
}

// RetryAnyJob is RetryJob for a job of whatever user, for the operator of the
// machine.
func (t *Team) RetryAnyJob(ctx context.Context, id string) (tmates.Job, error) {
	return t.retry(ctx, id, func(ctx context.Context, tx *store.Tx) (tmates.Job, error) { return tx.AnyJob(ctx, id) })
}

func (t *Team) retry(ctx context.Context, id string, find func(context.Context, *store.Tx) (tmates.Job, error)) (j tmates.Job, err error) {
	err = t.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		old, err := find(ctx, tx)
		if err != nil {
			return err
		}
		if old.State == tmates.JobParked {
			_, err := tx.UnparkJobs(ctx, id)
			j = old
			return err
		}
		if old.State != tmates.JobFailed && old.State != tmates.JobCancelled {
			return tmates.E(tmates.Conflict, "job_not_retryable", nil, "Job %s is %s; only a failed or cancelled job can be retried", id, old.State)
		}
		j = tmates.Job{
			ID: tx.NewID(), UserID: old.UserID, OrganisationID: old.OrganisationID, ThreadID: old.ThreadID, TmateKey: old.TmateKey,
			Background: old.Background, Payload: old.Payload, Metadata: old.Metadata,
		}
		renew(j, old.ID)
		if j, err = tx.AddJob(ctx, j); err != nil {
			return fmt.Errorf("retry job: %w", err)
		}
		emitStatus(tx, j, tmates.Status{Status: tmates.StatusTyping})
		return nil
	})
	if err == nil {
		t.queue.Wake()
	}
	return j, err
}

// renew makes what was copied from an old job speak of the new one.
func renew(j tmates.Job, oldID string) {
	for _, key := range []string{"cancel_requested_at", "cancel_requested_by", "last_transient_error", "parent_job_id"} {
		delete(j.Metadata, key)
	}
	inner, _ := j.Payload["metadata"].(map[string]any)
	for _, m := range []map[string]any{j.Metadata, inner} {
		if _, ok := m["job_id"]; ok {
			m["job_id"] = j.ID
		}
	}
	j.Metadata["retry_of"] = oldID
}
