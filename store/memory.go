package store

import (
	"context"

	"github.com/tmates/tmates/store/tmates"
)

// AddMemory keeps a fact. The same id twice is kept once.
func (tx *Tx) AddMemory(ctx context.Context, m tmates.Memory) error {
	_, err := tx.exec(ctx, "add memory",
		`INSERT INTO memories (id, user_id, thread_id, tmate_key, session_id, content, source_id, created_at)
		 VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
		m.ID, m.UserID, m.ThreadID, m.TmateKey, m.SessionID, m.Content, m.SourceID, micros(tx.Now))
	return err
}

// Memories returns what a tmate keeps for the user in a conversation session,
// the newest limit facts, oldest first.
func (tx *Tx) Memories(ctx context.Context, userID, sessionID, tmateKey string, limit int) ([]tmates.Memory, error) {
	return list(ctx, tx, "list memories", func(s scanner) (m tmates.Memory, err error) {
		var created stamp
		err = s.Scan(&m.ID, &m.UserID, &m.ThreadID, &m.TmateKey, &m.SessionID, &m.Content, &m.SourceID, &created)
		m.CreatedAt = created.Time
		return m, err
	}, `SELECT id, user_id, thread_id, tmate_key, session_id, content, source_id, created_at FROM (
	        SELECT id, user_id, thread_id, tmate_key, session_id, content, source_id, created_at FROM memories WHERE user_id = ? AND session_id = ? AND tmate_key = ?
	        ORDER BY created_at DESC, id DESC LIMIT ?) AS newest
	    ORDER BY created_at, id`, userID, sessionID, tmateKey, limit)
}
