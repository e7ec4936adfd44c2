package v1

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/tmates/tmates/server/team"
	"github.com/tmates/tmates/store/tmates"
)

// billing is what plans and onboarding need from the use-cases.
type billing interface {
	Onboard(ctx context.Context, userID string, in team.Onboarding) (team.Onboarded, error)
	ReadPlan(ctx context.Context, userID string) (team.Plan, error)
	Plans() []tmates.Plan
	Workspace(ctx context.Context, userID string) (team.Workspace, error)
	Standing(ctx context.Context, userID string) (o tmates.Organisation, found bool, err error)
}

// Nobody takes payments in this edition.
var (
	errNoBilling  = tmates.E(tmates.Unavailable, "billing_disabled", nil, "Billing is not enabled")
	errNoProvider = tmates.E(tmates.Unavailable, "provider_missing", nil, "Billing provider is not configured")
)

// onboard serves POST /billing/onboard. The address of the request is checked
// and not believed: the account's counts (Q-B3).
func onboard(use billing) func(call) error {
	type organization struct {
		ID       string         `json:"id"`
		Name     *string        `json:"name"`
		Type     *string        `json:"type"`
		Settings map[string]any `json:"settings"`
	}
	type subscription struct {
		OrganizationID       string  `json:"organization_id"`
		PlanKey              *string `json:"plan_key"`
		Status               *string `json:"status"`
		BillingInterval      *string `json:"billing_interval"`
		StripeCustomerID     *string `json:"stripe_customer_id"`
		StripeSubscriptionID *string `json:"stripe_subscription_id"`
		Provider             *string `json:"provider"`
	}
	type answer struct {
		Profile      profileBody   `json:"profile"`
		Organization *organization `json:"organization"`
		Subscription *subscription `json:"subscription"`
	}
	return func(c call) error {
		in, err := decodeOnboarding(c.body)
		if err != nil {
			return err
		}
		out, err := use.Onboard(c.ctx(), c.user, in)
		if err != nil {
			return err
		}
		o, s := out.Organisation, out.Subscription
		return writeJSON(c, http.StatusOK, answer{
			profileOf(out.Profile),
			&organization{o.ID, orNull(o.Name), orNull(o.Type), map[string]any{}},
			&subscription{
				o.ID, orNull(s.PlanKey), orNull(s.KnownStatus()), orNull(tmates.Interval(s.Interval)),
				orNull(s.CustomerID), orNull(s.SubscriptionID), orNull(s.Provider),
			},
		})
	}
}

func decodeOnboarding(b body) (in team.Onboarding, err error) {
	var k checker
	f, ok := k.object(b)
	if !ok {
		return in, k.err()
	}
	f.text("email", maxEmail)
	in = team.Onboarding{
		DisplayName: f.text("display_name", maxName), OrganisationName: f.text("organization_name", tmates.MaxName),
		PlanKey: strings.TrimSpace(f.text("plan_key", maxName)), Interval: f.text("billing_interval", maxName),
	}
	return in, k.err()
}

type limitsBody struct {
	MaxAgents      *int64 `json:"max_agents"`
	MonthlyActions *int64 `json:"monthly_actions"`
	MonthlyTokens  *int64 `json:"monthly_tokens"`
	MaxMembers     *int64 `json:"max_members"`
}

type usageBody struct {
	ActionsUsed      int64  `json:"actions_used"`
	ActionsQuota     *int64 `json:"actions_quota"`
	ActionsRemaining *int64 `json:"actions_remaining"`
	TokensUsed       int64  `json:"tokens_used"`
	TokensQuota      *int64 `json:"tokens_quota"`
	TokensRemaining  *int64 `json:"tokens_remaining"`
}

type planBody struct {
	PlanKey           string     `json:"plan_key"`
	PlanName          string     `json:"plan_name"`
	Category          *string    `json:"category"`
	Status            string     `json:"status"`
	BillingInterval   string     `json:"billing_interval"`
	Provider          string     `json:"provider"`
	Limits            limitsBody `json:"limits"`
	Usage             usageBody  `json:"usage"`
	PeriodStart       *string    `json:"period_start"`
	PeriodEnd         *string    `json:"period_end"`
	TrialEnd          *string    `json:"trial_end"`
	CancelAtPeriodEnd bool       `json:"cancel_at_period_end"`
	CancelAt          *string    `json:"cancel_at"`
	CanceledAt        *string    `json:"canceled_at"`
	EndedAt           *string    `json:"ended_at"`
	BillingEnabled    bool       `json:"billing_enabled"` // the limits hold
}

// noProvider is what a plan says of its provider: the wire has no null there.
const noProvider = "none"

func planOf(p team.Plan) planBody {
	l, s := p.Limits, p.Subscription
	b := planBody{
		PlanKey: p.Key, PlanName: p.Name, Category: orNull(p.Category), Status: s.KnownStatus(),
		BillingInterval: tmates.Interval(s.Interval), Provider: noProvider,
		Limits: limitsBody{l.MaxTmates, l.MonthlyActions, l.MonthlyTokens, l.MaxMembers},
		Usage: usageBody{
			p.Used.Actions, l.MonthlyActions, remaining(l.MonthlyActions, p.Used.Actions),
			p.Used.Tokens, l.MonthlyTokens, remaining(l.MonthlyTokens, p.Used.Tokens),
		},
		PeriodStart: timeOrNull(p.Start), PeriodEnd: timeOrNull(p.End), TrialEnd: timeOrNull(s.TrialEnd),
		CancelAtPeriodEnd: s.CancelAtPeriodEnd, CancelAt: timeOrNull(s.CancelAt), CanceledAt: timeOrNull(s.CanceledAt),
		EndedAt: timeOrNull(s.EndedAt), BillingEnabled: p.Enforced,
	}
	if s.Provider != "" {
		b.Provider = s.Provider
	}
	return b
}

