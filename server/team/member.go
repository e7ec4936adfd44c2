package team

import (
	"context"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// Workspace is the caller's organisation as a member sees it.
type Workspace struct {
	tmates.Organisation
	Role    tmates.Role // the caller's
	Members int64
}

// MaxPeople is how many members are listed at most.
const MaxPeople = 1000

// Workspace returns the caller's organisation.
func (t *Team) Workspace(ctx context.Context, userID string) (w Workspace, err error) {
	c, err := t.Caller(ctx, userID)
	if err != nil {
		return w, err
	}
	err = t.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		w, err = workspace(ctx, tx, c)
		return err
	})
	return w, err
}

func workspace(ctx context.Context, tx *store.Tx, c Caller) (Workspace, error) {
	n, err := tx.CountMembers(ctx, c.Organisation.ID, "")
	return Workspace{Organisation: c.Organisation, Role: c.Role, Members: n}, err
}

// RenameOrganisation gives the caller's organisation another name, which must
// be one line of text. Members may not.
func (t *Team) RenameOrganisation(ctx context.Context, userID, name string) (w Workspace, err error) {
	err = t.write(ctx, userID, func(ctx context.Context, tx *store.Tx, c Caller) error {
		if !c.Role.Leads() {
			return tmates.E(tmates.Forbidden, "organization_forbidden", nil, "Only organization owners and admins can rename the organization")
		}
		c.Organisation.Name = name
		if err := tx.RenameOrganisation(ctx, c.Organisation.ID, name); err != nil {
			return err
		}
		w, err = workspace(ctx, tx, c)
		return err
	})
	return w, err
}

// People returns the members of the caller's organisation, first joined first.
func (t *Team) People(ctx context.Context, userID string, limit int) (people []tmates.Person, err error) {
	c, err := t.Caller(ctx, userID)
	if err != nil {
		return nil, err
	}
	err = t.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		people, err = tx.People(ctx, c.Organisation.ID, limit)
		return err
	})
	return people, err
}

// SetRole changes the role of a member of the caller's organisation. Only
// owners can make or unmake owners and admins, and one owner always stays. Who
// may not change roles at all learns nothing about who is a member.
func (t *Team) SetRole(ctx context.Context, userID, memberID string, role tmates.Role) (p tmates.Person, err error) {
	err = t.write(ctx, userID, func(ctx context.Context, tx *store.Tx, c Caller) error {
		if !c.Role.Leads() {
			return tmates.E(tmates.Forbidden, "role_forbidden", nil, "Only organization owners and admins can change roles")
		}
		m, err := tx.Member(ctx, c.Organisation.ID, memberID)
		if err != nil {
			return err
		}
		if m.Role != role && c.Role != tmates.RoleOwner { // every change makes or unmakes an owner or admin
			return tmates.E(tmates.Forbidden, "role_forbidden", nil, "Only organization owners can make or unmake owners and admins")
		}
		if err := changeRole(ctx, tx, m, role); err != nil {
			return err
		}
		p, err = tx.Person(ctx, m.OrganisationID, m.UserID)
		return err
	})
	return p, err
}

// changeRole gives a member another role, but never takes the last owner.
func changeRole(ctx context.Context, tx *store.Tx, m tmates.Member, role tmates.Role) error {
	if m.Role == role {
		return nil
	}
	if err := keepsOwner(ctx, tx, m); err != nil {
		return err
	}
	return tx.SetRole(ctx, m.OrganisationID, m.UserID, role)
}

// keepsOwner refuses what would take an organisation its last owner.
func keepsOwner(ctx context.Context, tx *store.Tx, m tmates.Member) error {
	if m.Role != tmates.RoleOwner {
		return nil
	}
	owners, err := tx.CountMembers(ctx, m.OrganisationID, tmates.RoleOwner)
	if err == nil && owners < 2 {
		err = tmates.E(tmates.Conflict, "last_owner", nil, "This is the only owner of the organization: make somebody else an owner first")
	}
	return err
}

// AssignRole is SetRole for the operator of the machine, in the user's own
// organisation.
func (t *Team) AssignRole(ctx context.Context, userID string, role tmates.Role) error {
	return t.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		o, old, found, err := tx.Membership(ctx, userID)
		if err != nil {
			return err
		}
		if !found {
			return store.ErrNoMember
		}
		return changeRole(ctx, tx, tmates.Member{OrganisationID: o.ID, UserID: userID, Role: old}, role)
	})
}
