package store

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"time"

	"github.com/tmates/tmates/store/tmates"
)

const jobColumns = `id, seq, user_id, organisation_id, thread_id, tmate_key, parent_id, background, undecided, state, progress, payload, metadata, result, failure,
	attempt, lease, run_at, created_at, updated_at, started_at, finished_at`

func scanJob(s scanner) (j tmates.Job, err error) {
	var run, created, updated, started, finished stamp
	j.Payload, j.Metadata = map[string]any{}, map[string]any{}
	err = s.Scan(&j.ID, &j.Seq, &j.UserID, &j.OrganisationID, &j.ThreadID, &j.TmateKey, &j.ParentID, &j.Background, &j.Undecided, &j.State, &j.Progress,
		asJSON(&j.Payload), asJSON(&j.Metadata), asJSON(&j.Result), asJSON(&j.Failure), &j.Attempt, &j.Lease, &run, &created, &updated, &started, &finished)
	j.RunAt, j.CreatedAt, j.UpdatedAt, j.StartedAt, j.FinishedAt = run.Time, created.Time, updated.Time, started.Time, finished.Time
	return j, err
}

// ErrNoJob is what a missing job and somebody else's job answer alike.
var ErrNoJob = tmates.E(tmates.NotFound, "job_not_found", nil, "Job not found")

// AddJob keeps a new job, ready to run now, and returns it as stored. One with a
// lease begins its first attempt under it at once, unless an older job of its
// lane is not finished; then the lease is dropped, and the job waits.
func (tx *Tx) AddJob(ctx context.Context, j tmates.Job) (tmates.Job, error) {
	seq, err := tx.next(ctx, "job")
	if err != nil {
		return j, err
	}
	j.Seq, j.State, j.Progress = seq, tmates.JobQueued, -1
	j.RunAt, j.CreatedAt, j.UpdatedAt = tx.Now, tx.Now, tx.Now
	j.Payload, j.Metadata = nonNilMap(j.Payload), nonNilMap(j.Metadata)
	if j.Lease != "" {
		busy, err := tx.laneIsBusy(ctx, j)
		if err != nil {
			return j, err
		}
		if busy {
			j.Lease = ""
		} else {
			j.State, j.Attempt, j.Progress, j.StartedAt = tmates.JobRunning, 1, begun, tx.Now
		}
	}
	_, err = tx.exec(ctx, "add job",
		`INSERT INTO jobs (id, seq, user_id, organisation_id, thread_id, tmate_key, parent_id, background, undecided, lane, state, progress, payload,
			metadata, attempt, lease, run_at, created_at, updated_at, started_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		j.ID, j.Seq, j.UserID, j.OrganisationID, j.ThreadID, j.TmateKey, j.ParentID, j.Background, j.Undecided, j.Lane(), string(j.State), j.Progress,
		jsonText(j.Payload), jsonText(j.Metadata), j.Attempt, j.Lease,
		micros(j.RunAt), micros(j.CreatedAt), micros(j.UpdatedAt), micros(j.StartedAt))
	return j, err
}

// begun is the progress of an attempt that has just begun.
const begun = 0.05

// laneIsBusy reports whether an older job of the lane is not finished.
func (tx *Tx) laneIsBusy(ctx context.Context, j tmates.Job) (busy bool, err error) {
	err = tx.tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM jobs WHERE lane = ? AND seq < ? AND state IN ('queued', 'running', 'retrying'))`,
		j.Lane(), j.Seq).Scan(&busy)
	if err != nil {
		return false, fmt.Errorf("look into lane: %w", err)
	}
	return busy, nil
}

// Job returns the user's job, or [ErrNoJob].
func (tx *Tx) Job(ctx context.Context, userID, id string) (tmates.Job, error) {
	return oneOr(ctx, tx, ErrNoJob, "read job", scanJob, `SELECT `+jobColumns+` FROM jobs WHERE id = ? AND user_id = ?`, id, userID)
}

// AnyJob returns a job of whatever user, or [ErrNoJob]. It is for the operator
// of the machine, never for a caller from the network.
func (tx *Tx) AnyJob(ctx context.Context, id string) (tmates.Job, error) {
	return oneOr(ctx, tx, ErrNoJob, "read job", scanJob, `SELECT `+jobColumns+` FROM jobs WHERE id = ?`, id)
}

// maxJobBytes bounds what is read of jobs at once, in bytes of their questions
// and answers.
const maxJobBytes = 4 << 20

// Jobs returns the user's jobs with a number below before, or all for 0, newest
// first: at most limit, and at most 4 MiB.
func (tx *Tx) Jobs(ctx context.Context, userID string, before int64, limit int) ([]tmates.Job, error) {
	all, _, err := listBytes(ctx, tx, maxJobBytes, "list jobs", scanJob,
		`SELECT `+jobColumns+` FROM jobs WHERE user_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?`, userID, cmp.Or(before, math.MaxInt64), limit)
	return all, err
}

