package team

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// maxClose is how many facts are named when none reads as told.
const maxClose = 5

// facts reads what the tmate remembers of a conversation session for a turn:
// nothing when its memory is off. left is how many older facts there are.
func facts(ctx context.Context, tx *store.Tx, tm *agents.Tmate, userID, session string) (all []string, left int, err error) {
	if tm.Memory.Off {
		return nil, 0, nil
	}
	kept, err := tx.Memories(ctx, userID, session, tm.Key, turnFacts)
	if err == nil && len(kept) == turnFacts {
		left, err = tx.CountMemories(ctx, userID, session, tm.Key)
		left -= len(kept)
	}
	return factsOf(kept), left, err
}

func factsOf(kept []tmates.Memory) (all []string) {
	for _, m := range kept {
		all = append(all, m.Content)
	}
	return all
}

// maxFacts is how many facts the tmate may keep in one conversation session.
func (t *Team) maxFacts(tmateKey string) int {
	if tm := t.registry.Get(tmateKey); tm != nil && tm.Memory.MaxFacts > 0 {
		return min(tm.Memory.MaxFacts, tmates.MaxFacts)
	}
	return tmates.MaxFacts
}

// Remember keeps a fact for the tmate in the scope's conversation session. The
// same fact from one job is kept once. A memory that is full keeps what it has
// and is a Conflict: nothing is ever dropped for something newer.
func (t *Team) Remember(ctx context.Context, s agents.Scope, fact string) error {
	m := tmates.Memory{
		ID:     uuid.NewSHA1(uuid.NameSpaceURL, []byte("memory:"+s.JobID+":"+fact)).String(),
		UserID: s.UserID, ThreadID: s.ThreadID, TmateKey: s.TmateKey, SessionID: s.SessionID, Content: fact, SourceID: s.SourceID,
	}
	most := t.maxFacts(s.TmateKey)
	return t.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Memory(ctx, m.UserID, m.ID)
		if !errors.Is(err, store.ErrNoMemory) {
			return err // kept by an earlier attempt
		}
		kept, err := tx.CountMemories(ctx, m.UserID, m.SessionID, m.TmateKey)
		switch {
		case err != nil:
			return err
		case kept >= most:
			return tmates.E(tmates.Conflict, "memory_full", nil,
				"Memory is full: it holds %d facts of this conversation, which is all it may. Nothing was kept. Forget a fact that is not needed any more, then remember this one again.", kept)
		}
		return tx.AddMemory(ctx, m)
	})
}

// Recall returns the facts of the scope's conversation session that say a word
// of the query, the best ones; without a query the newest. Oldest first.
func (t *Team) Recall(ctx context.Context, s agents.Scope, query string, limit int) (found []string, err error) {
	err = t.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		var kept []tmates.Memory
		if strings.TrimSpace(query) == "" {
			kept, err = tx.Memories(ctx, s.UserID, s.SessionID, s.TmateKey, limit)
		} else {
			kept, err = tx.FindMemories(ctx, s.UserID, s.SessionID, s.TmateKey, store.AnyWord, query, limit)
		}
		found = factsOf(kept)
		return err
	})
	return found, err
}

// Forget removes the facts of the scope's conversation session that read as the
// query, whatever its case and blanks, else the only one that says every word of
// it, and returns them. When it is not clear which is meant nothing is removed,
// and near are those that say some of it.
func (t *Team) Forget(ctx context.Context, s agents.Scope, query string) (gone, near []string, err error) {
	err = t.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		kept, err := tx.Memories(ctx, s.UserID, s.SessionID, s.TmateKey, tmates.MaxFacts)
		if err != nil {
			return err
		}
		meant := slices.DeleteFunc(kept, func(m tmates.Memory) bool { return plain(m.Content) != plain(query) })
		if len(meant) == 0 {
			if meant, err = tx.FindMemories(ctx, s.UserID, s.SessionID, s.TmateKey, store.EveryWord, query, maxClose); err != nil {
				return err
			}
			if len(meant) != 1 {
				some, err := tx.FindMemories(ctx, s.UserID, s.SessionID, s.TmateKey, store.AnyWord, query, maxClose)
				near = factsOf(some)
				return err
			}
		}
		for _, m := range meant {
			if err := tx.DeleteMemory(ctx, s.UserID, m.ID); err != nil {
				return err
			}
		}
		gone = factsOf(meant)
		return nil
	})
	return gone, near, err
}

// plain is a fact without what does not matter in comparing it.
func plain(fact string) string { return strings.ToLower(strings.Join(strings.Fields(fact), " ")) }

// errNoAgent is what a tmate the organisation never hired answers.
func errNoAgent(key string) error {
	return tmates.E(tmates.NotFound, "agent_not_found", nil, "Agent '%s' is not on this team", key)
}

// everHired reports that a tmate works or once worked for the caller: its
// memories outlive its employment.
func everHired(ctx context.Context, tx *store.Tx, c Caller, key string) error {
	hires, err := tx.Hires(ctx, c.Organisation.ID)
	if err != nil {
		return err
	}
	for _, h := range hires {
		if h.TmateKey == key {
			return nil
		}
	}
	return errNoAgent(key)
}

// MemoryQuery narrows a list of memories.
type MemoryQuery struct {
	Thread string // id or alias; empty: of every thread
	Words  string // all of them must occur; empty: all memories
	Before int64  // only those with a smaller seq; 0: from the newest on
	Limit  int
}

// Memories lists what a tmate remembers of the caller in all their
// conversations, newest first.
func (t *Team) Memories(ctx context.Context, userID, tmateKey string, q MemoryQuery) (all []tmates.Memory, err error) {
	c, err := t.Caller(ctx, userID)
	if err != nil {
		return nil, err
	}
	f := store.MemoryFilter{TmateKey: tmateKey, Query: q.Words, Before: q.Before, Limit: q.Limit}
	err = t.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := everHired(ctx, tx, c, tmateKey); err != nil {
			return err
		}
		if q.Thread != "" {
			th, err := t.lookUpThread(ctx, tx, c, q.Thread)
			if err != nil {
				return err
			}
			f.ThreadID = th.ID
		}
		all, err = tx.MemoryPage(ctx, userID, f)
		return err
	})
	return all, err
}

// ChangeMemory rewords one of the caller's memories.
func (t *Team) ChangeMemory(ctx context.Context, userID, id, content string) (m tmates.Memory, err error) {
	err = t.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		m, err = tx.ChangeMemory(ctx, userID, id, content)
		return err
	})
	return m, err
}

// DeleteMemory forgets one of the caller's memories.
func (t *Team) DeleteMemory(ctx context.Context, userID, id string) error {
	return t.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return tx.DeleteMemory(ctx, userID, id) })
}

// DeleteMemories forgets everything a tmate remembers of the caller.
func (t *Team) DeleteMemories(ctx context.Context, userID, tmateKey string) error {
	return t.write(ctx, userID, func(ctx context.Context, tx *store.Tx, c Caller) error {
		if err := everHired(ctx, tx, c, tmateKey); err != nil {
			return err
		}
		_, err := tx.DeleteMemories(ctx, userID, tmateKey)
		return err
	})
}
