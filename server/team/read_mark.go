package team

import (
	"context"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// MarkRead notes that the caller has read their thread up to a message, and
// tells all their sockets. It never goes back, and a seq above the thread's
// newest stands for the newest. The thread comes back with what is unread.
func (t *Team) MarkRead(ctx context.Context, userID, ref string, seq int64) (th tmates.Thread, err error) {
	if th, err = t.ResolveThread(ctx, userID, ref); err != nil {
		return th, err
	}
	err = t.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if th, err = tx.Thread(ctx, userID, th.ID); err != nil {
			return err
		}
		news := min(seq, th.LastSeq) > th.ReadSeq
		if news {
			th.ReadSeq = min(seq, th.LastSeq)
			if err := tx.MarkRead(ctx, userID, th.ID, th.ReadSeq); err != nil {
				return err
			}
		}
		if err := tx.CountUnread(ctx, &th); err != nil {
			return err
		}
		if news {
			tx.Emit(tmates.Event{UserID: userID, Type: tmates.EventRead, ThreadID: th.ID, Thread: &th})
		}
		return nil
	})
	return th, err
}
