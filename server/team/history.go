package team

import (
	"context"
	"time"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// History returns the newest messages of the scope's thread and conversation
// session, oldest first: what was said before a reset is not recalled.
func (t *Team) History(ctx context.Context, s agents.Scope, limit int) (said []tmates.Message, err error) {
	err = t.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		stored, err := tx.Messages(ctx, s.UserID, s.ThreadID, 0, turnMessages)
		for _, m := range stored {
			if m.SessionID == s.SessionID {
				said = append(said, m)
			}
		}
		return err
	})
	return said[max(len(said)-limit, 0):], err
}

// Clock tells the time in the zone of the scope's user.
func (t *Team) Clock(ctx context.Context, s agents.Scope) (at time.Time, err error) {
	err = t.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, err := tx.UserByID(ctx, s.UserID)
		if err != nil {
			return err
		}
		loc, err := time.LoadLocation(zone(u))
		at = tx.Now.In(loc)
		return err
	})
	return at, err
}
