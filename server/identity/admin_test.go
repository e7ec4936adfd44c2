package identity

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tmates/tmates/store"
)

func TestInvitationMail(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	if _, err := w.Invite(t.Context(), ada, "eve@example.com", nil); err != nil {
		t.Fatal(err)
	}
	l, code := w.letter(), w.issue("eve@example.com")
	if l.to != "eve@example.com" || l.code != code || !strings.Contains(l.text, code) || strings.Contains(l.subject, code) ||
		!strings.Contains(l.text, "http://pi.local:8000") || !strings.Contains(l.text, "10 minutes") {
		t.Errorf("%+v, code %s", l, code)
	}
	// What it counts against is what everybody's mails count against.
	w.pass(time.Second)
	err := w.RequestCode(t.Context(), ada, CodeRequest{Email: "eve@example.com"})
	want(t, "a code at once", err, "over_email_send_rate_limit")
}

func TestUserIsToldOfChanges(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	u := w.addUser("ada@example.com", "")
	change := func(c Change) {
		t.Helper()
		if _, err := w.ChangeUser(t.Context(), ada, u.ID, c); err != nil {
			t.Fatal(err)
		}
	}
	moved, password := "ada@new.example", "quartz fjord 77"
	change(Change{Email: &moved, Password: &password})
	if l := w.letter(); l.to != "ada@example.com" || !strings.Contains(l.subject, "address") {
		t.Errorf("%+v", l)
	}
	if l := w.letter(); l.to != moved || !strings.Contains(l.subject, "password") || strings.Contains(l.text, password) {
		t.Errorf("%+v", l)
	}
	change(Change{Email: &moved, Metadata: map[string]any{"x": 1}})
	if n := len(w.letters); n != 0 {
		t.Errorf("%d letters about nothing", n)
	}
}

func TestEmptyChangeLeavesNoRecord(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	u := w.addUser("ada@example.com", "")
	w.pass(time.Hour)
	a, err := w.ChangeUser(t.Context(), ada, u.ID, Change{})
	if err != nil || !a.User.UpdatedAt.Equal(u.UpdatedAt) || w.count("user_changed") != 0 {
		t.Errorf("%+v, %v", a.User, err)
	}
}

// The account goes together with its place, or not at all; its files follow,
// and what they leave behind is known.
func TestDeletion(t *testing.T) {
	t.Parallel()
	var (
		log      bytes.Buffer
		steps    []string
		departed = errors.New("the place is stuck")
	)
	w := start(t, func(o *Options) {
		o.Log = slog.New(slog.NewTextHandler(&log, nil))
		o.Depart = func(ctx context.Context, tx *store.Tx, userID string) (func(), error) {
			if _, err := tx.UserByID(ctx, userID); err != nil {
				t.Errorf("the account went first: %v", err)
			}
			steps = append(steps, "depart")
			return func() { steps = append(steps, "ended") }, departed
		}
		o.DeleteFiles = func(context.Context, string) error {
			steps = append(steps, "files")
			return errors.New("the disk is stuck")
		}
	})
	u, other := w.addUser("ada@example.com", ""), w.addUser("bob@example.com", "")
	w.enter("ada@example.com")
	want(t, "stuck", w.DeleteUser(t.Context(), ada, u.ID), "service_unavailable")
	if _, err := w.User(t.Context(), u.ID); err != nil || w.ended() != 0 || w.count("user_deleted") != 0 {
		t.Errorf("half of it happened: %v", err)
	}
	departed = nil
	if err := w.DeleteUser(t.Context(), ada, u.ID); err != nil {
		t.Errorf("the account is gone, whatever the disk says: %v", err)
	}
	if !slices.Equal(steps, []string{"depart", "depart", "ended", "files"}) || w.ended() != 1 || !strings.Contains(log.String(), "the disk is stuck") {
		t.Errorf("steps %v, %d sessions ended\n%s", steps, w.ended(), &log)
	}
	gone, err := w.Deleted(t.Context(), []string{other.ID, u.ID, "11111111-1111-4111-8111-111111111111"})
	if err != nil || !slices.Equal(gone, []string{u.ID}) {
		t.Errorf("deleted: %v, %v", gone, err)
	}
	email := "ada@example.com"
	if _, err := w.CreateUser(t.Context(), ada, u.ID, Change{Email: &email}); err != nil {
		t.Fatal(err)
	}
	if gone, err := w.Deleted(t.Context(), []string{u.ID}); err != nil || len(gone) != 0 {
		t.Errorf("who came back: %v, %v", gone, err)
	}
}

func TestBanFor(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"none": 0, "0s": 0, "1h": time.Hour, "1h30m": 90 * time.Minute, "876000h": 876000 * time.Hour, "300ms": 300 * time.Millisecond,
	} {
		if got, err := banFor(text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "1", "1d", "-1h", "forever", "NONE", "9999999h", "1h "} {
		if got, err := banFor(text); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestValidHash(t *testing.T) {
	t.Parallel()
	good := hashPassword("quartz fjord 77")
	for text, want := range map[string]bool{
		good: true, "": false, "x": false, "quartz fjord 77": false, good[1:]: false, good + "$": false,
		strings.Replace(good, "argon2id", "argon2i", 1): false, strings.Replace(good, "m=19456", "m=999999999", 1): false,
		strings.Replace(good, "$m=", strings.Repeat("A", 600)+"$m=", 1): false,
		"$2b$10$": false,
		"$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy": true,
		"$2b$15$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy": false,
		"$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lh%W": false,
		"$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhW":  false,
	} {
		if got := validHash(text); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}
