package team

import (
	"context"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// MayInvite tells whether a user may bring people with a role into the own
// organisation: owners and admins may, and only owners other owners and admins.
func (t *Team) MayInvite(ctx context.Context, tx *store.Tx, userID string, role tmates.Role) error {
	_, own, found, err := tx.Membership(ctx, userID)
	switch {
	case err != nil:
		return err
	case !found || !own.Leads():
		return tmates.E(tmates.Forbidden, "role_forbidden", nil, "Only organization owners and admins can invite people")
	case own != tmates.RoleOwner && role != tmates.RoleMember:
		return tmates.E(tmates.Forbidden, "role_forbidden", nil, "Only organization owners can make or unmake owners and admins")
	}
	return nil
}

// Enlist gives an account that somebody invited its place in that member's
// organisation. known says that the account was there before: it keeps its
// role, and who may not give that role may not invite it again.
func (t *Team) Enlist(ctx context.Context, tx *store.Tx, inviterID string, u tmates.User, role tmates.Role, known bool) (p tmates.Person, err error) {
	org, _, _, err := tx.Membership(ctx, inviterID)
	if err != nil {
		return p, err
	}
	if known {
		if p, err = tx.Person(ctx, org.ID, u.ID); err != nil {
			return p, err
		}
		return p, t.MayInvite(ctx, tx, inviterID, p.Role)
	}
	if err := t.provision(ctx, tx, u, place{role: role, in: org}); err != nil {
		return p, err
	}
	return tx.Person(ctx, org.ID, u.ID)
}

// MayRemove tells whether a user may delete the account of a member of the own
// organisation. Who may not lead learns nothing about who is a member; only
// owners remove owners and admins, and one owner always stays.
func (t *Team) MayRemove(ctx context.Context, tx *store.Tx, userID, memberID string) error {
	org, own, found, err := tx.Membership(ctx, userID)
	if err != nil {
		return err
	}
	if !found || !own.Leads() {
		return tmates.E(tmates.Forbidden, "role_forbidden", nil, "Only organization owners and admins can remove people")
	}
	m, err := tx.Member(ctx, org.ID, memberID)
	if err != nil {
		return err
	}
	if m.Role.Leads() && own != tmates.RoleOwner {
		return tmates.E(tmates.Forbidden, "role_forbidden", nil, "Only organization owners can remove owners and admins")
	}
	return keepsOwner(ctx, tx, m)
}
