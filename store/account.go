package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/tmates/tmates/store/tmates"
)

// UsersPage returns accounts, newest first, whose address contains filter, which
// must be in lower case, and how many those are in all.
func (tx *Tx) UsersPage(ctx context.Context, filter string, limit, offset int) (users []tmates.User, total int, err error) {
	like := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(filter) + "%"
	const where = ` FROM users WHERE email LIKE ? ESCAPE '\' `
	if err := tx.tx.QueryRowContext(ctx, `SELECT COUNT(*)`+where, like).Scan(&total); err != nil {
		return nil, 0, fmt.Errorf("count users: %w", err)
	}
	users, err = list(ctx, tx, "list users", scanUser,
		`SELECT `+userColumns+where+`ORDER BY created_at DESC, id LIMIT ? OFFSET ?`, like, limit, offset)
	return users, total, err
}

// MoveUser gives the account and the identity of a provider another address. An
// address that is taken is a Conflict with the code email_exists.
func (tx *Tx) MoveUser(ctx context.Context, id, provider, email string) error {
	n, err := tx.exec(ctx, "move user", `UPDATE users SET email = ?, updated_at = ? WHERE id = ?`, email, micros(tx.Now), id)
	switch {
	case isUnique(err):
		return errEmailExists(err)
	case err != nil:
		return err
	case n == 0:
		return ErrNoUser
	}
	_, err = tx.exec(ctx, "move identity", `UPDATE identities SET email = ?, updated_at = ? WHERE user_id = ? AND provider = ?`,
		email, micros(tx.Now), id, provider)
	return err
}

// DeleteUser removes an account and every row that is the user's alone:
// identities, codes, memberships, profile, settings, threads with their
// messages and memories, and jobs. Posts and usage are the organisation's. The
// sessions are ended before, by [Tx.DeleteSessions], which says so.
func (tx *Tx) DeleteUser(ctx context.Context, id string) error {
	if err := tx.dropThreadWords(ctx, wordsOfUser, id); err != nil {
		return err
	}
	n, err := tx.exec(ctx, "delete user", `DELETE FROM users WHERE id = ?`, id)
	if err == nil && n == 0 {
		return ErrNoUser
	}
	return err
}

// ActiveJobsOfUser returns the user's jobs that are not final, oldest first.
func (tx *Tx) ActiveJobsOfUser(ctx context.Context, userID string) ([]tmates.Job, error) {
	return list(ctx, tx, "list active jobs of user", scanJob, `SELECT `+jobColumns+`
		FROM jobs WHERE user_id = ? AND `+isActive+` ORDER BY seq`, userID)
}

// DeleteOrganisation removes an organisation with its hires, posts, threads and
// usage.
func (tx *Tx) DeleteOrganisation(ctx context.Context, id string) error {
	if err := tx.dropThreadWords(ctx, wordsOfOrganisation, id); err != nil {
		return err
	}
	if err := tx.dropPostWords(ctx, postWordsOfOrganisation, id); err != nil {
		return err
	}
	if _, err := tx.exec(ctx, "delete usage", `DELETE FROM usage WHERE organisation_id = ?`, id); err != nil {
		return err
	}
	_, err := tx.exec(ctx, "delete organisation", `DELETE FROM organisations WHERE id = ?`, id)
	return err
}
