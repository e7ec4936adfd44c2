package store

import (
	"context"

	"github.com/tmates/tmates/store/tmates"
)

// AddSummary keeps what stands for the older messages of a conversation. One
// that covers exactly as much as another is dropped: the first was kept before
// the process died.
func (tx *Tx) AddSummary(ctx context.Context, s tmates.Summary) error {
	_, err := tx.exec(ctx, "add summary",
		`INSERT INTO summaries (thread_id, tmate_key, session_id, through_seq, partial, user_id, content, created_at)
		 VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		s.ThreadID, s.TmateKey, s.SessionID, s.Through, s.Partial, s.UserID, s.Content, micros(tx.Now))
	return err
}

// Summary returns the summary of a conversation session of the user's thread
// that covers most, as a tmate made it; found is false when there is none.
func (tx *Tx) Summary(ctx context.Context, userID, threadID, tmateKey, sessionID string) (s tmates.Summary, found bool, err error) {
	return one(ctx, tx, "read summary", func(row scanner) (s tmates.Summary, err error) {
		var created stamp
		err = row.Scan(&s.ThreadID, &s.TmateKey, &s.SessionID, &s.Through, &s.Partial, &s.UserID, &s.Content, &created)
		s.CreatedAt = created.Time
		return s, err
	}, `SELECT thread_id, tmate_key, session_id, through_seq, partial, user_id, content, created_at FROM summaries
	    WHERE thread_id = ? AND tmate_key = ? AND session_id = ? AND user_id = ? ORDER BY through_seq DESC LIMIT 1`,
		threadID, tmateKey, sessionID, userID)
}