func remaining(quota *int64, used int64) *int64 {
	if quota == nil {
		return nil
	}
	left := max(*quota-used, 0)
	return &left
}

// getPlan serves GET /billing/plan.
func getPlan(use billing) func(call) error {
	return func(c call) error {
		p, err := use.ReadPlan(c.ctx(), c.user)
		if err != nil {
			return err
		}
		return writeJSON(c, http.StatusOK, planOf(p))
	}
}

// getPricing serves GET /billing/pricing. A limit on tokens is only named where
// the operator set one: upstream's plans know none.
func getPricing(use billing) func(call) error {
	type plan struct {
		Key                  string            `json:"key"`
		Name                 string            `json:"name"`
		Description          *string           `json:"description"`
		Category             string            `json:"category"`
		StripeProductID      *string           `json:"stripe_product_id"`
		StripePriceMonthlyID *string           `json:"stripe_price_monthly_id"`
		StripePriceYearlyID  *string           `json:"stripe_price_yearly_id"`
		Limits               map[string]*int64 `json:"limits"`
		Metadata             map[string]any    `json:"metadata"`
		SortOrder            int               `json:"sort_order"`
	}
	type answer struct {
		Plans []plan `json:"plans"`
	}
	return func(c call) error {
		out := answer{Plans: []plan{}}
		for _, p := range use.Plans() {
			limits := map[string]*int64{
				"max_agents": p.Limits.MaxTmates, "monthly_actions": p.Limits.MonthlyActions, "max_members": p.Limits.MaxMembers,
			}
			if p.Limits.MonthlyTokens != nil {
				limits["monthly_tokens"] = p.Limits.MonthlyTokens
			}
			metadata := map[string]any{"tier": p.Category}
			if p.ByRequest {
				metadata["requires_contact"] = true
			}
			out.Plans = append(out.Plans, plan{
				Key: p.Key, Name: p.Name, Description: orNull(p.Description), Category: p.Category, Limits: limits, Metadata: metadata, SortOrder: p.Sort,
			})
		}
		return writeJSON(c, http.StatusOK, out)
	}
}

// checkout serves POST /billing/checkout.
func checkout(c call) error {
	var k checker
	if f, ok := k.object(c.body); ok {
		f.required("plan_key", 1, maxName)
		if word := strings.ToLower(strings.TrimSpace(f.text("billing_interval", maxName))); word != "" && word != tmates.IntervalMonthly && !tmates.Yearly(word) {
			k.value(f.at("billing_interval"), f.in["billing_interval"], "must be monthly or annual")
		}
		f.text("success_url", maxURL)
		f.text("cancel_url", maxURL)
		checkQuantity(f)
	}
	if err := k.err(); err != nil {
		return err
	}
	return errNoBilling
}

// checkQuantity checks an optional whole number of at least 1; null is a fault.
func checkQuantity(f fields) {
	v, sent := f.in["quantity"]
	if !sent {
		return
	}
	if v == nil {
		f.k.add(f.at("quantity"), "int_type", "Input should be a valid integer", nil, nil)
		return
	}
	before := len(f.k.faults)
	f.whole("quantity")
	if n, err := strconv.ParseFloat(strings.TrimSpace(asText(v)), 64); len(f.k.faults) == before && (err != nil || n < 1) {
		f.k.add(f.at("quantity"), "greater_than_equal", "Input should be greater than or equal to 1", v, map[string]any{"ge": 1})
	}
}

// portal serves POST /billing/portal.
func portal(c call) error {
	var k checker
	if f, ok := k.object(c.body); ok {
		f.text("return_url", maxURL)
	}
	if err := k.err(); err != nil {
		return err
	}
	return errNoBilling
}

// syncBilling serves POST /billing/sync. Who may sync is checked before whether
// there is anything to sync with.
func syncBilling(use billing) func(call) error {
	return func(c call) error {
		w, err := use.Workspace(c.ctx(), c.user)
		if err != nil {
			return err
		}
		if !w.Role.Leads() {
			return tmates.E(tmates.Forbidden, "billing_forbidden", nil, "Only organization owners can sync billing")
		}
		return errNoBilling
	}
}

// webhook serves POST /billing/webhook (Q-B5). The body of a stranger is not
// read.
func webhook(call) error { return errNoProvider }

// userStatus serves GET /auth/user/status. It gives nobody a place, so that a
// client can tell whether onboarding is due.
func userStatus(use billing) func(call) error {
	type answer struct {
		HasOrganization bool    `json:"hasOrganization"`
		OrganizationID  *string `json:"organizationId"`
		UserID          string  `json:"userId"`
	}
	return func(c call) error {
		o, found, err := use.Standing(c.ctx(), c.user)
		if err != nil {
			return err
		}
		return writeJSON(c, http.StatusOK, answer{found, orNull(o.ID), c.user})
	}
}
