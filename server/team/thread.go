package team

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// MaxHistory is how many messages a thread answers with when the client sets no
// limit of its own.
const MaxHistory = 2000

// Threads returns the caller's threads, most recently active first: Team Chat
// always, direct threads while their tmate is enabled. limit counts before the
// filter, as upstream does.
func (t *Team) Threads(ctx context.Context, userID string, limit int) (threads []tmates.Thread, err error) {
	c, err := t.Caller(ctx, userID)
	if err != nil {
		return nil, err
	}
	err = t.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		all, err := tx.Threads(ctx, c.Organisation.ID, userID, limit)
		for _, th := range all {
			if th.Kind != tmates.KindGroup && (len(th.TmateKeys) != 1 || c.Enables(th.TmateKeys[0]) == nil) {
				continue
			}
			threads = append(threads, th)
		}
		return err
	})
	return threads, err
}

// OpenThread returns the caller's direct thread with an enabled tmate, made when
// it is missing. The tmate may be given by key or name.
func (t *Team) OpenThread(ctx context.Context, userID, nameOrKey string) (th tmates.Thread, err error) {
	err = t.write(ctx, userID, func(ctx context.Context, tx *store.Tx, c Caller) error {
		tm := t.registry.Find(strings.TrimSpace(nameOrKey))
		if tm == nil || c.Enables(tm.Key) == nil {
			return tmates.E(tmates.Invalid, "agent_not_available", nil, "Agent '%s' is not available for this user", nameOrKey)
		}
		if th, _, err = t.directThread(ctx, tx, c, tm, "mobile_api"); err != nil {
			return err
		}
		return tx.CountUnread(ctx, &th)
	})
	return th, err
}

// ResolveThread returns the caller's thread by id or alias: "team:all" and
// "group:all" name the Team Chat, "agent:<key>" the direct thread with an
// enabled tmate; both are made when they are missing.
func (t *Team) ResolveThread(ctx context.Context, userID, ref string) (th tmates.Thread, err error) {
	err = t.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		th, err = t.findThread(ctx, tx, userID, ref)
		return err
	})
	if _, isAlias := t.aliasSlug(ref); isAlias && errors.Is(err, store.ErrNoThread) {
		return t.makeThread(ctx, userID, ref)
	}
	return th, err
}

// aliasSlug reads an alias of a thread: "team:all", "group:all", or "agent:"
// and a tmate's key or name.
func (t *Team) aliasSlug(ref string) (slug string, ok bool) {
	name, direct := strings.CutPrefix(ref, "agent:")
	switch tm := t.registry.Find(name); {
	case ref == tmates.TeamChatSlug, ref == "team:all":
		return tmates.TeamChatSlug, true
	case direct && tm != nil:
		return tmates.DirectSlug(tm.Key), true
	}
	return "", false
}

// makeThread is threadFor in a transaction of its own.
func (t *Team) makeThread(ctx context.Context, userID, ref string) (th tmates.Thread, err error) {
	err = t.write(ctx, userID, func(ctx context.Context, tx *store.Tx, c Caller) error {
		th, err = t.threadFor(ctx, tx, c, ref)
		return err
	})
	return th, err
}

// threadFor is lookUpThread that makes the thread an alias names when it is
// missing: Team Chat, or the direct thread with a tmate that is enabled.
func (t *Team) threadFor(ctx context.Context, tx *store.Tx, c Caller, ref string) (tmates.Thread, error) {
	th, err := t.lookUpThread(ctx, tx, c, ref)
	slug, isAlias := t.aliasSlug(ref)
	if !isAlias || !errors.Is(err, store.ErrNoThread) {
		return th, err
	}
	if slug == tmates.TeamChatSlug {
		th, err = t.teamChat(ctx, tx, c, "team_chat_auto")
	} else if tm := c.Enables(strings.TrimPrefix(slug, "agent:")); tm != nil {
		th, _, err = t.directThread(ctx, tx, c, tm, "mobile_api")
	}
	return th, err
}

// lookUpThread finds a thread of the caller by id or alias.
func (t *Team) lookUpThread(ctx context.Context, tx *store.Tx, c Caller, ref string) (tmates.Thread, error) {
	if slug, ok := t.aliasSlug(ref); ok {
		return tx.ThreadBySlug(ctx, c.Organisation.ID, c.User.ID, slug)
	}
	return tx.Thread(ctx, c.User.ID, ref)
}

// findThread is lookUpThread for whoever needs no more of the caller.
func (t *Team) findThread(ctx context.Context, tx *store.Tx, userID, ref string) (th tmates.Thread, err error) {
	slug, ok := t.aliasSlug(ref)
	if !ok {
		return tx.Thread(ctx, userID, ref)
	}
	org, _, found, err := tx.Membership(ctx, userID)
	if err != nil || !found {
		return th, cmp.Or(err, store.ErrNoThread)
	}
	return tx.ThreadBySlug(ctx, org.ID, userID, slug)
}

