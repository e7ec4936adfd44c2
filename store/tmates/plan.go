package tmates

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits are what a plan allows; nil means no limit.
type Limits struct {
	MaxTmates      *int64 // hired at a time
	MonthlyActions *int64 // per period, which is a year for yearly subscriptions
	MonthlyTokens  *int64 // per period, prompts and completions together
	MaxMembers     *int64 // people in the organisation
}

// Plan is what an organisation can subscribe to.
type Plan struct {
	Key         string
	Name        string
	Description string
	Category    string // "individual" or "company"
	Sort        int
	Limits      Limits
	ByRequest   bool // somebody has to be asked for it
}

// DefaultPlan is the plan of an organisation that never chose one.
const DefaultPlan = "free"

// Plans returns every plan with its own limits, in the order they are shown.
func Plans() []Plan {
	plan := func(key, name, category string, sort int, l Limits, description string) Plan {
		return Plan{Key: key, Name: name, Description: description, Category: category, Sort: sort, Limits: l}
	}
	limits := func(most, actions, members int64) Limits {
		return Limits{MaxTmates: &most, MonthlyActions: &actions, MaxMembers: &members}
	}
	unbounded := limits(0, 50_000, 1)
	unbounded.MaxTmates = nil
	all := []Plan{
		plan("free", "Free", "individual", 10, limits(15, 1_000, 1), "Get to know your first teammates."),
		plan("basic", "Basic", "individual", 20, limits(20, 5_000, 1), "A steady helping hand for one person."),
		plan("pro", "Pro", "individual", 30, limits(50, 20_000, 1), "For one person who hands over most of the routine."),
		plan("max", "Max", "individual", 40, unbounded, "One person, as many teammates as it takes."),
		plan("team", "Team", "company", 50, limits(100, 100_000, 50), "A group that shares its teammates and its Pinboard."),
		plan("business", "Business", "company", 60, limits(200, 250_000, 150), "Several departments under one roof."),
		plan("enterprise", "Enterprise", "company", 70, Limits{}, "No limits, arranged person to person."),
	}
	all[3].ByRequest, all[6].ByRequest = true, true
	return all
}

// PlanByKey finds a plan.
func PlanByKey(plans []Plan, key string) (p Plan, found bool) {
	i := slices.IndexFunc(plans, func(p Plan) bool { return p.Key == key })
	if i < 0 {
		return p, false
	}
	return plans[i], true
}

// Override is one limit of one plan that an operator sets.
type Override struct {
	Plan  string
	Limit string // "max_agents", "monthly_actions", "monthly_tokens" or "max_members"
	Most  *int64 // nil: no limit
}

// maxLimit bounds what an operator may write; it leaves room for sums.
const maxLimit = 1_000_000_000_000

// unlimited is how an operator writes "no limit".
const unlimited = "none"

// ParseOverride reads "free.max_agents=15" or "free.max_agents=none". The error
// says what it must be and never repeats it.
func ParseOverride(text string) (o Override, err error) {
	name, most, _ := strings.Cut(text, "=")
	o.Plan, o.Limit, _ = strings.Cut(strings.TrimSpace(name), ".")
	most = strings.TrimSpace(most)
	if _, known := PlanByKey(Plans(), o.Plan); !known || new(Limits).at(o.Limit) == nil {
		return o, errors.New("must be PLAN.LIMIT=NUMBER, as in free.max_agents=15, with max_agents, monthly_actions, monthly_tokens or max_members")
	}
	if most == unlimited {
		return o, nil
	}
	n, err := strconv.ParseInt(most, 10, 64)
	if err != nil || n < 0 || n > maxLimit {
		return o, fmt.Errorf("must end in a number up to %d, or in %q", int64(maxLimit), unlimited)
	}
	o.Most = &n
	return o, nil
}

// String writes the override as it is parsed.
func (o Override) String() string {
	most := unlimited
	if o.Most != nil {
		most = strconv.FormatInt(*o.Most, 10)
	}
	return o.Plan + "." + o.Limit + "=" + most
}

// at returns the place of a limit by its name, or nil.
func (l *Limits) at(name string) **int64 {
	switch name {
	case "max_agents":
		return &l.MaxTmates
	case "monthly_actions":
		return &l.MonthlyActions
	case "monthly_tokens":
		return &l.MonthlyTokens
	case "max_members":
		return &l.MaxMembers
	}
	return nil
}

// PlansWith returns every plan with the overrides laid over its own limits.
func PlansWith(overrides []Override) []Plan {
	plans := Plans()
	for _, o := range overrides {
		for i := range plans {
			if limit := plans[i].Limits.at(o.Limit); limit != nil && plans[i].Key == o.Plan {
				*limit = o.Most
			}
		}
	}
	return plans
}

// What a subscription's Interval may be.
const (
	IntervalMonthly = "monthly"
	IntervalYearly  = "yearly"
)

// Interval reads a word for an interval, a provider's included: everything that
// is no year is a month.
func Interval(word string) string {
	if Yearly(word) {
		return IntervalYearly
	}
	return IntervalMonthly
}

// Yearly reports whether a word means a year.
func Yearly(word string) bool {
	return slices.Contains([]string{"annual", "annually", "yearly", "year"}, strings.ToLower(strings.TrimSpace(word)))
}

// Subscription is an organisation's plan. A zero time means "never"; provider
// and its ids are empty while nobody takes payments.
type Subscription struct {
	OrganisationID    string
	PlanKey           string
	Status            string // see KnownStatus
	Interval          string // IntervalMonthly or IntervalYearly
	Provider          string
	CustomerID        string
	SubscriptionID    string
	PeriodStart       time.Time
	PeriodEnd         time.Time
	TrialEnd          time.Time
	CancelAtPeriodEnd bool
	CancelAt          time.Time
	CanceledAt        time.Time
	EndedAt           time.Time
	CreatedAt         time.Time
	UpdatedAt         time.Time
}

// StatusActive is the status of a plan that is in force.
const StatusActive = "active"

// KnownStatus returns the status as one of the words clients know, "unknown"
// for every other.
func (s Subscription) KnownStatus() string {
	if slices.Contains([]string{
		StatusActive, "trialing", "past_due", "incomplete", "incomplete_expired", "canceled", "unpaid", "paused",
	}, s.Status) {
		return s.Status
	}
	return "unknown"
}

// Period returns the period that now is in, in UTC, the end excluded: the one a
// provider set while it lasts, else the calendar month, or the calendar year of
// a yearly subscription.
func (s Subscription) Period(now time.Time) (start, end time.Time) {
	if !s.PeriodStart.IsZero() && !now.Before(s.PeriodStart) && now.Before(s.PeriodEnd) {
		return s.PeriodStart, s.PeriodEnd
	}
	now = now.UTC()
	if Yearly(s.Interval) {
		start = time.Date(now.Year(), time.January, 1, 0, 0, 0, 0, time.UTC)
		return start, start.AddDate(1, 0, 0)
	}
	start = time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	return start, start.AddDate(0, 1, 0)
}

// Consumption is what an organisation used in a period.
type Consumption struct {
	Actions int64
	Tokens  int64 // prompts and completions together
}
