package store

import (
	"context"
	"fmt"

	"github.com/tmates/tmates/store/tmates"
)

const threadColumns = `id, organisation_id, user_id, slug, title, kind, tmate_keys, active_session_id, metadata,
	last_message, last_seq, read_seq, last_activity, created_at, updated_at`

func scanThread(s scanner) (tmates.Thread, error) { return scanThreadAnd(s) }

// scanCounted is scanThread with the number of unread messages behind the columns.
func scanCounted(s scanner) (tmates.Thread, error) {
	var unread int
	t, err := scanThreadAnd(s, &unread)
	t.Unread = unread
	return t, err
}

func scanThreadAnd(s scanner, more ...any) (t tmates.Thread, err error) {
	var active, created, updated stamp
	err = s.Scan(append([]any{&t.ID, &t.OrganisationID, &t.UserID, &t.Slug, &t.Title, &t.Kind, asJSON(&t.TmateKeys), &t.ActiveSessionID,
		asJSON(&t.Metadata), &t.LastMessage, &t.LastSeq, &t.ReadSeq, &active, &created, &updated}, more...)...)
	t.LastActivity, t.CreatedAt, t.UpdatedAt = active.Time, created.Time, updated.Time
	return t, err
}

// ErrNoThread is what a missing thread and somebody else's thread answer
// alike.
var ErrNoThread = tmates.E(tmates.NotFound, "thread_not_found", nil, "Chat thread not found")

// AddThread keeps a new thread. A second one with the same slug of the same
// user is a Conflict.
func (tx *Tx) AddThread(ctx context.Context, t tmates.Thread) error {
	_, err := tx.exec(ctx, "add thread",
		`INSERT INTO threads (`+threadColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		t.ID, t.OrganisationID, t.UserID, t.Slug, t.Title, string(t.Kind), jsonText(nonNil(t.TmateKeys)), t.ActiveSessionID,
		jsonText(nonNilMap(t.Metadata)), t.LastMessage, t.LastSeq, t.ReadSeq, micros(tx.Now), micros(tx.Now), micros(tx.Now))
	if isUnique(err) {
		return tmates.E(tmates.Conflict, "thread_exists", err, "This thread exists already")
	}
	return err
}

