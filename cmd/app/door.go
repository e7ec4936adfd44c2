package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/tmates/tmates/server/gotrue"
	"github.com/tmates/tmates/server/identity"
	"github.com/tmates/tmates/server/team"
	v1 "github.com/tmates/tmates/server/v1"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// claimLink is where a one-time link leads. The token stands in the fragment,
// which browsers send to nobody: no proxy and no log sees it.
func claimLink(public string, p identity.Pass) string { return public + "/#/claim/" + p.Token }

// door brings people in and out: accounts of the identity room, with places of
// the team room.
type door struct {
	identity *identity.Service
	team     *team.Team
	db       *store.DB
	log      *slog.Logger
	public   string      // how people reach the server
	about    v1.Instance // but for what the database knows
}

// Instance tells what anybody may know of the server.
func (d door) Instance(ctx context.Context) (about v1.Instance, err error) {
	about = d.about
	about.Name = "Tmates"
	err = d.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		if about.Claimed, err = tx.Claimed(ctx); err != nil || !about.Claimed {
			return err
		}
		org, found, err := tx.FirstOrganisation(ctx)
		if found {
			about.Name = org.Name
		}
		return err
	})
	return about, err
}

// Claim exchanges a one-time link for a session, in the shape of the auth
// contract. Who makes the first account finds the whole team at work.
func (d door) Claim(ctx context.Context, from v1.Client, in v1.Claim) (any, error) {
	before, err := d.Instance(ctx)
	if err != nil {
		return nil, err
	}
	g, err := d.identity.Claim(ctx, identity.Client(from), identity.Claim(in))
	if err != nil {
		return nil, err
	}
	if !before.Claimed {
		// The account is there and the link is spent: whoever is missing can be hired by hand.
		if err := d.team.HireEverybody(context.WithoutCancel(ctx), g.User.ID); err != nil {
			d.log.Warn("not everybody could be hired for the first account", "err", err)
		}
	}
	return gotrue.Session(g), nil
}

// Invite makes somebody an account in the user's organisation, and a link to it.
func (d door) Invite(ctx context.Context, from v1.Client, userID string, in v1.Invitation) (p tmates.Person, link string, expires time.Time, err error) {
	pass, err := d.identity.InviteMember(ctx, identity.Client(from), identity.Invitation{
		ByID: userID, Email: in.Email, Name: in.Name,
		May: func(ctx context.Context, tx *store.Tx) error { return d.team.MayInvite(ctx, tx, userID, in.Role) },
		Place: func(ctx context.Context, tx *store.Tx, u tmates.User, known bool) error {
			p, err = d.team.Enlist(ctx, tx, userID, u, in.Role, known)
			return err
		},
	})
	if err != nil {
		return p, "", expires, err
	}
	return p, claimLink(d.public, pass), pass.Expires, nil
}

// RemoveMember deletes the account of a member of the user's organisation.
func (d door) RemoveMember(ctx context.Context, from v1.Client, userID, memberID string) error {
	return d.identity.DeleteMember(ctx, identity.Client(from), userID, memberID, func(ctx context.Context, tx *store.Tx) error {
		return d.team.MayRemove(ctx, tx, userID, memberID)
	})
}

// Sessions returns the user's logins, newest first.
func (d door) Sessions(ctx context.Context, userID string) ([]tmates.Session, error) {
	return d.identity.Sessions(ctx, userID)
}

// EndSession ends one login of the user and closes its sockets.
func (d door) EndSession(ctx context.Context, from v1.Client, userID, sessionID string) error {
	return d.identity.EndSession(ctx, identity.Client(from), userID, sessionID)
}

// EndOtherSessions ends every login of the user but one.
func (d door) EndOtherSessions(ctx context.Context, from v1.Client, userID, keepID string) error {
	return d.identity.EndOtherSessions(ctx, identity.Client(from), userID, keepID)
}
