package team

import (
	"cmp"
	"context"
	"slices"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// Caller is who calls, with what their organisation employs.
type Caller struct {
	User         tmates.User
	Organisation tmates.Organisation
	Role         tmates.Role
	Hires        []tmates.Hire   // active, in the order of hiring
	Enabled      []*agents.Tmate // hired and installed, in the order of hiring
}

// Enables returns the enabled tmate with the key, or nil.
func (c Caller) Enables(key string) *agents.Tmate {
	for _, t := range c.Enabled {
		if t.Key == key {
			return t
		}
	}
	return nil
}

// Hired reports whether the organisation employs the tmate.
func (c Caller) Hired(key string) bool {
	return slices.ContainsFunc(c.Hires, func(h tmates.Hire) bool { return h.TmateKey == key })
}

// Caller returns everything about the user that the routes need. A user whose
// account has no organisation yet gets one.
func (t *Team) Caller(ctx context.Context, userID string) (c Caller, err error) {
	missing := false
	err = t.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		c, missing, err = t.caller(ctx, tx, userID)
		return err
	})
	if err != nil || !missing {
		return c, err
	}
	err = t.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := t.Provision(ctx, tx, c.User, ""); err != nil {
			return err
		}
		c, _, err = t.caller(ctx, tx, userID)
		return err
	})
	return c, err
}

// caller reads the caller inside a transaction; missing means that there is no
// organisation.
func (t *Team) caller(ctx context.Context, tx *store.Tx, userID string) (c Caller, missing bool, err error) {
	c.User, err = tx.UserByID(ctx, userID)
	if err != nil {
		return c, false, err
	}
	org, role, found, err := tx.Membership(ctx, userID)
	if err != nil || !found {
		return c, err == nil, err
	}
	c.Organisation, c.Role = org, role
	hires, err := tx.Hires(ctx, org.ID)
	if err != nil {
		return c, false, err
	}
	for _, h := range hires {
		if !h.Active {
			continue
		}
		c.Hires = append(c.Hires, h)
		if tm := t.registry.Get(h.TmateKey); tm != nil {
			c.Enabled = append(c.Enabled, tm)
		}
	}
	return c, false, nil
}

// write reads the caller and runs fn in one transaction.
func (t *Team) write(ctx context.Context, userID string, fn func(context.Context, *store.Tx, Caller) error) error {
	return t.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		c, missing, err := t.caller(ctx, tx, userID)
		if err == nil && missing {
			if err := t.Provision(ctx, tx, c.User, ""); err != nil {
				return err
			}
			c, _, err = t.caller(ctx, tx, userID)
		}
		if err != nil {
			return err
		}
		return fn(ctx, tx, c)
	})
}

// tmateName is what a tmate is called now, or was called when it was hired. One
// the caller may not know of has no name.
func (t *Team) tmateName(key string, c Caller) string {
	if tm := t.registry.Get(key); tm != nil && c.Sees(tm) {
		return tm.Name
	}
	for _, h := range c.Hires {
		if h.TmateKey == key && h.Name != "" {
			return h.Name
		}
	}
	return tmates.TitleCase(key)
}

// author is the name under which a user's messages are stored.
func author(u tmates.User) string {
	return cmp.Or(u.DisplayName(), u.Email, "User")
}
