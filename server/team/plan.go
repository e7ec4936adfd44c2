package team

import (
	"context"
	"math"
	"time"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// Billing says which plans there are and whether their limits hold. The zero
// value is every plan as it is, and no limit holds.
type Billing struct {
	Enforce bool
	Default string        // plan of an organisation that never chose one; empty: tmates.DefaultPlan
	Plans   []tmates.Plan // empty: tmates.Plans()
}

// Plan is what an organisation may use, and what it used of it.
type Plan struct {
	tmates.Plan
	Subscription tmates.Subscription
	Used         tmates.Consumption
	Start, End   time.Time // the period Used is about; End is excluded
	Enforced     bool      // whether the limits hold
}

// Plans returns every plan, in the order they are shown.
func (t *Team) Plans() []tmates.Plan { return t.billing.Plans }

// ReadPlan returns the plan of the caller's organisation.
func (t *Team) ReadPlan(ctx context.Context, userID string) (p Plan, err error) {
	c, err := t.Caller(ctx, userID)
	if err != nil {
		return p, err
	}
	kept := false
	read := func(ctx context.Context, tx *store.Tx) error {
		p.Subscription, kept, err = t.subscription(ctx, tx, c.Organisation.ID)
		if err != nil {
			return err
		}
		p.Plan, p.Enforced = t.planOf(p.Subscription), t.billing.Enforce
		p.Start, p.End = p.Subscription.Period(tx.Now)
		p.Used, err = tx.Consumed(ctx, c.Organisation.ID, p.Start, p.End)
		return err
	}
	if err := t.db.Read(ctx, read); err != nil || kept {
		return p, err
	}
	err = t.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := t.subscribe(ctx, tx, c.Organisation.ID); err != nil {
			return err
		}
		return read(ctx, tx)
	})
	return p, err
}

// subscription returns what the organisation subscribed to. One from before
// there were subscriptions has the default, which is not kept yet.
func (t *Team) subscription(ctx context.Context, tx *store.Tx, organisationID string) (s tmates.Subscription, kept bool, err error) {
	s, kept, err = tx.Subscription(ctx, organisationID)
	if err == nil && !kept {
		s = tmates.Subscription{
			OrganisationID: organisationID, PlanKey: t.billing.Default, Status: tmates.StatusActive, Interval: tmates.IntervalMonthly,
		}
	}
	return s, kept, err
}

// subscribe is subscription for one that is about to be shown or changed: it is
// kept from now on.
func (t *Team) subscribe(ctx context.Context, tx *store.Tx, organisationID string) (tmates.Subscription, error) {
	s, kept, err := t.subscription(ctx, tx, organisationID)
	if err != nil || kept {
		return s, err
	}
	return s, tx.PutSubscription(ctx, s)
}

// planOf returns the plan of a subscription, the default when the program does
// not know it any more.
func (t *Team) planOf(s tmates.Subscription) tmates.Plan {
	p, found := tmates.PlanByKey(t.billing.Plans, s.PlanKey)
	if !found {
		p, _ = tmates.PlanByKey(t.billing.Plans, t.billing.Default)
	}
	return p
}

// mayHire says whether the caller's organisation may hire one more.
func (t *Team) mayHire(ctx context.Context, tx *store.Tx, c Caller) error {
	if !t.billing.Enforce {
		return nil
	}
	s, _, err := t.subscription(ctx, tx, c.Organisation.ID)
	if err != nil {
		return err
	}
	p := t.planOf(s)
	if most := p.Limits.MaxTmates; most != nil && int64(len(c.Hires)) >= *most {
		return tmates.E(tmates.QuotaSpent, "plan_agents", nil,
			"The %s plan allows up to %d hired teammates. Dismiss one first, or ask for a larger plan.", p.Name, *most)
	}
	return nil
}

// mayJoin says whether an organisation may have one more member.
func (t *Team) mayJoin(ctx context.Context, tx *store.Tx, o tmates.Organisation) error {
	if !t.billing.Enforce {
		return nil
	}
	s, _, err := t.subscription(ctx, tx, o.ID)
	if err != nil {
		return err
	}
	p := t.planOf(s)
	if p.Limits.MaxMembers == nil {
		return nil
	}
	n, err := tx.CountMembers(ctx, o.ID, "")
	if err == nil && n >= *p.Limits.MaxMembers {
		return tmates.E(tmates.QuotaSpent, "plan_members", nil,
			"The %s plan allows up to %d members, and the organization %s has %d.", p.Name, *p.Limits.MaxMembers, o.Name, n)
	}
	return err
}

// unqueued stands for the number of a job that has none yet.
const unqueued = math.MaxInt64

// mayWork says whether the period still has room for the job with the number
// seq. Older work that is not done counts as if it were: however many workers
// there are, no more actions are used than the plan includes. Tokens are known
// only afterwards, so the last job may go beyond.
func (t *Team) mayWork(ctx context.Context, tx *store.Tx, organisationID string, seq int64) error {
	if !t.billing.Enforce {
		return nil
	}
	s, _, err := t.subscription(ctx, tx, organisationID)
	if err != nil {
		return err
	}
	p := t.planOf(s)
	if p.Limits.MonthlyActions == nil && p.Limits.MonthlyTokens == nil {
		return nil
	}
	start, end := s.Period(tx.Now)
	used, err := tx.Consumed(ctx, organisationID, start, end)
	if err != nil {
		return err
	}
	pending, err := tx.CountActiveJobsBefore(ctx, organisationID, seq)
	if err != nil {
		return err
	}
	if most := p.Limits.MonthlyActions; most != nil && used.Actions+pending >= *most {
		return spent(p, *most, "actions", end)
	}
	if most := p.Limits.MonthlyTokens; most != nil && used.Tokens >= *most {
		return spent(p, *most, "tokens", end)
	}
	return nil
}

func spent(p tmates.Plan, most int64, what string, end time.Time) error {
	return tmates.E(tmates.QuotaSpent, "plan_"+what, nil,
		"The %s plan includes %d %s per period, and they are used up, work in progress included. The next period begins on %s (UTC).",
		p.Name, most, what, end.Format("Jan 2, 2006"))
}