// nonNil makes an absent list an empty one: stored JSON lists are never null.
func nonNil[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// Thread returns the user's thread by id, or [ErrNoThread].
func (tx *Tx) Thread(ctx context.Context, userID, id string) (tmates.Thread, error) {
	return oneOr(ctx, tx, ErrNoThread, "read thread", scanThread, `SELECT `+threadColumns+` FROM threads WHERE user_id = ? AND id = ?`, userID, id)
}

// ThreadBySlug returns the user's thread by slug, or [ErrNoThread].
func (tx *Tx) ThreadBySlug(ctx context.Context, organisationID, userID, slug string) (tmates.Thread, error) {
	return oneOr(ctx, tx, ErrNoThread, "read thread", scanThread, `SELECT `+threadColumns+` FROM threads WHERE organisation_id = ? AND user_id = ? AND slug = ?`,
		organisationID, userID, slug)
}

// Threads returns the user's most recently active threads in an organisation,
// with what is unread in them counted as by [Tx.CountUnread]. Those touched in the
// same moment are ordered by their last message.
func (tx *Tx) Threads(ctx context.Context, organisationID, userID string, limit int) ([]tmates.Thread, error) {
	return list(ctx, tx, "list threads", scanCounted, `SELECT `+threadColumns+`,
		CASE WHEN read_seq >= last_seq THEN 0 ELSE (SELECT COUNT(*) FROM (SELECT 1 FROM messages
			WHERE user_id = threads.user_id AND thread_id = threads.id AND news_seq > threads.read_seq LIMIT ?) AS unread) END
		FROM threads WHERE user_id = ? AND organisation_id = ?
		ORDER BY last_activity DESC, last_seq DESC, id LIMIT ?`, tmates.MaxUnread, userID, organisationID, limit)
}

// GroupThreads returns the Team Chats of an organisation, one per member who
// has one.
func (tx *Tx) GroupThreads(ctx context.Context, organisationID string) ([]tmates.Thread, error) {
	return list(ctx, tx, "list group threads", scanThread, `SELECT `+threadColumns+`
		FROM threads WHERE organisation_id = ? AND slug = ? ORDER BY created_at, id`, organisationID, tmates.TeamChatSlug)
}

// UpdateThread keeps title, kind, tmates, conversation session and metadata of
// a thread, and marks it active now.
func (tx *Tx) UpdateThread(ctx context.Context, t tmates.Thread) error {
	n, err := tx.exec(ctx, "update thread",
		`UPDATE threads SET title = ?, kind = ?, tmate_keys = ?, active_session_id = ?, metadata = ?, last_activity = ?, updated_at = ?
		 WHERE user_id = ? AND id = ?`,
		t.Title, string(t.Kind), jsonText(nonNil(t.TmateKeys)), t.ActiveSessionID, jsonText(nonNilMap(t.Metadata)), micros(tx.Now), micros(tx.Now),
		t.UserID, t.ID)
	if err == nil && n == 0 {
		return ErrNoThread
	}
	return err
}

// MarkRead notes how far the user has read their thread.
func (tx *Tx) MarkRead(ctx context.Context, userID, id string, seq int64) error {
	_, err := tx.exec(ctx, "mark thread read", `UPDATE threads SET read_seq = ? WHERE user_id = ? AND id = ?`, seq, userID, id)
	return err
}

// CountUnread counts the news of a thread after what was read, in their index and
// at most [tmates.MaxUnread], into t.Unread.
func (tx *Tx) CountUnread(ctx context.Context, t *tmates.Thread) error {
	if t.Unread = 0; t.ReadSeq >= t.LastSeq {
		return nil
	}
	err := tx.tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM messages
		WHERE user_id = ? AND thread_id = ? AND news_seq > ? LIMIT ?) AS unread`,
		t.UserID, t.ID, t.ReadSeq, tmates.MaxUnread).Scan(&t.Unread)
	if err != nil {
		return fmt.Errorf("count unread messages: %w", err)
	}
	return nil
}

// DeleteThread removes the user's thread with its messages and memories.
func (tx *Tx) DeleteThread(ctx context.Context, userID, id string) error {
	if err := tx.dropThreadWords(ctx, wordsOfThread, id, userID); err != nil {
		return err
	}
	n, err := tx.exec(ctx, "delete thread", `DELETE FROM threads WHERE user_id = ? AND id = ?`, userID, id)
	if err == nil && n == 0 {
		return ErrNoThread
	}
	return err
}

// ClearThread removes every message and memory of the user's thread, ends its
// conversation session and marks it active now.
func (tx *Tx) ClearThread(ctx context.Context, userID, id string) error {
	n, err := tx.exec(ctx, "clear thread",
		`UPDATE threads SET active_session_id = '', last_message = '', last_activity = ?, updated_at = ? WHERE user_id = ? AND id = ?`,
		micros(tx.Now), micros(tx.Now), userID, id)
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrNoThread
	}
	if err := tx.dropThreadWords(ctx, wordsOfThread, id, userID); err != nil {
		return err
	}
	if _, err := tx.exec(ctx, "delete memories of thread", `DELETE FROM memories WHERE user_id = ? AND thread_id = ?`, userID, id); err != nil {
		return err
	}
	if _, err := tx.exec(ctx, "delete summaries of thread", `DELETE FROM summaries WHERE user_id = ? AND thread_id = ?`, userID, id); err != nil {
		return err
	}
	_, err = tx.exec(ctx, "delete messages of thread", `DELETE FROM messages WHERE user_id = ? AND thread_id = ?`, userID, id)
	return err
}
