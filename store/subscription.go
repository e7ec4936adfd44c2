package store

import (
	"context"

	"github.com/tmates/tmates/store/tmates"
)

const subscriptionColumns = `organisation_id, plan_key, status, billing_interval, provider, customer_id, subscription_id,
	period_start, period_end, trial_end, cancel_at_period_end, cancel_at, canceled_at, ended_at, created_at, updated_at`

func scanSubscription(s scanner) (v tmates.Subscription, err error) {
	var start, end, trial, cancelAt, canceled, ended, created, updated stamp
	err = s.Scan(&v.OrganisationID, &v.PlanKey, &v.Status, &v.Interval, &v.Provider, &v.CustomerID, &v.SubscriptionID,
		&start, &end, &trial, &v.CancelAtPeriodEnd, &cancelAt, &canceled, &ended, &created, &updated)
	v.PeriodStart, v.PeriodEnd, v.TrialEnd, v.CancelAt = start.Time, end.Time, trial.Time, cancelAt.Time
	v.CanceledAt, v.EndedAt, v.CreatedAt, v.UpdatedAt = canceled.Time, ended.Time, created.Time, updated.Time
	return v, err
}

// Subscription returns the subscription of an organisation; found is false when
// it has none yet.
func (tx *Tx) Subscription(ctx context.Context, organisationID string) (s tmates.Subscription, found bool, err error) {
	return one(ctx, tx, "read subscription", scanSubscription,
		`SELECT `+subscriptionColumns+` FROM subscriptions WHERE organisation_id = ?`, organisationID)
}

// PutSubscription keeps or replaces the subscription of its organisation.
func (tx *Tx) PutSubscription(ctx context.Context, s tmates.Subscription) error {
	_, err := tx.exec(ctx, "keep subscription",
		`INSERT INTO subscriptions (`+subscriptionColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		 ON CONFLICT (organisation_id) DO UPDATE SET plan_key = excluded.plan_key, status = excluded.status,
		 billing_interval = excluded.billing_interval, provider = excluded.provider, customer_id = excluded.customer_id,
		 subscription_id = excluded.subscription_id, period_start = excluded.period_start, period_end = excluded.period_end,
		 trial_end = excluded.trial_end, cancel_at_period_end = excluded.cancel_at_period_end, cancel_at = excluded.cancel_at,
		 canceled_at = excluded.canceled_at, ended_at = excluded.ended_at, updated_at = excluded.updated_at`,
		s.OrganisationID, s.PlanKey, s.Status, s.Interval, s.Provider, s.CustomerID, s.SubscriptionID,
		micros(s.PeriodStart), micros(s.PeriodEnd), micros(s.TrialEnd), s.CancelAtPeriodEnd, micros(s.CancelAt),
		micros(s.CanceledAt), micros(s.EndedAt), micros(tx.Now), micros(tx.Now))
	return err
}