// AllJobs returns the newest jobs of every user, newest first, for the
// operator of the machine.
func (tx *Tx) AllJobs(ctx context.Context, limit int) ([]tmates.Job, error) {
	return list(ctx, tx, "list all jobs", scanJob, `SELECT `+jobColumns+` FROM jobs ORDER BY seq DESC LIMIT ?`, limit)
}

const isActive = `state IN ('queued', 'running', 'retrying', 'parked')`

// briefColumns tell who does what where, without what was asked and answered.
const briefColumns = `id, seq, user_id, organisation_id, thread_id, tmate_key, parent_id, background, undecided, state`

func scanBrief(s scanner) (j tmates.Job, err error) {
	err = s.Scan(&j.ID, &j.Seq, &j.UserID, &j.OrganisationID, &j.ThreadID, &j.TmateKey, &j.ParentID, &j.Background, &j.Undecided, &j.State)
	return j, err
}

// ActiveJobs returns the user's jobs of a thread that are not final, oldest
// first, in brief: without payload, metadata, result and times.
func (tx *Tx) ActiveJobs(ctx context.Context, userID, threadID string) ([]tmates.Job, error) {
	return list(ctx, tx, "list active jobs", scanBrief, `SELECT `+briefColumns+`
		FROM jobs WHERE user_id = ? AND thread_id = ? AND `+isActive+` ORDER BY seq`, userID, threadID)
}

// Working reports whether a tmate is about to answer in the user's thread: a job
// is not final, nor parked.
func (tx *Tx) Working(ctx context.Context, userID, threadID string) (yes bool, err error) {
	_, yes, err = one(ctx, tx, "look for work in thread", func(s scanner) (id string, err error) { return id, s.Scan(&id) },
		`SELECT id FROM jobs WHERE user_id = ? AND thread_id = ? AND `+isActive+` AND state <> 'parked' LIMIT 1`, userID, threadID)
	return yes, err
}

// CountActiveJobsIn counts the user's jobs of a thread that are not final.
func (tx *Tx) CountActiveJobsIn(ctx context.Context, userID, threadID string) (n int, err error) {
	err = tx.tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM jobs WHERE user_id = ? AND thread_id = ? AND `+isActive, userID, threadID).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count active jobs of thread: %w", err)
	}
	return n, nil
}

// ActiveJobsOf returns the jobs of one tmate in an organisation that are not
// final, oldest first, in brief like [Tx.ActiveJobs].
func (tx *Tx) ActiveJobsOf(ctx context.Context, organisationID, tmateKey string) ([]tmates.Job, error) {
	return list(ctx, tx, "list active jobs of tmate", scanBrief, `SELECT `+briefColumns+`
		FROM jobs WHERE `+isActive+` AND organisation_id = ? AND tmate_key = ? ORDER BY seq`, organisationID, tmateKey)
}

// CountActiveJobs counts the user's jobs that are not final.
func (tx *Tx) CountActiveJobs(ctx context.Context, userID string) (n int, err error) {
	err = tx.tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM jobs WHERE `+isActive+` AND user_id = ?`, userID).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count active jobs: %w", err)
	}
	return n, nil
}

// CountActiveJobsBefore counts the organisation's jobs that are not final and
// older than the job with the number seq.
func (tx *Tx) CountActiveJobsBefore(ctx context.Context, organisationID string, seq int64) (n int64, err error) {
	err = tx.tx.QueryRowContext(ctx,
		`SELECT COUNT(*) FROM jobs WHERE `+isActive+` AND organisation_id = ? AND seq < ?`, organisationID, seq).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count active jobs of organisation: %w", err)
	}
	return n, nil
}

// CompleteJob ends the attempt the lease names with success. held is false when
// the lease no longer holds: the job was cancelled or given to somebody else.
func (tx *Tx) CompleteJob(ctx context.Context, id, lease string, result map[string]any) (held bool, err error) {
	return tx.settle(ctx, "complete job", `UPDATE jobs SET state = 'succeeded', progress = 1, result = ?, lease = '', finished_at = ?, updated_at = ?
		WHERE id = ? AND lease = ?`, jsonText(result), micros(tx.Now), micros(tx.Now), id, lease)
}

// FailJob ends the attempt the lease names, and the job, with a failure.
func (tx *Tx) FailJob(ctx context.Context, id, lease string, failure map[string]any) (held bool, err error) {
	return tx.settle(ctx, "fail job", `UPDATE jobs SET state = 'failed', progress = 1, failure = ?, lease = '', finished_at = ?, updated_at = ?
		WHERE id = ? AND lease = ?`, jsonText(failure), micros(tx.Now), micros(tx.Now), id, lease)
}

// RetryJob ends the attempt the lease names and plans the next one. metadata
// replaces the job's.
func (tx *Tx) RetryJob(ctx context.Context, id, lease string, at time.Time, metadata map[string]any) (held bool, err error) {
	return tx.settle(ctx, "retry job", `UPDATE jobs SET state = 'retrying', progress = 0.1, run_at = ?, metadata = ?, lease = '', updated_at = ?
		WHERE id = ? AND lease = ?`, micros(at), jsonText(metadata), micros(tx.Now), id, lease)
}

