package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/tmates/tmates/store/tmates"
)

// AddAudit keeps one record; its time is the transaction's.
func (tx *Tx) AddAudit(ctx context.Context, a tmates.Audit) error {
	_, err := tx.exec(ctx, "add audit record",
		`INSERT INTO audit (id, at, event, user_id, session_id, ip, user_agent, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		tx.NewID(), micros(tx.Now), a.Event, a.UserID, a.SessionID, a.IP, a.UserAgent, a.Detail)
	return err
}

// AuditTime returns when the n-th newest record of an event of a user was made,
// n counting from 1; zero when there are fewer. "At most n per window" is spent
// exactly while that time lies inside the window, and is free again when it
// leaves.
func (tx *Tx) AuditTime(ctx context.Context, userID, event string, n int) (time.Time, error) {
	return tx.auditTime(ctx, `SELECT at FROM audit WHERE user_id = ? AND event = ? ORDER BY at DESC LIMIT 1 OFFSET ?`, userID, event, n-1)
}

// AuditTimeAll is [Tx.AuditTime] over all users.
func (tx *Tx) AuditTimeAll(ctx context.Context, event string, n int) (time.Time, error) {
	return tx.auditTime(ctx, `SELECT at FROM audit WHERE event = ? ORDER BY at DESC LIMIT 1 OFFSET ?`, event, n-1)
}

func (tx *Tx) auditTime(ctx context.Context, query string, args ...any) (time.Time, error) {
	var at stamp
	err := tx.tx.QueryRowContext(ctx, query, args...).Scan(&at)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, fmt.Errorf("read audit time: %w", err)
	}
	return at.Time, nil
}

// Audits returns the newest records of a user, newest first; an empty userID
// means of everybody.
func (tx *Tx) Audits(ctx context.Context, userID string, limit int) ([]tmates.Audit, error) {
	query, args := `SELECT at, event, user_id, session_id, ip, user_agent, detail FROM audit`, []any{}
	if userID != "" {
		query, args = query+` WHERE user_id = ?`, append(args, userID)
	}
	return list(ctx, tx, "list audit records", func(s scanner) (a tmates.Audit, err error) {
		var at stamp
		err = s.Scan(&at, &a.Event, &a.UserID, &a.SessionID, &a.IP, &a.UserAgent, &a.Detail)
		a.At = at.Time
		return a, err
	}, query+` ORDER BY at DESC, id LIMIT ?`, append(args, limit)...)
}

// PruneAudit removes the records made before a time.
func (tx *Tx) PruneAudit(ctx context.Context, before time.Time) error {
	_, err := tx.exec(ctx, "prune audit records", `DELETE FROM audit WHERE at < ?`, micros(before))
	return err
}
