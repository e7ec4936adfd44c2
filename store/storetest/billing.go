package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

func testSubscription(t *testing.T, open Open) {
	w := newWorld(t, open)
	get := func() (s tmates.Subscription, found bool) {
		w.read(func(ctx context.Context, tx *store.Tx) (err error) {
			s, found, err = tx.Subscription(ctx, "org")
			return err
		})
		return s, found
	}
	if s, found := get(); found {
		t.Fatalf("a subscription nobody made: %+v", s)
	}
	made, later := w.clock.now(), w.clock.now().Add(time.Hour)
	first := tmates.Subscription{OrganisationID: "org", PlanKey: "free", Status: "active", Interval: "monthly", CreatedAt: made, UpdatedAt: made}
	w.write(func(ctx context.Context, tx *store.Tx) error { return tx.PutSubscription(ctx, first) })
	if s, _ := get(); cmp.Diff(first, s) != "" {
		t.Errorf("kept (-want +got):\n%s", cmp.Diff(first, s))
	}
	w.clock.move(time.Hour)
	second := tmates.Subscription{
		OrganisationID: "org", PlanKey: "team", Status: "trialing", Interval: "yearly", Provider: "p", CustomerID: "c", SubscriptionID: "s",
		PeriodStart: made, PeriodEnd: later, TrialEnd: later, CancelAtPeriodEnd: true, CancelAt: later, CanceledAt: made, EndedAt: later,
		CreatedAt: made, UpdatedAt: later,
	}
	w.write(func(ctx context.Context, tx *store.Tx) error { return tx.PutSubscription(ctx, second) })
	if s, _ := get(); cmp.Diff(second, s) != "" {
		t.Errorf("replaced (-want +got):\n%s", cmp.Diff(second, s))
	}
}

func testConsumed(t *testing.T, open Open) {
	w := newWorld(t, open)
	start := w.clock.now()
	use := func(org string, n, actions, prompt int) {
		w.write(func(ctx context.Context, tx *store.Tx) error {
			return tx.AddUsage(ctx, tmates.Usage{JobID: fmt.Sprint(org, n), OrganisationID: org, UserID: []string{"ada", "bob"}[n%2], TmateKey: "adam",
				Provider: "p", Model: fmt.Sprint("m", n/2), Actions: int64(actions), PromptTokens: int64(prompt), CompletionTokens: int64(n), Cost: 100})
		})
	}
	for n := range 4 { // the last one at the end of the period, which is excluded
		use("org", n, 0, 4) // an attempt that failed
		use("org", n, 1, 6) // the one that did not: a job acts once
		use("elsewhere", n, 1, 10)
		w.clock.move(time.Hour)
	}
	w.read(func(ctx context.Context, tx *store.Tx) error {
		for org, want := range map[string]tmates.Consumption{"org": {Actions: 3, Tokens: 36}, "nowhere": {}} {
			got, err := tx.Consumed(ctx, org, start, start.Add(3*time.Hour))
			if err != nil || got != want {
				t.Errorf("%s consumed %+v, %v; want %+v", org, got, err, want)
			}
		}
		for tmate, want := range map[string][2]int64{"adam": {42, 600}, "nora": {}} { // of the last three hours
			tokens, cost, err := tx.ConsumedBy(ctx, "org", tmate, start.Add(time.Hour))
			if err != nil || tokens != want[0] || cost != want[1] {
				t.Errorf("%s consumed %d tokens at %d, %v; want %v", tmate, tokens, cost, err, want)
			}
		}
		return nil
	})
}