// ReleaseJob gives an interrupted attempt back: the job is ready at once and
// the attempt does not count.
func (tx *Tx) ReleaseJob(ctx context.Context, id, lease string) (held bool, err error) {
	return tx.settle(ctx, "release job", `UPDATE jobs SET state = 'queued', progress = -1, attempt = attempt - 1, lease = '', run_at = ?, updated_at = ?
		WHERE id = ? AND lease = ?`, micros(tx.Now), micros(tx.Now), id, lease)
}

// ParkJob ends the attempt the lease names without counting it: the job waits
// until a time. metadata replaces the job's.
func (tx *Tx) ParkJob(ctx context.Context, id, lease string, until time.Time, metadata map[string]any) (held bool, err error) {
	return tx.settle(ctx, "park job", `UPDATE jobs SET state = 'parked', progress = -1, attempt = attempt - 1, run_at = ?, metadata = ?, lease = '', updated_at = ?
		WHERE id = ? AND lease = ?`, micros(until), jsonText(metadata), micros(tx.Now), id, lease)
}

// CountParkedJobs counts the jobs of a tmate in the user's thread that are
// parked until exactly a time.
func (tx *Tx) CountParkedJobs(ctx context.Context, userID, threadID, tmateKey string, until time.Time) (n int, err error) {
	err = tx.tx.QueryRowContext(ctx,
		`SELECT COUNT(*) FROM jobs WHERE user_id = ? AND thread_id = ? AND `+isActive+` AND state = 'parked' AND tmate_key = ? AND run_at = ?`,
		userID, threadID, tmateKey, micros(until)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count parked jobs: %w", err)
	}
	return n, nil
}

func (tx *Tx) settle(ctx context.Context, what, query string, args ...any) (bool, error) {
	n, err := tx.exec(ctx, what, query, args...)
	return n == 1, err
}

// CancelJob makes a job that is not final cancelled, whoever runs it, and
// returns it; changed is false when it was final already.
func (tx *Tx) CancelJob(ctx context.Context, userID, id, by string) (j tmates.Job, changed bool, err error) {
	j, err = tx.Job(ctx, userID, id)
	if err != nil || j.State.Final() {
		return j, false, err
	}
	j.State, j.Progress, j.Lease = tmates.JobCancelled, 1, ""
	j.FinishedAt, j.UpdatedAt = tx.Now, tx.Now
	j.Metadata["cancel_requested_at"] = tmates.OffsetTime(tx.Now)
	j.Metadata["cancel_requested_by"] = by
	_, err = tx.exec(ctx, "cancel job",
		`UPDATE jobs SET state = 'cancelled', progress = 1, lease = '', metadata = ?, finished_at = ?, updated_at = ? WHERE id = ? AND user_id = ?`,
		jsonText(j.Metadata), micros(tx.Now), micros(tx.Now), id, userID)
	return j, err == nil, err
}

// DecideJob gives an attempt that only chose who answers back, uncounted, as a
// job of that tmate: it waits in the tmate's lane now. metadata replaces the
// job's.
func (tx *Tx) DecideJob(ctx context.Context, j tmates.Job) (held bool, err error) {
	return tx.settle(ctx, "decide job", `UPDATE jobs SET tmate_key = ?, undecided = ?, lane = ?, metadata = ?, payload = ?,
		state = 'queued', progress = -1, attempt = attempt - 1, lease = '', run_at = ?, updated_at = ? WHERE id = ? AND lease = ?`,
		j.TmateKey, j.Undecided, j.Lane(), jsonText(j.Metadata), jsonText(j.Payload), micros(tx.Now), micros(tx.Now), j.ID, j.Lease)
}

// BeginChild begins an attempt of a job that its parent runs. held is false when
// it is final.
func (tx *Tx) BeginChild(ctx context.Context, id, lease string, metadata map[string]any) (held bool, err error) {
	return tx.settle(ctx, "begin child", `UPDATE jobs SET state = 'running', lease = ?, attempt = attempt + 1, progress = 0.05, metadata = ?,
		started_at = ?, updated_at = ? WHERE id = ? AND parent_id <> '' AND `+isActive,
		lease, jsonText(metadata), micros(tx.Now), micros(tx.Now), id)
}

// Children returns the jobs the user's job waits for or waited for, oldest
// first.
func (tx *Tx) Children(ctx context.Context, userID, parentID string) ([]tmates.Job, error) {
	return list(ctx, tx, "list children", scanJob, `SELECT `+jobColumns+` FROM jobs WHERE parent_id = ? AND parent_id <> '' AND user_id = ? ORDER BY seq`, parentID, userID)
}

// NoteJob keeps metadata and progress of a job that is not final.
func (tx *Tx) NoteJob(ctx context.Context, j tmates.Job) error {
	_, err := tx.exec(ctx, "note job",
		`UPDATE jobs SET metadata = ?, progress = ?, updated_at = ? WHERE id = ? AND user_id = ? AND `+isActive,
		jsonText(j.Metadata), j.Progress, micros(tx.Now), j.ID, j.UserID)
	return err
}
