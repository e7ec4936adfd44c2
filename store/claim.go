package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tmates/tmates/store/tmates"
)

// isReady is what the queue may claim. A job with a parent is its parent's.
const isReady = `state = 'queued' AND parent_id = ''`

// isWaiting is what waits for its time.
const isWaiting = `state IN ('retrying', 'parked')`

// ClaimJob begins an attempt of the user's oldest ready job, in the background or
// not, under a new lease; found is false when there is none. Within a lane only
// the oldest unfinished job may run; a parked one stands aside.
func (tx *Tx) ClaimJob(ctx context.Context, userID string, background bool, lease string) (j tmates.Job, found bool, err error) {
	return one(ctx, tx, "claim job", scanJob, `
		UPDATE jobs SET state = 'running', lease = ?, attempt = attempt + 1, progress = ?, started_at = ?, updated_at = ?
		WHERE id = (
			SELECT j.id FROM jobs j
			WHERE j.state = 'queued' AND j.parent_id = '' AND j.user_id = ? AND j.background = ?
			  AND NOT EXISTS (SELECT 1 FROM jobs e WHERE e.lane = j.lane AND e.seq < j.seq AND e.state IN ('queued', 'running', 'retrying'))
			ORDER BY j.seq LIMIT 1)
		RETURNING `+jobColumns, lease, begun, micros(tx.Now), micros(tx.Now), userID, background)
}

// ReadyJobs counts the ready jobs of each user who has some.
func (tx *Tx) ReadyJobs(ctx context.Context) ([]tmates.ReadyJobs, error) {
	return list(ctx, tx, "count ready jobs", func(s scanner) (r tmates.ReadyJobs, err error) {
		return r, s.Scan(&r.UserID, &r.Background, &r.Jobs)
	}, `SELECT user_id, background, COUNT(*) FROM jobs WHERE `+isReady+` GROUP BY user_id, background ORDER BY user_id, background`)
}

// farAhead is more than the queue ever waits between two attempts.
const farAhead = 15 * time.Minute

// ReadyDueJobs makes at most limit jobs ready whose time has come, and returns
// how many. A retry that is planned further ahead than any delay is due as well:
// the clock was set back.
func (tx *Tx) ReadyDueJobs(ctx context.Context, limit int) (int64, error) {
	return tx.exec(ctx, "make due jobs ready", `UPDATE jobs SET state = 'queued', progress = -1, updated_at = ? WHERE id IN (
			SELECT id FROM jobs WHERE `+isWaiting+` AND run_at <= ?
			UNION ALL SELECT id FROM jobs WHERE `+isWaiting+` AND run_at > ? AND state = 'retrying'
			LIMIT ?)`, micros(tx.Now), micros(tx.Now), micros(tx.Now.Add(farAhead)), limit)
}

// NextRun returns when [Tx.ReadyDueJobs] will find the next job, which may be
// past; the zero time when none waits.
func (tx *Tx) NextRun(ctx context.Context) (time.Time, error) {
	var next stamp
	var ahead bool
	err := errors.Join(
		tx.tx.QueryRowContext(ctx, `SELECT MIN(run_at) FROM jobs WHERE `+isWaiting).Scan(&next),
		tx.tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM jobs WHERE `+isWaiting+` AND run_at > ? AND state = 'retrying')`,
			micros(tx.Now.Add(farAhead))).Scan(&ahead),
	)
	if err != nil {
		return time.Time{}, fmt.Errorf("read next run: %w", err)
	}
	if ahead {
		return tx.Now, nil
	}
	return next.Time, nil
}

// UnparkJobs makes parked jobs ready: one, or with an empty id all. It returns
// how many.
func (tx *Tx) UnparkJobs(ctx context.Context, id string) (int64, error) {
	const query = `UPDATE jobs SET state = 'queued', run_at = ?, updated_at = ? WHERE ` + isWaiting + ` AND state = 'parked'`
	if id == "" {
		return tx.exec(ctx, "unpark jobs", query, micros(tx.Now), micros(tx.Now))
	}
	return tx.exec(ctx, "unpark job", query+` AND id = ?`, micros(tx.Now), micros(tx.Now), id)
}

// AdoptOrphans makes every job that was running when the last process ended
// ready again and returns how many. The attempt counts, so that a job that
// kills the process is not tried for ever. One that a parent runs is left to its
// parent.
func (tx *Tx) AdoptOrphans(ctx context.Context) (int64, error) {
	return tx.exec(ctx, "adopt orphans",
		`UPDATE jobs SET state = 'queued', progress = -1, lease = '', run_at = ?, updated_at = ? WHERE `+isActive+` AND state = 'running' AND parent_id = ''`,
		micros(tx.Now), micros(tx.Now))
}