// testUsageSums adds the usage of four jobs up in every way.
func testUsageSums(t *testing.T, open Open) {
	w := newWorld(t, open)
	for n, u := range []tmates.Usage{
		{UserID: "ada", TmateKey: "adam", Model: "small", PromptTokens: 10, CompletionTokens: 1, Cost: 5},
		{UserID: "bob", TmateKey: "adam", Model: "large", PromptTokens: 100, CompletionTokens: 10, Cost: 500},
		{UserID: "ada", TmateKey: "nora", Model: "small", PromptTokens: 30, CompletionTokens: 3, Cost: 15},
		{UserID: "ada", TmateKey: "nora"},
	} {
		u.JobID, u.OrganisationID, u.Actions = fmt.Sprint("j", n), "org", 1
		w.write(func(ctx context.Context, tx *store.Tx) error { return tx.AddUsage(ctx, u) })
		w.clock.move(12 * time.Hour)
	}
	sums := func(user string, by tmates.UsageBy, since time.Duration, limit int) (all []tmates.UsageSum) {
		t.Helper()
		w.read(func(ctx context.Context, tx *store.Tx) (err error) {
			all, err = tx.UsageSums(ctx, "org", user, by, w.clock.now().Add(-since), limit)
			return err
		})
		return all
	}
	const ever = 48 * time.Hour
	for name, c := range map[string]struct{ got, want []tmates.UsageSum }{
		"by tmate": {sums("", tmates.ByTmate, ever, 9), []tmates.UsageSum{
			{Key: "adam", Jobs: 2, Actions: 2, PromptTokens: 110, CompletionTokens: 11, Cost: 505},
			{Key: "nora", Jobs: 2, Actions: 2, PromptTokens: 30, CompletionTokens: 3, Cost: 15},
		}},
		"by model, of one": {sums("ada", tmates.ByModel, ever, 9), []tmates.UsageSum{
			{Key: "small", Jobs: 2, Actions: 2, PromptTokens: 40, CompletionTokens: 4, Cost: 20}, {Key: "", Jobs: 1, Actions: 1},
		}},
		"by day": {sums("", tmates.ByDay, ever, 9), []tmates.UsageSum{
			{Key: "2026-11-22", Jobs: 1, Actions: 1, PromptTokens: 10, CompletionTokens: 1, Cost: 5},
			{Key: "2026-11-23", Jobs: 2, Actions: 2, PromptTokens: 130, CompletionTokens: 13, Cost: 515},
			{Key: "2026-11-24", Jobs: 1, Actions: 1},
		}},
		"bounded":    {sums("", tmates.ByTmate, ever, 1)[1:], nil},
		"since then": {sums("bob", tmates.ByTmate, 24*time.Hour, 9), nil},
	} {
		if diff := cmp.Diff(c.want, c.got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	w.read(func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.UsageSums(ctx, "org", "", "moon", w.clock.now(), 9); err == nil {
			t.Error("usage was summed by the moon")
		}
		return nil
	})
}

func testMembers(t *testing.T, open Open) {
	w := newWorld(t, open)
	w.write(func(ctx context.Context, tx *store.Tx) error {
		org := tmates.Organisation{ID: "mine", Name: "Mine", Type: "personal", Own: true, CreatedAt: tx.Now.Add(-time.Hour)}
		if err := tx.AddOrganisation(ctx, org); err != nil {
			return err
		}
		if err := tx.RenameOrganisation(ctx, "org", "Corner shop"); err != nil {
			return err
		}
		if err := tx.PutProfile(ctx, tmates.Profile{UserID: "bob", AvatarURL: "https://b.example/"}); err != nil {
			return err
		}
		return tx.SetRole(ctx, "org", "bob", tmates.RoleOwner)
	})
	w.read(func(ctx context.Context, tx *store.Tx) error {
		first, found, err := tx.FirstOrganisation(ctx)
		if err != nil || !found || first.ID != "org" || first.Name != "Corner shop" || first.Own {
			t.Errorf("the instance's organisation: %+v, %v, %v", first, found, err)
		}
		m, err := tx.Member(ctx, "org", "bob")
		if err != nil || m.Role != tmates.RoleOwner {
			t.Errorf("bob: %+v, %v", m, err)
		}
		for _, ids := range [][2]string{{"mine", "bob"}, {"org", "nobody"}, {"", ""}} {
			if _, err := tx.Member(ctx, ids[0], ids[1]); !errors.Is(err, store.ErrNoMember) {
				t.Errorf("member %v: %v", ids, err)
			}
		}
		for role, want := range map[tmates.Role]int64{"": 2, tmates.RoleOwner: 1, tmates.RoleMember: 1, tmates.RoleAdmin: 0} {
			if n, err := tx.CountMembers(ctx, "org", role); err != nil || n != want {
				t.Errorf("%q: %d, %v; want %d", role, n, err, want)
			}
		}
		people, err := tx.People(ctx, "org", 10)
		if err != nil || len(people) != 2 || people[0].Name != "ada" || people[1].AvatarURL != "https://b.example/" || people[1].Email != "bob@example.com" {
			t.Errorf("people: %+v, %v", people, err)
		}
		if p, err := tx.Person(ctx, "org", "bob"); err != nil || cmp.Diff(people[1], p) != "" {
			t.Errorf("bob as the others see him: %+v, %v", p, err)
		}
		if _, err := tx.Person(ctx, "mine", "bob"); !errors.Is(err, store.ErrNoMember) {
			t.Errorf("bob elsewhere: %v", err)
		}
		if one, err := tx.People(ctx, "org", 1); err != nil || len(one) != 1 {
			t.Errorf("one of the people: %+v, %v", one, err)
		}
		return nil
	})
	err := w.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error { return tx.SetRole(ctx, "mine", "bob", tmates.RoleAdmin) })
	if !errors.Is(err, store.ErrNoMember) {
		t.Errorf("role of a stranger: %v", err)
	}
}
