package store

import (
	"context"
	"fmt"
	"time"

	"github.com/tmates/tmates/store/tmates"
)

const userColumns = `id, email, password_hash, metadata, app_metadata, confirmed_at, invited_at, last_sign_in_at, banned_until,
	created_at, updated_at`

func scanUser(s scanner) (u tmates.User, err error) {
	var confirmed, invited, signedIn, banned, created, updated stamp
	u.Metadata, u.AppMetadata = map[string]any{}, map[string]any{}
	err = s.Scan(&u.ID, &u.Email, &u.PasswordHash, asJSON(&u.Metadata), asJSON(&u.AppMetadata),
		&confirmed, &invited, &signedIn, &banned, &created, &updated)
	u.ConfirmedAt, u.InvitedAt, u.LastSignInAt, u.BannedUntil = confirmed.Time, invited.Time, signedIn.Time, banned.Time
	u.CreatedAt, u.UpdatedAt = created.Time, updated.Time
	return u, err
}

// ErrNoUser is what an account that is missing or was deleted answers.
var ErrNoUser = tmates.E(tmates.NotFound, "user_not_found", nil, "There is no such user")

// AddUser keeps a new account and returns it as stored. A second one with the
// same address is a Conflict with the code email_exists.
func (tx *Tx) AddUser(ctx context.Context, u tmates.User) (tmates.User, error) {
	u.Metadata, u.AppMetadata = nonNilMap(u.Metadata), nonNilMap(u.AppMetadata)
	u.CreatedAt, u.UpdatedAt = tx.Now, tx.Now
	_, err := tx.exec(ctx, "add user",
		`INSERT INTO users (`+userColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		u.ID, u.Email, u.PasswordHash, jsonText(u.Metadata), jsonText(u.AppMetadata), micros(u.ConfirmedAt), micros(u.InvitedAt),
		micros(u.LastSignInAt), micros(u.BannedUntil), micros(u.CreatedAt), micros(u.UpdatedAt))
	if isUnique(err) {
		return u, errEmailExists(err)
	}
	return u, err
}

func errEmailExists(err error) error {
	return tmates.E(tmates.Conflict, "email_exists", err, "A user with this address exists already")
}

// nonNilMap makes absent metadata an empty object: stored JSON is never null.
func nonNilMap(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

// UpdateUser keeps everything of the account that can change, and returns it as
// stored. The address and the time of creation stay.
func (tx *Tx) UpdateUser(ctx context.Context, u tmates.User) (tmates.User, error) {
	u.Metadata, u.AppMetadata = nonNilMap(u.Metadata), nonNilMap(u.AppMetadata)
	u.UpdatedAt = tx.Now
	n, err := tx.exec(ctx, "update user",
		`UPDATE users SET password_hash = ?, metadata = ?, app_metadata = ?, confirmed_at = ?, invited_at = ?,
		 last_sign_in_at = ?, banned_until = ?, updated_at = ? WHERE id = ?`,
		u.PasswordHash, jsonText(u.Metadata), jsonText(u.AppMetadata), micros(u.ConfirmedAt), micros(u.InvitedAt),
		micros(u.LastSignInAt), micros(u.BannedUntil), micros(u.UpdatedAt), u.ID)
	if err == nil && n == 0 {
		return u, ErrNoUser
	}
	return u, err
}

// UserByID returns an account, or [ErrNoUser].
func (tx *Tx) UserByID(ctx context.Context, id string) (tmates.User, error) {
	return oneOr(ctx, tx, ErrNoUser, "read user", scanUser, `SELECT `+userColumns+` FROM users WHERE id = ?`, id)
}

// UserByEmail returns the account of an address, which must be in the stored
// spelling, or [ErrNoUser].
func (tx *Tx) UserByEmail(ctx context.Context, email string) (tmates.User, error) {
	return oneOr(ctx, tx, ErrNoUser, "read user", scanUser, `SELECT `+userColumns+` FROM users WHERE email = ?`, email)
}

// Users returns the accounts whose address sorts behind after, in the order of
// their addresses. An empty after begins at the start.
func (tx *Tx) Users(ctx context.Context, after string, limit int) ([]tmates.User, error) {
	return list(ctx, tx, "list users", scanUser,
		`SELECT `+userColumns+` FROM users WHERE email > ? ORDER BY email LIMIT ?`, after, limit)
}

// CountUsers returns how many accounts there are.
func (tx *Tx) CountUsers(ctx context.Context) (n int, err error) {
	if err := tx.tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM users`).Scan(&n); err != nil {
		return 0, fmt.Errorf("count users: %w", err)
	}
	return n, nil
}

// AddIdentity keeps a way to prove who somebody is.
func (tx *Tx) AddIdentity(ctx context.Context, i tmates.Identity) error {
	_, err := tx.exec(ctx, "add identity",
		`INSERT INTO identities (id, user_id, provider, email, last_sign_in_at, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		i.ID, i.UserID, i.Provider, i.Email, micros(i.LastSignInAt), micros(tx.Now), micros(tx.Now))
	return err
}

// TouchIdentity notes that the user's identity of a provider was used now.
func (tx *Tx) TouchIdentity(ctx context.Context, userID, provider string) error {
	_, err := tx.exec(ctx, "touch identity",
		`UPDATE identities SET last_sign_in_at = ?, updated_at = ? WHERE user_id = ? AND provider = ?`,
		micros(tx.Now), micros(tx.Now), userID, provider)
	return err
}

// Identities returns the user's identities, oldest first.
func (tx *Tx) Identities(ctx context.Context, userID string) ([]tmates.Identity, error) {
	return list(ctx, tx, "list identities", func(s scanner) (i tmates.Identity, err error) {
		var signedIn, created, updated stamp
		err = s.Scan(&i.ID, &i.UserID, &i.Provider, &i.Email, &signedIn, &created, &updated)
		i.LastSignInAt, i.CreatedAt, i.UpdatedAt = signedIn.Time, created.Time, updated.Time
		return i, err
	}, `SELECT id, user_id, provider, email, last_sign_in_at, created_at, updated_at
	    FROM identities WHERE user_id = ? ORDER BY created_at, id`, userID)
}

// NewestTime returns the newest time the database knows of: of an account, a
// session, a job or a record. A clock that shows less is wrong. It is zero in
// an empty database.
func (tx *Tx) NewestTime(ctx context.Context) (time.Time, error) {
	var newest stamp
	err := tx.tx.QueryRowContext(ctx, `SELECT MAX(at) FROM (
		SELECT MAX(at) AS at FROM audit
		UNION ALL SELECT MAX(updated_at) FROM users
		UNION ALL SELECT MAX(refreshed_at) FROM sessions
		UNION ALL SELECT created_at FROM jobs WHERE seq = (SELECT MAX(seq) FROM jobs)) AS times`).Scan(&newest)
	if err != nil {
		return time.Time{}, fmt.Errorf("read newest time: %w", err)
	}
	return newest.Time, nil
}
