package store

import (
	"context"
	"fmt"

	"github.com/tmates/tmates/store/tmates"
)

// ErrNoMemory is what a missing memory and somebody else's answer alike.
var ErrNoMemory = tmates.E(tmates.NotFound, "memory_not_found", nil, "Memory not found")

const memoryColumns = `id, user_id, thread_id, tmate_key, session_id, content, source_id, seq, created_at`

func scanMemory(s scanner) (m tmates.Memory, err error) {
	var created stamp
	err = s.Scan(&m.ID, &m.UserID, &m.ThreadID, &m.TmateKey, &m.SessionID, &m.Content, &m.SourceID, &m.Seq, &created)
	m.CreatedAt = created.Time
	return m, err
}

// What is asked of memories. A test holds that none of them reads more than the
// person's own part.
const (
	sessionMemories = `SELECT ` + memoryColumns + ` FROM (
		SELECT ` + memoryColumns + ` FROM memories WHERE user_id = ? AND session_id = ? AND tmate_key = ? ORDER BY seq DESC LIMIT ?
	) AS newest ORDER BY seq`
	countMemories = `SELECT COUNT(*) FROM memories WHERE user_id = ? AND session_id = ? AND tmate_key = ?`
	pageMemories  = `SELECT ` + memoryColumns + ` FROM memories
		WHERE user_id = ? AND tmate_key = ? AND seq < ? AND (? = '' OR thread_id = ?) ORDER BY seq DESC LIMIT ?`
	oneMemory = `SELECT ` + memoryColumns + ` FROM memories WHERE id = ? AND user_id = ?`
)

// AddMemory numbers and keeps a fact. The same id twice is kept once.
func (tx *Tx) AddMemory(ctx context.Context, m tmates.Memory) error {
	seq, err := tx.next(ctx, "memory")
	if err != nil {
		return err
	}
	n, err := tx.exec(ctx, "add memory",
		`INSERT INTO memories (`+memoryColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
		m.ID, m.UserID, m.ThreadID, m.TmateKey, m.SessionID, m.Content, m.SourceID, seq, micros(tx.Now))
	if err != nil || n == 0 {
		return err
	}
	return tx.addWords(ctx, seq, m)
}

// Memories returns what a tmate keeps for the user in a conversation session,
// the newest limit facts, oldest first.
func (tx *Tx) Memories(ctx context.Context, userID, sessionID, tmateKey string, limit int) ([]tmates.Memory, error) {
	return list(ctx, tx, "list memories", scanMemory, sessionMemories, userID, sessionID, tmateKey, limit)
}

// CountMemories counts what a tmate keeps for the user in a conversation
// session.
func (tx *Tx) CountMemories(ctx context.Context, userID, sessionID, tmateKey string) (n int, err error) {
	if err := tx.tx.QueryRowContext(ctx, countMemories, userID, sessionID, tmateKey).Scan(&n); err != nil {
		return 0, fmt.Errorf("count memories: %w", err)
	}
	return n, nil
}

// MemoryFilter narrows a list of what a tmate keeps for a user.
type MemoryFilter struct {
	TmateKey string
	ThreadID string // empty: of every thread
	Query    string // every word of it must occur; empty: all
	Before   int64  // only those with a smaller seq; 0: from the newest on
	Limit    int
}

// MemoryPage returns what a tmate keeps for the user in all their sessions,
// newest first.
func (tx *Tx) MemoryPage(ctx context.Context, userID string, f MemoryFilter) ([]tmates.Memory, error) {
	if f.Before <= 0 {
		f.Before = 1 << 62
	}
	if f.Query != "" {
		return tx.pageByWords(ctx, userID, f)
	}
	return list(ctx, tx, "list memories of tmate", scanMemory, pageMemories, userID, f.TmateKey, f.Before, f.ThreadID, f.ThreadID, f.Limit)
}

// Memory returns one of the user's memories, or [ErrNoMemory].
func (tx *Tx) Memory(ctx context.Context, userID, id string) (tmates.Memory, error) {
	return oneOr(ctx, tx, ErrNoMemory, "read memory", scanMemory, oneMemory, id, userID)
}

// ChangeMemory rewords one of the user's memories and returns it as it is now,
// or [ErrNoMemory].
func (tx *Tx) ChangeMemory(ctx context.Context, userID, id, content string) (tmates.Memory, error) {
	m, err := tx.Memory(ctx, userID, id)
	if err != nil {
		return m, err
	}
	m.Content = content
	if _, err := tx.exec(ctx, "change memory", `UPDATE memories SET content = ? WHERE id = ? AND user_id = ?`, content, id, userID); err != nil {
		return m, err
	}
	if err := tx.dropWords(ctx, wordsOfMemory, id, userID); err != nil {
		return m, err
	}
	return m, tx.addWords(ctx, m.Seq, m)
}

// DeleteMemory forgets one of the user's memories. Its error for one that is not
// there is [ErrNoMemory].
func (tx *Tx) DeleteMemory(ctx context.Context, userID, id string) error {
	if err := tx.dropWords(ctx, wordsOfMemory, id, userID); err != nil {
		return err
	}
	n, err := tx.exec(ctx, "delete memory", `DELETE FROM memories WHERE id = ? AND user_id = ?`, id, userID)
	if err == nil && n == 0 {
		return ErrNoMemory
	}
	return err
}

// DeleteMemories forgets everything a tmate keeps for the user and returns how
// much that was.
func (tx *Tx) DeleteMemories(ctx context.Context, userID, tmateKey string) (int64, error) {
	if err := tx.dropWords(ctx, wordsOfTmate, userID, tmateKey); err != nil {
		return 0, err
	}
	return tx.exec(ctx, "delete memories of tmate", `DELETE FROM memories WHERE user_id = ? AND tmate_key = ?`, userID, tmateKey)
}
