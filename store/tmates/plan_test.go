package tmates

import (
	"strings"
	"testing"
	"time"
)

// TestPlans holds the facts of the contract's table.
func TestPlans(t *testing.T) {
	t.Parallel()
	show := func(n *int64) string {
		if n == nil {
			return unlimited
		}
		o := Override{Most: n}.String()
		return o[strings.Index(o, "=")+1:]
	}
	var got []string
	for _, p := range Plans() {
		got = append(got, strings.Join([]string{p.Key, p.Name, p.Category, show(p.Limits.MaxTmates), show(p.Limits.MonthlyActions),
			show(p.Limits.MaxMembers), show(p.Limits.MonthlyTokens)}, " "))
		if p.Description == "" || p.Sort != len(got)*10 || p.ByRequest != (p.Key == "max" || p.Key == "enterprise") {
			t.Errorf("plan %+v", p)
		}
	}
	want := []string{
		"free Free individual 15 1000 1 none", "basic Basic individual 20 5000 1 none", "pro Pro individual 50 20000 1 none",
		"max Max individual none 50000 1 none", "team Team company 100 100000 50 none", "business Business company 200 250000 150 none",
		"enterprise Enterprise company none none none none",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("plans\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestOverrides(t *testing.T) {
	t.Parallel()
	var all []Override
	for in, want := range map[string]string{
		"free.max_agents=3": "free.max_agents=3", " pro.monthly_actions = 0 ": "pro.monthly_actions=0",
		"team.max_members=none": "team.max_members=none", "max.monthly_tokens=1000000000000": "max.monthly_tokens=1000000000000",
	} {
		o, err := ParseOverride(in)
		if err != nil || o.String() != want {
			t.Errorf("%q = %s, %v; want %s", in, o, err, want)
		}
		all = append(all, o)
	}
	for _, bad := range []string{
		"", "free", "free.max_agents", "free.max_agents=", "free.max_agents=-1", "free.max_agents=x", "free.max_agents=1000000000001",
		"gold.max_agents=1", "free.colour=1", "=1", ".=1", "free.max_agents=1=2",
	} {
		if o, err := ParseOverride(bad); err == nil || !strings.HasPrefix(err.Error(), "must ") {
			t.Errorf("%q = %s, %v", bad, o, err)
		}
	}
	plans := PlansWith(all)
	free, _ := PlanByKey(plans, "free")
	team, _ := PlanByKey(plans, "team")
	most, _ := PlanByKey(plans, "max")
	if *free.Limits.MaxTmates != 3 || *free.Limits.MonthlyActions != 1000 || team.Limits.MaxMembers != nil || *most.Limits.MonthlyTokens != maxLimit {
		t.Errorf("overridden: %+v %+v %+v", free, team, most)
	}
	if own, _ := PlanByKey(Plans(), "free"); *own.Limits.MaxTmates != 15 {
		t.Error("an override changed the plan itself")
	}
}

func TestPeriod(t *testing.T) {
	t.Parallel()
	at := func(s string) time.Time {
		v, err := time.Parse(time.DateTime, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	stored := Subscription{PeriodStart: at("2026-11-10 08:00:00"), PeriodEnd: at("2026-12-10 08:00:00")}
	tests := []struct {
		name            string
		sub             Subscription
		now, start, end string
	}{
		{"month", Subscription{Interval: IntervalMonthly}, "2026-11-22 12:00:00", "2026-11-01 00:00:00", "2026-12-01 00:00:00"},
		{"last moment of a year", Subscription{}, "2026-12-31 23:59:59", "2026-12-01 00:00:00", "2027-01-01 00:00:00"},
		{"first moment of a month", Subscription{}, "2028-02-01 00:00:00", "2028-02-01 00:00:00", "2028-03-01 00:00:00"},
		{"year", Subscription{Interval: IntervalYearly}, "2026-11-22 12:00:00", "2026-01-01 00:00:00", "2027-01-01 00:00:00"},
		{"a provider's year (Q-B6)", Subscription{Interval: "year"}, "2026-11-22 12:00:00", "2026-01-01 00:00:00", "2027-01-01 00:00:00"},
		{"stored", stored, "2026-11-22 12:00:00", "2026-11-10 08:00:00", "2026-12-10 08:00:00"},
		{"stored and over", stored, "2026-12-10 08:00:00", "2026-12-01 00:00:00", "2027-01-01 00:00:00"},
	}
	for _, test := range tests {
		start, end := test.sub.Period(at(test.now))
		if !start.Equal(at(test.start)) || !end.Equal(at(test.end)) {
			t.Errorf("%s: %v to %v, want %s to %s", test.name, start, end, test.start, test.end)
		}
	}
	if start, _ := (Subscription{}).Period(at("2026-11-30 23:30:00").In(time.FixedZone("east", 3600))); start.Month() != time.November {
		t.Errorf("the period follows the clock's zone: %v", start)
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"": "monthly", "monthly": "monthly", "month": "monthly", "Annual": "yearly", "annually": "yearly", " yearly": "yearly", "year": "yearly", "weekly": "monthly",
	} {
		if got := Interval(word); got != want {
			t.Errorf("interval %q = %q, want %q", word, got, want)
		}
	}
	for word, want := range map[string]string{"active": "active", "past_due": "past_due", "pending_checkout": "unknown", "": "unknown"} {
		if got := (Subscription{Status: word}).KnownStatus(); got != want {
			t.Errorf("status %q = %q, want %q", word, got, want)
		}
	}
}
