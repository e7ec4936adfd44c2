package store

import (
	"context"
	"fmt"
	"time"

	"github.com/tmates/tmates/store/tmates"
)

// UpsertCode keeps a pending code; it takes the place of the user's older one
// for the same purpose.
func (tx *Tx) UpsertCode(ctx context.Context, c tmates.Code) error {
	_, err := tx.exec(ctx, "keep code",
		`INSERT INTO codes (user_id, purpose, email, nonce, guesses, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)
		 ON CONFLICT (user_id, purpose) DO UPDATE SET email = excluded.email, nonce = excluded.nonce,
		 guesses = excluded.guesses, created_at = excluded.created_at, expires_at = excluded.expires_at`,
		c.UserID, c.Purpose, c.Email, base64Text(c.Nonce), c.Guesses, micros(c.CreatedAt), micros(c.ExpiresAt))
	return err
}

// Code returns the user's pending code for a purpose, dead or alive; found is
// false when there is none.
func (tx *Tx) Code(ctx context.Context, userID, purpose string) (c tmates.Code, found bool, err error) {
	return one(ctx, tx, "read code", func(s scanner) (c tmates.Code, err error) {
		var created, expires stamp
		err = s.Scan(&c.UserID, &c.Purpose, &c.Email, base64Column{&c.Nonce}, &c.Guesses, &created, &expires)
		c.CreatedAt, c.ExpiresAt = created.Time, expires.Time
		return c, err
	}, `SELECT user_id, purpose, email, nonce, guesses, created_at, expires_at FROM codes WHERE user_id = ? AND purpose = ?`,
		userID, purpose)
}

// AddGuess counts one guess at a code that is alive: not expired and guessed at
// less than limit times. It reports whether it counted; a guess that was not
// counted must fail.
func (tx *Tx) AddGuess(ctx context.Context, userID, purpose string, limit int) (counted bool, err error) {
	n, err := tx.exec(ctx, "count guess",
		`UPDATE codes SET guesses = guesses + 1 WHERE user_id = ? AND purpose = ? AND guesses < ? AND expires_at > ?`,
		userID, purpose, limit, micros(tx.Now))
	return n == 1, err
}

// ConsumeCode removes exactly this code and reports whether it was still there:
// of several callers one wins.
func (tx *Tx) ConsumeCode(ctx context.Context, c tmates.Code) (won bool, err error) {
	n, err := tx.exec(ctx, "consume code",
		`DELETE FROM codes WHERE user_id = ? AND purpose = ? AND nonce = ? AND expires_at > ?`,
		c.UserID, c.Purpose, base64Text(c.Nonce), micros(tx.Now))
	return n == 1, err
}

// DeleteCodes removes every pending code of the user.
func (tx *Tx) DeleteCodes(ctx context.Context, userID string) error {
	_, err := tx.exec(ctx, "delete codes", `DELETE FROM codes WHERE user_id = ?`, userID)
	return err
}

// PruneCodes removes every expired code and returns when the next one expires;
// the zero time when none is left.
func (tx *Tx) PruneCodes(ctx context.Context) (next time.Time, err error) {
	if _, err := tx.exec(ctx, "prune codes", `DELETE FROM codes WHERE expires_at <= ?`, micros(tx.Now)); err != nil {
		return next, err
	}
	var end stamp
	if err := tx.tx.QueryRowContext(ctx, `SELECT MIN(expires_at) FROM codes`).Scan(&end); err != nil {
		return next, fmt.Errorf("read next end of a code: %w", err)
	}
	return end.Time, nil
}
