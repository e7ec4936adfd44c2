package team

import (
	"context"
	"slices"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// Installed returns every tmate that anybody may hire, in listing order.
func (t *Team) Installed() []*agents.Tmate { return t.Visible(Caller{}) }

// Hire employs a tmate for the caller's organisation, opens the caller's direct
// thread with it, and lets it join everybody's Team Chat. Hiring twice changes
// nothing. More than the plan allows are QuotaSpent. The tmate may be given by key or name.
func (t *Team) Hire(ctx context.Context, userID, nameOrKey string) (*agents.Tmate, error) {
	tm := t.registry.Find(nameOrKey)
	if tm == nil {
		return nil, errNoTmate(nameOrKey)
	}
	err := t.write(ctx, userID, func(ctx context.Context, tx *store.Tx, c Caller) error {
		if !c.Sees(tm) {
			return errNoTmate(nameOrKey)
		}
		if !c.Hired(tm.Key) {
			if err := t.mayHire(ctx, tx, c); err != nil {
				return err
			}
		}
		if err := tx.PutHire(ctx, hireOf(c.Organisation.ID, tm)); err != nil {
			return err
		}
		if err := t.openDirect(ctx, tx, c, tm); err != nil {
			return err
		}
		return t.syncTeamChats(ctx, tx, c, tm.Key, tm.Name, "agent_join", " joined the team.")
	})
	return tm, err
}

// HireEverybody employs, for the caller's organisation, the tmates that come
// with the program, so that a new team is one from the first minute.
func (t *Team) HireEverybody(ctx context.Context, userID string) error {
	for _, tm := range t.registry.All() {
		if t.workshop.Origin(tm.Key) != agents.OriginBuiltin {
			continue
		}
		if _, err := t.Hire(ctx, userID, tm.Key); err != nil {
			return err
		}
	}
	return nil
}

// openDirect makes the caller's direct thread with a hired tmate, or brings the
// old one up to date.
func (t *Team) openDirect(ctx context.Context, tx *store.Tx, c Caller, tm *agents.Tmate) error {
	th, fresh, err := t.directThread(ctx, tx, c, tm, "agent_addition")
	if err != nil || fresh {
		return err
	}
	th.Title, th.Kind, th.TmateKeys = tm.Name, tmates.KindDirect, []string{tm.Key}
	th.Metadata["agent_key"], th.Metadata["agent_name"], th.Metadata["agent_description"] = tm.Key, tm.Name, tm.Description
	return tx.UpdateThread(ctx, th)
}

// Dismiss ends the employment of a tmate and cancels what it is doing for the
// organisation. Threads and history stay. It is no error when the tmate was not
// hired.
func (t *Team) Dismiss(ctx context.Context, userID, nameOrKey string) (key string, err error) {
	var cancelled []tmates.Job
	err = t.write(ctx, userID, func(ctx context.Context, tx *store.Tx, c Caller) error {
		var known bool
		if key, known = t.dismissable(c, nameOrKey); !known {
			return errNoTmate(nameOrKey)
		}
		name := t.tmateName(key, c)
		if c.Hired(key) {
			h := tmates.Hire{OrganisationID: c.Organisation.ID, TmateKey: key, Name: name}
			if i := slices.IndexFunc(c.Hires, func(h tmates.Hire) bool { return h.TmateKey == key }); i >= 0 {
				h.Description = c.Hires[i].Description
			}
			if err := tx.PutHire(ctx, h); err != nil {
				return err
			}
		}
		jobs, err := tx.ActiveJobsOf(ctx, c.Organisation.ID, key)
		if err != nil {
			return err
		}
		if cancelled, err = t.cancelJobs(ctx, tx, jobs, userID, keepText); err != nil {
			return err
		}
		return t.syncTeamChats(ctx, tx, c, key, name, "agent_leave", " left the team.")
	})
	if err == nil {
		t.cancelRunning(cancelled)
	}
	return key, err
}

// dismissable resolves a tmate that is installed or hired.
func (t *Team) dismissable(c Caller, nameOrKey string) (key string, ok bool) {
	if c.Hired(nameOrKey) {
		return nameOrKey, true
	}
	if tm := t.registry.Find(nameOrKey); tm != nil && c.Sees(tm) {
		return tm.Key, true
	}
	return "", false
}

// syncTeamChats sets the roster of every member's Team Chat to the tmates the
// organisation employs now. Where that changed, a system message says so: the
// name of the tmate, and what it did.
func (t *Team) syncTeamChats(ctx context.Context, tx *store.Tx, c Caller, key, name, event, did string) error {
	if _, err := t.teamChat(ctx, tx, c, "team_chat_auto"); err != nil {
		return err
	}
	hires, err := tx.Hires(ctx, c.Organisation.ID)
	if err != nil {
		return err
	}
	threads, err := tx.GroupThreads(ctx, c.Organisation.ID)
	if err != nil {
		return err
	}
	keys := activeKeys(hires)
	for _, th := range threads {
		before := slices.Contains(th.TmateKeys, key)
		if slices.Equal(th.TmateKeys, keys) {
			continue
		}
		th.TmateKeys, th.Metadata["agent_keys"] = keys, keys
		if err := tx.UpdateThread(ctx, th); err != nil {
			return err
		}
		if before == slices.Contains(keys, key) {
			continue
		}
		payload := map[string]any{"event": event, "agent_key": key, "agent_name": name}
		if _, err := t.say(ctx, tx, th, tmates.Message{Role: tmates.MessageSystem, Content: name + did, Payload: payload}); err != nil {
			return err
		}
	}
	return nil
}

// say keeps a message in a thread, shows it to the owner's sockets and returns
// it as stored.
func (t *Team) say(ctx context.Context, tx *store.Tx, th tmates.Thread, m tmates.Message) (tmates.Message, error) {
	m.ID, m.ThreadID, m.OrganisationID, m.UserID = tx.NewID(), th.ID, th.OrganisationID, th.UserID
	m, err := tx.AddMessage(ctx, m)
	if err != nil {
		return m, err
	}
	tx.Emit(tmates.Event{UserID: m.UserID, Type: tmates.EventMessage, ThreadID: m.ThreadID, Message: &m})
	return m, nil
}

func errNoTmate(key string) error {
	return tmates.E(tmates.NotFound, "agent_not_found", nil, "Agent '%s' not found", key)
}
