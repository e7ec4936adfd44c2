package team

import (
	"cmp"
	"context"
	"strings"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// Onboarding is what a client wishes for a new account. Every field may be
// empty.
type Onboarding struct {
	DisplayName      string // taken when the account carries no name
	OrganisationName string // taken when the organisation is founded now
	PlanKey          string // asked for by an owner or admin
	Interval         string // of the plan; see tmates.Interval
}

// Onboarded is the place an account has.
type Onboarded struct {
	Profile      Profile
	Organisation tmates.Organisation
	Subscription tmates.Subscription
}

var (
	errNoPlan   = tmates.E(tmates.NotFound, "plan_unavailable", nil, "Requested plan is unavailable")
	errNotYours = tmates.E(tmates.Forbidden, "plan_forbidden", nil, "Only organization owners and admins can change the plan")
)

// Onboard makes sure that the caller has a place, and changes the plan of the
// organisation when another one is asked for: at once, because nobody takes
// payments here. All of it happens or nothing. Doing it again changes nothing.
func (t *Team) Onboard(ctx context.Context, userID string, in Onboarding) (out Onboarded, err error) {
	if _, found := tmates.PlanByKey(t.billing.Plans, in.PlanKey); in.PlanKey != "" && !found {
		return out, errNoPlan // before anything is made (Q-B4)
	}
	err = t.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, err := tx.UserByID(ctx, userID)
		if err != nil {
			return err
		}
		if name := cmp.Or(tmates.OneLine(in.DisplayName), wholeName(u)); name != "" && !u.Named() {
			u.Metadata["full_name"] = name
			if u, err = tx.UpdateUser(ctx, u); err != nil {
				return err
			}
		}
		if err := t.provision(ctx, tx, u, place{name: in.OrganisationName}); err != nil {
			return err
		}
		c, _, err := t.caller(ctx, tx, userID)
		if err != nil {
			return err
		}
		out.Organisation = c.Organisation
		if out.Subscription, err = t.choose(ctx, tx, c, in); err != nil {
			return err
		}
		kept, err := tx.Profile(ctx, userID)
		out.Profile = Profile{User: c.User, AvatarURL: kept.AvatarURL, Role: c.Role}
		return err
	})
	return out, err
}

// wholeName is the name of an account that keeps it in two parts.
func wholeName(u tmates.User) string {
	return tmates.OneLine(text(u.Metadata, "first_name") + " " + text(u.Metadata, "last_name"))
}

// choose returns the subscription of the caller's organisation, with the plan
// that is asked for.
func (t *Team) choose(ctx context.Context, tx *store.Tx, c Caller, in Onboarding) (tmates.Subscription, error) {
	s, err := t.subscribe(ctx, tx, c.Organisation.ID)
	interval := tmates.Interval(in.Interval)
	if err != nil || in.PlanKey == "" ||
		s.PlanKey == in.PlanKey && s.Status == tmates.StatusActive && tmates.Interval(s.Interval) == interval {
		return s, err
	}
	if !c.Role.Leads() {
		return s, errNotYours
	}
	s = tmates.Subscription{
		OrganisationID: c.Organisation.ID, PlanKey: in.PlanKey, Status: tmates.StatusActive, Interval: interval,
		Provider: s.Provider, CustomerID: s.CustomerID, SubscriptionID: s.SubscriptionID,
	}
	return s, tx.PutSubscription(ctx, s)
}

// organisationName is what an organisation is called that u founds.
func organisationName(u tmates.User, wish string) string {
	names := []string{wish, text(u.Metadata, "organization_name"), text(u.Metadata, "company"), text(u.Metadata, "company_name")}
	for _, name := range names {
		if name = tmates.OneLine(strings.TrimSpace(name)); name != "" {
			return name
		}
	}
	return u.DisplayName()
}

// Standing returns the organisation the user is in, if any. Unlike everything
// else it gives nobody a place.
func (t *Team) Standing(ctx context.Context, userID string) (o tmates.Organisation, found bool, err error) {
	err = t.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		o, _, found, err = tx.Membership(ctx, userID)
		return err
	})
	return o, found, err
}
