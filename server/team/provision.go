package team

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// starter is the tmate every new organisation begins with.
const starter = "adam"

// Provision gives a new account its place: the instance's organisation, or a
// new one with the starter hired when it is the first, a direct thread with the
// starter and a Team Chat, each greeted once. role may be empty: the first
// member is the owner, later ones are members. Doing it again changes nothing.
func (t *Team) Provision(ctx context.Context, tx *store.Tx, u tmates.User, role tmates.Role) error {
	return t.provision(ctx, tx, u, place{role: role})
}

// Found is Provision for an account that gets a workspace of its own: an
// organisation nobody else joins, with the user as the owner.
func (t *Team) Found(ctx context.Context, tx *store.Tx, u tmates.User) error {
	return t.provision(ctx, tx, u, place{own: true})
}

// place is where a new account belongs.
type place struct {
	role tmates.Role         // in the instance's organisation; empty: see Provision
	own  bool                // a workspace of its own
	in   tmates.Organisation // to join; without an id: the instance's
	name string              // of an organisation that is founded; empty: see organisationName
}

func (t *Team) provision(ctx context.Context, tx *store.Tx, u tmates.User, p place) error {
	org, _, found, err := tx.Membership(ctx, u.ID)
	if err != nil {
		return err
	}
	if !found {
		if org, err = t.join(ctx, tx, u, p); err != nil {
			return err
		}
		if err := tx.PutProfile(ctx, tmates.Profile{UserID: u.ID}); err != nil {
			return err
		}
	}
	c, _, err := t.caller(ctx, tx, u.ID)
	if err != nil {
		return err
	}
	if tm := c.Enables(starter); tm != nil {
		if err := t.greetDirect(ctx, tx, c, tm); err != nil {
			return err
		}
	}
	return t.greetTeam(ctx, tx, c, org)
}

// join makes the user a member of the instance's organisation, which the first
// user founds, or of one of their own.
func (t *Team) join(ctx context.Context, tx *store.Tx, u tmates.User, p place) (tmates.Organisation, error) {
	org, found, err := tx.FirstOrganisation(ctx)
	if p.in.ID != "" {
		org, found = p.in, true
	}
	if err != nil {
		return org, err
	}
	role := cmp.Or(p.role, tmates.RoleMember)
	if p.own || !found {
		role = tmates.RoleOwner
		org, err = t.found(ctx, tx, u, p)
	} else {
		err = t.mayJoin(ctx, tx, org)
	}
	if err != nil {
		return org, err
	}
	return org, tx.AddMember(ctx, tmates.Member{OrganisationID: org.ID, UserID: u.ID, Role: role, CreatedAt: tx.Now})
}

// found makes an organisation with the starter hired and the default plan.
func (t *Team) found(ctx context.Context, tx *store.Tx, u tmates.User, p place) (tmates.Organisation, error) {
	org := tmates.Organisation{ID: tx.NewID(), Name: organisationName(u, p.name), Type: "personal", Own: p.own, CreatedAt: tx.Now}
	if err := tx.AddOrganisation(ctx, org); err != nil {
		return org, err
	}
	if tm := t.registry.Get(starter); tm != nil {
		if err := tx.PutHire(ctx, hireOf(org.ID, tm)); err != nil {
			return org, err
		}
	}
	_, err := t.subscribe(ctx, tx, org.ID)
	return org, err
}

func hireOf(organisationID string, tm *agents.Tmate) tmates.Hire {
	return tmates.Hire{OrganisationID: organisationID, TmateKey: tm.Key, Name: tm.Name, Description: tm.Description, Active: true}
}

func (t *Team) greetDirect(ctx context.Context, tx *store.Tx, c Caller, tm *agents.Tmate) error {
	th, _, err := t.directThread(ctx, tx, c, tm, "onboarding_seed")
	if err != nil || th.LastSeq != 0 { // something was said here once, the greeting perhaps
		return err
	}
	text := cmp.Or(tm.Greeting, "Hello, I am "+tm.Name+". What can I do for you?")
	return t.greet(ctx, tx, th, tm, text, map[string]any{"agent_key": tm.Key, "onboarding": true})
}

// greetTeam makes the user's Team Chat, last of all, so that it heads the list.
func (t *Team) greetTeam(ctx context.Context, tx *store.Tx, c Caller, org tmates.Organisation) error {
	th, err := t.teamChat(ctx, tx, c, "onboarding_seed")
	if err != nil || th.LastSeq != 0 {
		return err
	}
	tm := c.Enables(starter)
	if tm == nil {
		return nil
	}
	text := cmp.Or(tm.TeamGreeting, "This is "+org.Name+"'s Team Chat. Everybody who is hired reads along.")
	return t.greet(ctx, tx, th, tm, text, map[string]any{"agent_key": tm.Key, "onboarding": true, "channel": "team_chat"})
}

func (t *Team) greet(ctx context.Context, tx *store.Tx, th tmates.Thread, tm *agents.Tmate, text string, payload map[string]any) error {
	_, err := tx.AddMessage(ctx, tmates.Message{
		ID: tx.NewID(), ThreadID: th.ID, OrganisationID: th.OrganisationID, UserID: th.UserID,
		Role: tmates.MessageAssistant, Author: tm.Name, Content: text, Payload: payload,
	})
	return err
}

// directThread returns the user's direct thread with a tmate, made when it is
// missing.
func (t *Team) directThread(ctx context.Context, tx *store.Tx, c Caller, tm *agents.Tmate, via string) (th tmates.Thread, fresh bool, err error) {
	th, err = tx.ThreadBySlug(ctx, c.Organisation.ID, c.User.ID, tmates.DirectSlug(tm.Key))
	if !errors.Is(err, store.ErrNoThread) {
		return th, false, err
	}
	th = tmates.Thread{
		ID: tx.NewID(), OrganisationID: c.Organisation.ID, UserID: c.User.ID, Slug: tmates.DirectSlug(tm.Key),
		Title: tm.Name, Kind: tmates.KindDirect, TmateKeys: []string{tm.Key},
		Metadata:     map[string]any{"agent_key": tm.Key, "agent_name": tm.Name, "agent_description": tm.Description, "created_via": via},
		LastActivity: tx.Now,
	}
	return th, true, tx.AddThread(ctx, th)
}

// teamChat returns the user's Team Chat, made when it is missing.
func (t *Team) teamChat(ctx context.Context, tx *store.Tx, c Caller, via string) (th tmates.Thread, err error) {
	th, err = tx.ThreadBySlug(ctx, c.Organisation.ID, c.User.ID, tmates.TeamChatSlug)
	if !errors.Is(err, store.ErrNoThread) {
		return th, err
	}
	keys := activeKeys(c.Hires)
	th = tmates.Thread{
		ID: tx.NewID(), OrganisationID: c.Organisation.ID, UserID: c.User.ID, Slug: tmates.TeamChatSlug,
		Title: "Team Chat", Kind: tmates.KindGroup, TmateKeys: keys,
		Metadata:     map[string]any{"slug": tmates.TeamChatSlug, "created_via": via, "agent_keys": keys},
		LastActivity: tx.Now,
	}
	return th, tx.AddThread(ctx, th)
}

// activeKeys returns the sorted keys of the tmates an organisation employs.
func activeKeys(hires []tmates.Hire) []string {
	keys := []string{}
	for _, h := range hires {
		if h.Active {
			keys = append(keys, h.TmateKey)
		}
	}
	slices.Sort(keys)
	return keys
}
