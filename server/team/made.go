package team

import (
	"context"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// sources knows how tmates are written.
type sources interface {
	Origin(key string) agents.Origin
	Source(key string) (agents.Source, error)
	Check(key string, s agents.Source) (agents.Checked, error)
	Template(name string, taken func(key string) bool) (key string, s agents.Source, err error)
	Taken(key string) bool
}

// workshop keeps the tmates that people of this server make, and serves them.
type workshop interface {
	sources
	Create(s agents.Source) (agents.Checked, error)
	Change(key string, s agents.Source) (agents.Checked, error)
	Remove(key string) error
}

// The records of what was done to tmates made here; their detail is the key.
const (
	tmateCreated = "tmate_created"
	tmateChanged = "tmate_changed"
	tmateDeleted = "tmate_deleted"
)

// Actor is who does something that is put on record, and from where.
type Actor struct {
	UserID    string
	SessionID string // the login
	IP        string // as the listener established it
	UserAgent string
}

// TmateSource is a tmate as it is written.
type TmateSource struct {
	Key string
	agents.Source
	Origin   agents.Origin
	Editable bool // by the caller
}

// ReadSource returns how a tmate is written that the caller's organisation may know
// of; any other is NotFound.
func (t *Team) ReadSource(ctx context.Context, userID, key string) (s TmateSource, err error) {
	c, err := t.Caller(ctx, userID)
	if err != nil {
		return s, err
	}
	if err := t.known(c, key); err != nil {
		return s, err
	}
	source, err := t.workshop.Source(key)
	if err != nil {
		return s, err
	}
	origin := t.workshop.Origin(key)
	return TmateSource{key, source, origin, origin == agents.OriginLocal && c.leadsServer()}, nil
}

// known is NotFound unless a tmate with the key is served that the caller may know of.
func (t *Team) known(c Caller, key string) error {
	if tm := t.registry.Get(key); tm == nil || !c.Sees(tm) {
		return errNoTmate(key)
	}
	return nil
}

// CheckTmate looks at a source without keeping it: as that of a new tmate, or with a
// key as another version of one made here. Whoever may make tmates is also told when
// the key of a new one is taken.
func (t *Team) CheckTmate(ctx context.Context, userID, key string, s agents.Source) (checked agents.Checked, err error) {
	c, err := t.Caller(ctx, userID)
	if err != nil {
		return checked, err
	}
	if key != "" {
		if err := t.known(c, key); err != nil {
			return checked, err
		}
		return t.workshop.Check(key, s)
	}
	checked, err = t.workshop.Check("", s)
	if err == nil && checked.Key != "" && c.leadsServer() && t.workshop.Taken(checked.Key) {
		checked.Faults = append(checked.Faults, agents.Fault{
			File: agents.ManifestName, Line: checked.Line, Column: checked.Column,
			Text: "there is a tmate \"" + checked.Key + "\" already: choose another slug",
		})
	}
	return checked, err
}

// TmateTemplate returns the source of a new tmate to begin with. Its key is free as
// far as the caller may know.
func (t *Team) TmateTemplate(ctx context.Context, userID, name string) (key string, s agents.Source, err error) {
	c, err := t.Caller(ctx, userID)
	if err != nil {
		return "", s, err
	}
	taken := t.workshop.Taken
	if !c.leadsServer() {
		taken = func(key string) bool { return t.known(c, key) == nil }
	}
	return t.workshop.Template(name, taken)
}

// CreateTmate keeps a new tmate for everybody on this server. Only owners and admins
// of the instance's organisation may. A source with faults is [agents.Refused], a
// key that is taken Conflict.
func (t *Team) CreateTmate(ctx context.Context, by Actor, s agents.Source) (checked agents.Checked, err error) {
	if _, err := t.maker(ctx, by.UserID); err != nil {
		return checked, err
	}
	checked, err = t.workshop.Create(s)
	if err != nil {
		return checked, err
	}
	return checked, t.recordMade(ctx, by, tmateCreated, checked.Key)
}

// ChangeTmate keeps another version of a tmate made here. The turn that runs goes on
// with the old one. The errors are CreateTmate's; a tmate that was not made here is
// Conflict.
func (t *Team) ChangeTmate(ctx context.Context, by Actor, key string, s agents.Source) (checked agents.Checked, err error) {
	if err := t.mayChange(ctx, by.UserID, key); err != nil {
		return checked, err
	}
	checked, err = t.workshop.Change(key, s)
	if err != nil {
		return checked, err
	}
	return checked, t.recordMade(ctx, by, tmateChanged, key)
}

// DeleteTmate deletes a tmate made here with everything in its folder. What it was
// employed for ends as when the folder is taken away: it answers no more, its
// conversations stay. The errors are ChangeTmate's.
func (t *Team) DeleteTmate(ctx context.Context, by Actor, key string) error {
	if err := t.mayChange(ctx, by.UserID, key); err != nil {
		return err
	}
	if err := t.workshop.Remove(key); err != nil {
		return err
	}
	return t.recordMade(ctx, by, tmateDeleted, key)
}

// maker returns the caller. It is Forbidden to whoever does not lead the server: its
// tmates are everybody's.
func (t *Team) maker(ctx context.Context, userID string) (Caller, error) {
	c, err := t.Caller(ctx, userID)
	if err == nil && !c.leadsServer() {
		err = tmates.E(tmates.Forbidden, "role_insufficient", nil, "Only an owner or admin of this server's organization may make, change or delete tmates")
	}
	return c, err
}

// mayChange is Forbidden as maker is, and NotFound for what the caller may not know of.
func (t *Team) mayChange(ctx context.Context, userID, key string) error {
	c, err := t.maker(ctx, userID)
	if err != nil {
		return err
	}
	return t.known(c, key)
}

// recordMade puts on record what is done already, also when the client has left.
func (t *Team) recordMade(ctx context.Context, by Actor, event, key string) error {
	return t.db.Write(context.WithoutCancel(ctx), func(ctx context.Context, tx *store.Tx) error {
		return tx.AddAudit(ctx, tmates.Audit{
			Event: event, UserID: by.UserID, SessionID: by.SessionID, IP: tmates.OneLine(by.IP), UserAgent: tmates.OneLine(by.UserAgent), Detail: key,
		})
	})
}
