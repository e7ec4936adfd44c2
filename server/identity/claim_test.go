package identity

import (
	"context"
	"testing"
	"time"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// Every use of the door leaves its record.
func TestClaimRecords(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	c := Client{IP: "192.0.2.1"}
	g, err := w.Claim(t.Context(), c, Claim{Token: w.FirstPass().Token, Email: "ada@example.com"})
	want(t, "claim", err, "ok")
	p, err := w.IssuePass(t.Context(), "ada@example.com")
	want(t, "issue", err, "ok")
	_, err = w.Claim(t.Context(), c, Claim{Token: p.Token, Password: "correct horse battery"})
	want(t, "claim again", err, "ok")
	_, err = w.InviteMember(t.Context(), c, Invitation{
		ByID: g.User.ID, Email: "bob@example.com",
		May:   func(context.Context, *store.Tx) error { return nil },
		Place: func(context.Context, *store.Tx, tmates.User, bool) error { return nil },
	})
	want(t, "invite", err, "ok")
	all, err := w.Sessions(t.Context(), g.User.ID)
	want(t, "sessions", err, "ok")
	if len(all) != 1 { // the new password ended the first
		t.Fatalf("%d sessions", len(all))
	}
	want(t, "end", w.EndSession(t.Context(), c, g.User.ID, all[0].ID), "ok")
	want(t, "end again", w.EndSession(t.Context(), c, g.User.ID, all[0].ID), "session_unknown")
	want(t, "end others", w.EndOtherSessions(t.Context(), c, g.User.ID, ""), "ok")
	for event, n := range map[string]int{"claimed": 2, "link_made": 1, "password_change": 1, "user_invited": 1, "user_created": 2, "login": 2, "logout": 2} {
		if got := w.count(event); got != n {
			t.Errorf("%d records of %s, want %d", got, event, n)
		}
	}
}

// A link of a start is the newest one only, and an unused one is forgotten like
// any other that grew old.
func TestFirstPassIsTheNewest(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	old, now := w.FirstPass(), w.FirstPass()
	claim := func(p Pass) error {
		_, err := w.Claim(t.Context(), Client{}, Claim{Token: p.Token, Email: "ada@example.com"})
		return err
	}
	want(t, "the older", claim(old), "claim_refused")
	w.pass(30 * time.Minute)
	want(t, "at its end", claim(now), "claim_refused")
}

// A list of logins leaves out those that ended by themselves.
func TestSessionsLeaveOutWhatIsOver(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	u := w.addUser("ada@example.com", "")
	w.enter("ada@example.com")
	w.policy.Inactivity = time.Hour
	w.pass(time.Hour)
	if all, err := w.Sessions(t.Context(), u.ID); err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
}

// What the operator changes of an account ends the links that were handed out
// for it: a ban that is over must not bring one back, nor does the old address's
// reader get in.
func TestChangesByTheOperatorEndLinks(t *testing.T) {
	t.Parallel()
	for name, changes := range map[string][]Change{
		"ban":      {{Ban: new("1h")}, {Ban: new("none")}},
		"password": {{Password: new("correct horse battery")}},
		"address":  {{Email: new("other@example.com")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := start(t, nil)
			u := w.addUser("ada@example.com", "")
			p, err := w.IssuePass(t.Context(), "ada@example.com")
			want(t, "issue", err, "ok")
			for _, change := range changes {
				_, err := w.ChangeUser(t.Context(), Client{}, u.ID, change)
				want(t, "change", err, "ok")
			}
			_, err = w.Claim(t.Context(), Client{}, Claim{Token: p.Token})
			want(t, "the link", err, "claim_refused")
		})
	}
}
