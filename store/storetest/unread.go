package storetest

import (
	"context"
	"fmt"
	"testing"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

func testUnread(t *testing.T, open Open) {
	w := newWorld(t, open)
	add := func(n int, role, event string) {
		w.write(func(ctx context.Context, tx *store.Tx) error {
			for range n {
				m := tmates.Message{ID: tx.NewID(), ThreadID: "thread-ada", OrganisationID: "org", UserID: "ada", Role: role}
				if event != "" {
					m.Payload = map[string]any{"event": event}
				}
				if _, err := tx.AddMessage(ctx, m); err != nil {
					return err
				}
			}
			return nil
		})
	}
	expect := func(when string, unread int, read int64) {
		t.Helper()
		w.read(func(ctx context.Context, tx *store.Tx) error {
			th, err := tx.Thread(ctx, "ada", "thread-ada")
			if err != nil {
				return err
			}
			if err := tx.CountUnread(ctx, &th); err != nil {
				return err
			}
			if th.Unread != unread || th.ReadSeq != read {
				t.Errorf("%s: %d unread after %d, want %d after %d", when, th.Unread, th.ReadSeq, unread, read)
			}
			all, err := tx.Threads(ctx, "org", "ada", 10)
			if err != nil || len(all) != 1 || all[0].Unread != unread {
				t.Errorf("%s: listed as %+v (%v), want one thread with %d unread", when, all, err, unread)
			}
			return nil
		})
	}
	expect("nothing said", 0, 0)
	add(2, tmates.MessageAssistant, "")
	add(1, tmates.MessageSystem, "agent_error")
	for _, event := range []string{"session_reset", "agent_join", "agent_leave"} {
		add(1, tmates.MessageSystem, event)
	}
	expect("said by others", 3, 0)
	w.write(func(ctx context.Context, tx *store.Tx) error { return tx.MarkRead(ctx, "bob", "thread-ada", 6) })
	expect("read by somebody else", 3, 0)
	w.write(func(ctx context.Context, tx *store.Tx) error { return tx.MarkRead(ctx, "ada", "thread-ada", 2) })
	expect("read in part", 1, 2)
	add(1, tmates.MessageUser, "")
	expect("answered", 0, 7)
	add(tmates.MaxUnread+1, tmates.MessageAssistant, "")
	expect("very much", tmates.MaxUnread, 7)
}

func testNames(t *testing.T, open Open) {
	w := newWorld(t, open)
	for i, name := range []string{"", "", "c-1"} {
		w.write(func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.AddMessage(ctx, tmates.Message{ID: fmt.Sprint("m", i), ThreadID: "thread-ada", OrganisationID: "org", UserID: "ada",
				Role: tmates.MessageUser, ClientID: name})
			return err
		})
	}
	w.read(func(ctx context.Context, tx *store.Tx) error {
		m, found, err := tx.MessageOfClient(ctx, "ada", "thread-ada", "c-1")
		if err != nil || !found || m.ID != "m2" || m.ClientID != "c-1" {
			t.Errorf("by its name: %+v, %v, %v", m, found, err)
		}
		for _, who := range [][3]string{{"ada", "thread-ada", "c-2"}, {"bob", "thread-ada", "c-1"}, {"ada", "thread-bob", "c-1"}} {
			if m, found, err := tx.MessageOfClient(ctx, who[0], who[1], who[2]); err != nil || found {
				t.Errorf("%v: %+v, %v, %v", who, m, found, err)
			}
		}
		return nil
	})
}
