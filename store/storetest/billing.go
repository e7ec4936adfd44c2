package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
	use := func(org string, n int) {
		w.write(func(ctx context.Context, tx *store.Tx) error {
			return tx.AddUsage(ctx, tmates.Usage{JobID: fmt.Sprint(org, n), OrganisationID: org, UserID: "ada", TmateKey: "adam",
				Actions: 1, PromptTokens: 10, CompletionTokens: int64(n)})
		})
	}
	for n := range 4 { // the last one at the end of the period, which is excluded
		use("org", n)
		use("org", n) // a job counts once
		use("elsewhere", n)
		w.clock.move(time.Hour)
	}
	w.read(func(ctx context.Context, tx *store.Tx) error {
		for org, want := range map[string]tmates.Consumption{"org": {Actions: 3, Tokens: 33}, "nowhere": {}} {
			got, err := tx.Consumed(ctx, org, start, start.Add(3*time.Hour))
			if err != nil || got != want {
				t.Errorf("%s consumed %+v, %v; want %+v", org, got, err, want)
			}
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