// ReadThread returns the caller's thread with its newest messages, oldest
// first; with before > 0 the newest of those with a smaller seq.
func (t *Team) ReadThread(ctx context.Context, userID, ref string, before int64, limit int) (th tmates.Thread, messages []tmates.Message, err error) {
	read := func(ctx context.Context, tx *store.Tx) error {
		if th, err = t.findThread(ctx, tx, userID, ref); err != nil {
			return err
		}
		if err := tx.CountUnread(ctx, &th); err != nil {
			return err
		}
		messages, err = tx.Messages(ctx, userID, th.ID, before, limit)
		return err
	}
	err = t.db.Read(ctx, read)
	if _, isAlias := t.aliasSlug(ref); isAlias && errors.Is(err, store.ErrNoThread) {
		if _, err := t.makeThread(ctx, userID, ref); err != nil {
			return th, nil, err
		}
		err = t.db.Read(ctx, read)
	}
	return th, messages, err
}

// Waiting reports whether a tmate is still to answer in the thread: then a
// client that polls is better served by a later look.
func (t *Team) Waiting(ctx context.Context, userID, threadID string) (waiting bool, err error) {
	err = t.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		waiting, err = tx.Working(ctx, userID, threadID)
		return err
	})
	return waiting, err
}

// Missed is what a client that was away has to be told about a thread.
type Missed struct {
	Messages []tmates.Message // oldest first; none when there are more than asked for
	More     bool             // there were more
	Last     int64            // seq up to which this is complete
	Working  []tmates.Event   // who is to answer, as chat_status events
}

// Missed reads, at one moment, the messages of the caller's thread after a seq,
// at most limit, and the jobs that are under way. A negative seq asks for no
// messages.
func (t *Team) Missed(ctx context.Context, userID, threadID string, after int64, limit int) (m Missed, err error) {
	err = t.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		if m.Last, err = tx.LastSeq(ctx); err != nil {
			return err
		}
		jobs, err := tx.ActiveJobs(ctx, userID, threadID)
		if err != nil {
			return err
		}
		for _, j := range jobs {
			if j.State == tmates.JobParked {
				continue
			}
			m.Working = append(m.Working, statusEvent(j, working(j)))
		}
		if after < 0 {
			return nil
		}
		if m.Messages, m.More, err = tx.MessagesAfter(ctx, userID, threadID, after, limit); m.More {
			m.Messages = nil
		}
		return err
	})
	return m, err
}

// DeleteThread removes the caller's thread with its messages and memories, and
// cancels what tmates do there.
func (t *Team) DeleteThread(ctx context.Context, userID, ref string) error {
	return t.empty(ctx, userID, ref, (*store.Tx).DeleteThread)
}

// ClearThread removes the messages and the tmates' memory of the caller's
// thread and cancels what tmates do there. The next message begins a fresh
// conversation session.
func (t *Team) ClearThread(ctx context.Context, userID, ref string) error {
	return t.empty(ctx, userID, ref, func(tx *store.Tx, ctx context.Context, userID, id string) error {
		if err := tx.ClearThread(ctx, userID, id); err != nil {
			return err
		}
		th, err := tx.Thread(ctx, userID, id)
		if err != nil {
			return err
		}
		th.Metadata[clearedMark] = true
		return tx.UpdateThread(ctx, th)
	})
}

// clearedMark stands in the metadata of a thread that was cleared: from then on
// its sessions are random, because the derived one is a thing of the past.
const clearedMark = "cleared"

func (t *Team) empty(ctx context.Context, userID, ref string, remove func(tx *store.Tx, ctx context.Context, userID, id string) error) error {
	th, err := t.ResolveThread(ctx, userID, ref)
	if err != nil {
		return err
	}
	var cancelled []tmates.Job
	err = t.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		jobs, err := tx.ActiveJobs(ctx, userID, th.ID)
		if err != nil {
			return err
		}
		if cancelled, err = t.cancelJobs(ctx, tx, jobs, userID, dropText); err != nil {
			return err
		}
		return remove(tx, ctx, userID, th.ID)
	})
	if err == nil {
		t.cancelRunning(cancelled)
	}
	return err
}

// ResetSession begins a new conversation session in the caller's thread and
// says so in a system message. session is the new id, as 32 hex digits.
func (t *Team) ResetSession(ctx context.Context, userID, ref string) (session string, m tmates.Message, err error) {
	if err := t.maySend(userID); err != nil {
		return "", m, err
	}
	th, err := t.ResolveThread(ctx, userID, ref)
	if err != nil {
		return "", m, err
	}
	session = tmates.NewSessionID()
	err = t.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if th, err = tx.Thread(ctx, userID, th.ID); err != nil {
			return err
		}
		th.ActiveSessionID = tmates.CanonicalSession(session)
		if err := tx.UpdateThread(ctx, th); err != nil {
			return err
		}
		m, err = tx.AddMessage(ctx, tmates.Message{
			ID: tx.NewID(), ThreadID: th.ID, OrganisationID: th.OrganisationID, UserID: userID, SessionID: th.ActiveSessionID,
			Role:    tmates.MessageSystem,
			Content: "A new conversation began on " + tx.Now.Format("Jan 2, 2006 15:04 UTC") + ".",
			Payload: map[string]any{"event": "session_reset", "session_id": session, "started_at": tmates.OffsetTime(tx.Now)},
		})
		if err != nil {
			return err
		}
		tx.Emit(tmates.Event{UserID: userID, Type: tmates.EventMessage, ThreadID: th.ID, Message: &m})
		return nil
	})
	return session, m, err
}
