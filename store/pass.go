package store

import (
	"context"
	"fmt"

	"github.com/tmates/tmates/store/tmates"
)

// AddPass keeps a pass; its CreatedAt is the transaction's time.
func (tx *Tx) AddPass(ctx context.Context, p tmates.Pass) error {
	var user any
	if p.UserID != "" {
		user = p.UserID
	}
	_, err := tx.exec(ctx, "add pass", `INSERT INTO passes (hash, user_id, created_at, expires_at) VALUES (?, ?, ?, ?)`,
		p.Hash, user, micros(tx.Now), micros(p.ExpiresAt))
	return err
}

// Pass returns the pass with a hash that is alive; found is false when there is
// none.
func (tx *Tx) Pass(ctx context.Context, hash string) (p tmates.Pass, found bool, err error) {
	return one(ctx, tx, "read pass", func(s scanner) (p tmates.Pass, err error) {
		var created, expires stamp
		err = s.Scan(&p.Hash, &p.UserID, &created, &expires)
		p.CreatedAt, p.ExpiresAt = created.Time, expires.Time
		return p, err
	}, `SELECT hash, COALESCE(user_id, ''), created_at, expires_at FROM passes WHERE hash = ? AND expires_at > ?`, hash, micros(tx.Now))
}

// DeletePasses removes every pass of a user; of an empty one those that make
// the first account.
func (tx *Tx) DeletePasses(ctx context.Context, userID string) error {
	if userID == "" {
		_, err := tx.exec(ctx, "delete passes", `DELETE FROM passes WHERE user_id IS NULL`)
		return err
	}
	_, err := tx.exec(ctx, "delete passes", `DELETE FROM passes WHERE user_id = ?`, userID)
	return err
}

// PrunePasses removes every expired pass.
func (tx *Tx) PrunePasses(ctx context.Context) error {
	_, err := tx.exec(ctx, "prune passes", `DELETE FROM passes WHERE expires_at <= ?`, micros(tx.Now))
	return err
}

// Claimed reports whether an account exists.
func (tx *Tx) Claimed(ctx context.Context) (claimed bool, err error) {
	if err := tx.tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM users)`).Scan(&claimed); err != nil {
		return false, fmt.Errorf("look for an account: %w", err)
	}
	return claimed, nil
}
