package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/tmates/tmates/store/tmates"
)

const messageColumns = `thread_id, seq, id, organisation_id, user_id, session_id, job_id, client_id, role, author, content, payload, created_at`

func scanMessage(s scanner) (m tmates.Message, err error) {
	var created stamp
	var job, client sql.NullString
	m.Payload = map[string]any{}
	err = s.Scan(&m.ThreadID, &m.Seq, &m.ID, &m.OrganisationID, &m.UserID, &m.SessionID, &job, &client, &m.Role, &m.Author,
		&m.Content, asJSON(&m.Payload), &created)
	m.JobID, m.ClientID, m.CreatedAt = job.String, client.String, created.Time
	return m, err
}

// ErrAnswered means that the job already has its one visible outcome.
var ErrAnswered = errors.New("job is answered already")

// AddMessage keeps a message at the end of its thread, numbers it, and shows
// it as the thread's last message and activity. Who speaks has read what was
// said before. It returns the message as stored. A second message with the same
// JobID is [ErrAnswered]; the transaction goes on.
func (tx *Tx) AddMessage(ctx context.Context, m tmates.Message) (tmates.Message, error) {
	seq, err := tx.next(ctx, "message")
	if err != nil {
		return m, err
	}
	m.Seq, m.CreatedAt = seq, tx.Now
	if m.Payload == nil {
		m.Payload = map[string]any{}
	}
	n, err := tx.exec(ctx, "add message",
		`INSERT INTO messages (`+messageColumns+`, news) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (job_id) DO NOTHING`,
		m.ThreadID, m.Seq, m.ID, m.OrganisationID, m.UserID, m.SessionID, textOrNull(m.JobID), textOrNull(m.ClientID),
		m.Role, m.Author, m.Content, jsonText(m.Payload), micros(m.CreatedAt), m.News())
	if err != nil {
		return m, err
	}
	if n == 0 {
		return m, ErrAnswered
	}
	read := int64(0)
	if m.Role == tmates.MessageUser {
		read = m.Seq
	}
	tx.wordless.add(m.ThreadID)
	n, err = tx.exec(ctx, "touch thread",
		`UPDATE threads SET last_message = ?, last_seq = ?, read_seq = CASE WHEN read_seq < ? THEN ? ELSE read_seq END,
		 last_activity = ?, updated_at = ? WHERE user_id = ? AND id = ?`,
		tmates.Preview(m.Content), m.Seq, read, read, micros(tx.Now), micros(tx.Now), m.UserID, m.ThreadID)
	if err == nil && n == 0 {
		return m, ErrNoThread
	}
	return m, err
}

func textOrNull(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }

// MessageOfClient returns the message of the user's thread to which a client
// gave a name; ok is false when there is none.
func (tx *Tx) MessageOfClient(ctx context.Context, userID, threadID, clientID string) (m tmates.Message, ok bool, err error) {
	return one(ctx, tx, "read message of client", scanMessage,
		`SELECT `+messageColumns+` FROM messages WHERE thread_id = ? AND client_id = ? AND user_id = ?`, threadID, clientID, userID)
}

// Bounds of what is read at once, in bytes, payloads included: a thread of long messages
// must not fill the memory of a small machine.
const (
	maxHistoryBytes = 4 << 20
	maxMissedBytes  = 1 << 20
)

// Messages returns the newest messages of the user's thread, oldest first: at
// most limit, and at most 4 MiB. With before > 0 only those with a
// smaller seq.
func (tx *Tx) Messages(ctx context.Context, userID, threadID string, before int64, limit int) ([]tmates.Message, error) {
	if before <= 0 {
		before = 1 << 62
	}
	all, _, err := listBytes(ctx, tx, maxHistoryBytes, "list messages", scanMessage, `SELECT `+messageColumns+`
		FROM messages WHERE thread_id = ? AND user_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?`, threadID, userID, before, limit)
	slices.Reverse(all)
	return all, err
}

// MessagesAfter returns the messages of the user's thread that came after a
// seq, oldest first: at most limit, and at most 1 MiB; more tells that
// there are others.
func (tx *Tx) MessagesAfter(ctx context.Context, userID, threadID string, after int64, limit int) (all []tmates.Message, more bool, err error) {
	all, more, err = listBytes(ctx, tx, maxMissedBytes, "list newer messages", scanMessage, `SELECT `+messageColumns+`
		FROM messages WHERE thread_id = ? AND user_id = ? AND seq > ? ORDER BY seq LIMIT ?`, threadID, userID, after, limit+1)
	if len(all) > limit {
		return all[:limit], true, err
	}
	return all, more, err
}

// SaidSince reports whether the user said something in the thread after a seq.
func (tx *Tx) SaidSince(ctx context.Context, userID, threadID string, seq int64) (said bool, err error) {
	err = tx.tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM messages WHERE thread_id = ? AND user_id = ? AND seq > ? AND role = ?)`,
		threadID, userID, seq, tmates.MessageUser).Scan(&said)
	if err != nil {
		return false, fmt.Errorf("look for newer messages: %w", err)
	}
	return said, nil
}

// NoteMessage replaces the payload of a message of the user.
func (tx *Tx) NoteMessage(ctx context.Context, userID, threadID string, seq int64, payload map[string]any) error {
	_, err := tx.exec(ctx, "note message", `UPDATE messages SET payload = ? WHERE thread_id = ? AND seq = ? AND user_id = ?`,
		jsonText(payload), threadID, seq, userID)
	return err
}

// LastSeq returns the number of the newest message of any thread; 0 when there
// never was one.
func (tx *Tx) LastSeq(ctx context.Context) (seq int64, err error) {
	err = tx.tx.QueryRowContext(ctx, `SELECT value FROM sequences WHERE name = 'message'`).Scan(&seq)
	if err != nil {
		return 0, fmt.Errorf("read last seq: %w", err)
	}
	return seq, nil
}
