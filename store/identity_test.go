package store_test

import (
	"bytes"
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// accounts is a database with one user and a clock that tests move.
type accounts struct {
	*store.DB
	t      *testing.T
	offset atomic.Int64
	events []tmates.Event
	ada    tmates.User
}

func openAccounts(t *testing.T) *accounts {
	t.Helper()
	a := &accounts{t: t}
	db, err := store.Open(t.Context(), store.Options{
		Dir: t.TempDir(), Synchronous: "normal", Now: func() time.Time { return noon.Add(time.Duration(a.offset.Load())) },
		OnEmit: func(evs []tmates.Event) { a.events = append(a.events, evs...) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	a.DB = db
	a.write(func(ctx context.Context, tx *store.Tx) (err error) {
		a.ada, err = tx.AddUser(ctx, tmates.User{ID: "u1", Email: "ada@example.com"})
		return err
	})
	return a
}

func (a *accounts) write(fn func(context.Context, *store.Tx) error) {
	a.t.Helper()
	if err := a.Write(a.t.Context(), fn); err != nil {
		a.t.Fatal(err)
	}
}

func (a *accounts) pass(d time.Duration) { a.offset.Add(int64(d)) }

func TestUsers(t *testing.T) {
	t.Parallel()
	a := openAccounts(t)
	a.pass(time.Second)
	a.write(func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.AddUser(ctx, tmates.User{ID: "u2", Email: "ada@example.com"}); err == nil || err.(*tmates.Error).Code != "email_exists" {
			t.Errorf("a taken address: %v", err)
		}
		if _, err := tx.AddUser(ctx, tmates.User{ID: "u3", Email: "bob@example.com"}); err != nil {
			return err
		}
		changed := tmates.User{
			ID: "u1", Email: "ignored", PasswordHash: "hash", Metadata: map[string]any{"full_name": "Ada"}, AppMetadata: map[string]any{"provider": "email"},
			ConfirmedAt: noon, LastSignInAt: noon.Add(time.Microsecond), BannedUntil: noon.Add(time.Hour), CreatedAt: noon,
		}
		stored, err := tx.UpdateUser(ctx, changed)
		if err != nil {
			return err
		}
		stored.Email = "ada@example.com"
		for _, read := range []func() (tmates.User, error){
			func() (tmates.User, error) { return tx.UserByID(ctx, "u1") },
			func() (tmates.User, error) { return tx.UserByEmail(ctx, "ada@example.com") },
		} {
			got, err := read()
			if d := cmp.Diff(stored, got); d != "" || err != nil {
				t.Error(d, err)
			}
		}
		if !stored.UpdatedAt.Equal(noon.Add(time.Second)) {
			t.Errorf("updated at %v", stored.UpdatedAt)
		}
		if _, err := tx.UserByID(ctx, "u2"); !errors.Is(err, store.ErrNoUser) {
			t.Errorf("unknown id: %v", err)
		}
		if _, err := tx.UserByEmail(ctx, "ADA@example.com"); !errors.Is(err, store.ErrNoUser) {
			t.Errorf("another spelling: %v", err)
		}
		if _, err := tx.UpdateUser(ctx, tmates.User{ID: "u2"}); !errors.Is(err, store.ErrNoUser) {
			t.Errorf("update of nobody: %v", err)
		}
		n, err := tx.CountUsers(ctx)
		first, err1 := tx.Users(ctx, "", 1)
		second, err2 := tx.Users(ctx, first[0].Email, 5)
		if n != 2 || len(first) != 1 || first[0].ID != "u1" || len(second) != 1 || second[0].ID != "u3" {
			t.Errorf("%d users, pages %v and %v", n, first, second)
		}
		return errors.Join(err, err1, err2)
	})
}

func TestIdentities(t *testing.T) {
	t.Parallel()
	a := openAccounts(t)
	a.write(func(ctx context.Context, tx *store.Tx) error {
		return tx.AddIdentity(ctx, tmates.Identity{ID: "i1", UserID: "u1", Provider: "email", Email: "ada@example.com"})
	})
	a.pass(time.Minute)
	a.write(func(ctx context.Context, tx *store.Tx) error {
		if err := tx.TouchIdentity(ctx, "u1", "email"); err != nil {
			return err
		}
		got, err := tx.Identities(ctx, "u1")
		later := noon.Add(time.Minute)
		want := []tmates.Identity{{
			ID: "i1", UserID: "u1", Provider: "email", Email: "ada@example.com", LastSignInAt: later, CreatedAt: noon, UpdatedAt: later,
		}}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
		return err
	})
}

func (a *accounts) addSession(id string) (v tmates.Session) {
	a.t.Helper()
	a.write(func(ctx context.Context, tx *store.Tx) (err error) {
		v, err = tx.AddSession(ctx, tmates.Session{
			ID: id, UserID: "u1", Key: bytes.Repeat([]byte{1, 0xfe}, 16), Counter: 1, UserAgent: "node", IP: "192.0.2.1",
			Methods: []tmates.AuthMethod{{Method: "otp", At: tx.Now}}, NotAfter: tx.Now.Add(48 * time.Hour),
		})
		return err
	})
	return v
}

func TestSessions(t *testing.T) {
	t.Parallel()
	a := openAccounts(t)
	v := a.addSession("s1")
	a.pass(time.Hour)
	a.write(func(ctx context.Context, tx *store.Tx) error {
		got, err := tx.Session(ctx, "s1")
		if d := cmp.Diff(v, got); d != "" || err != nil {
			t.Error(d, err)
		}
		v.Counter, v.Superseded = 2, []tmates.Supersession{{Counter: 1, At: tx.Now}}
		for _, want := range []bool{true, false} { // the counter is 2 afterwards
			if ok, err := tx.RefreshSession(ctx, v, 1); ok != want || err != nil {
				t.Errorf("refresh from 1: %v, %v", ok, err)
			}
		}
		v.RefreshedAt = tx.Now
		got, err = tx.Session(ctx, "s1")
		if d := cmp.Diff(v, got); d != "" || err != nil {
			t.Error(d, err)
		}
		for _, tt := range []struct {
			user, ip string
			since    time.Time
			want     bool
		}{
			{"u1", "192.0.2.1", noon, true}, {"u1", "192.0.2.1", tx.Now, false}, {"u1", "192.0.2.2", noon, false}, {"u2", "192.0.2.1", noon, false},
		} {
			if found, err := tx.SessionFrom(ctx, tt.user, tt.ip, tt.since); found != tt.want || err != nil {
				t.Errorf("%+v: %v, %v", tt, found, err)
			}
		}
		_, err = tx.Session(ctx, "s2")
		if !errors.Is(err, store.ErrNoSession) {
			t.Errorf("unknown session: %v", err)
		}
		return nil
	})
}

func TestEndOfSessions(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		end  func(context.Context, *store.Tx) error
		left string
	}{
		"one": {func(ctx context.Context, tx *store.Tx) error {
			there, err := tx.DeleteSession(ctx, "u1", "s2")
			again, err2 := tx.DeleteSession(ctx, "u1", "s2")
			if !there || again {
				t.Errorf("was there %v, again %v", there, again)
			}
			return errors.Join(err, err2)
		}, "s1 s3 "},
		"somebody else's": {func(ctx context.Context, tx *store.Tx) error { _, err := tx.DeleteSession(ctx, "u2", "s2"); return err }, "s1 s2 s3 "},
		"all":             {func(ctx context.Context, tx *store.Tx) error { _, err := tx.DeleteSessions(ctx, "u1", ""); return err }, ""},
		"all but one": {func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.DeleteSessions(ctx, "u1", "s2")
			return err
		}, "s2 "},
		"the oldest": {func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.DeleteOldestSessions(ctx, "u1", 2)
			return err
		}, "s2 s3 "},
		"fewer than enough": {func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.DeleteOldestSessions(ctx, "u1", 3)
			return err
		}, "s1 s2 s3 "},
		"idle ones": {func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.PruneSessions(ctx, noon.Add(30*time.Minute), noon)
			return err
		}, "s2 s3 "},
		"over ones": {func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.PruneSessions(ctx, noon, noon.Add(49*time.Hour+time.Second))
			return err
		}, "s3 "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := openAccounts(t)
			for _, id := range []string{"s1", "s2", "s3"} {
				a.addSession(id)
				a.pass(time.Hour)
			}
			a.write(tt.end)
			left, ended := "", map[string]bool{}
			for _, ev := range a.events {
				if ev.Type != tmates.EventSessionEnd || ev.UserID != "u1" {
					t.Errorf("event %+v", ev)
				}
				ended[ev.SessionID] = true
			}
			for _, id := range []string{"s1", "s2", "s3"} {
				a.write(func(ctx context.Context, tx *store.Tx) error {
					_, err := tx.Session(ctx, id)
					if err == nil {
						left += id + " "
					}
					if (err == nil) == ended[id] {
						t.Errorf("%s: %v, told to be ended: %v", id, err, ended[id])
					}
					return nil
				})
			}
			if left != tt.left {
				t.Errorf("left %q, want %q", left, tt.left)
			}
		})
	}
}

func TestCodes(t *testing.T) {
	t.Parallel()
	a := openAccounts(t)
	c := tmates.Code{
		UserID: "u1", Purpose: "login", Email: "ada@example.com", Nonce: []byte{0, 0xff, 3}, CreatedAt: noon, ExpiresAt: noon.Add(10 * time.Minute),
	}
	newer := c
	newer.Nonce = []byte("newer")
	read := func(ctx context.Context, tx *store.Tx, purpose string) (tmates.Code, bool) {
		got, found, err := tx.Code(ctx, "u1", purpose)
		if err != nil {
			t.Error(err)
		}
		return got, found
	}
	a.write(func(ctx context.Context, tx *store.Tx) error {
		if err := tx.UpsertCode(ctx, c); err != nil {
			return err
		}
		if got, found := read(ctx, tx, "login"); !found || !cmp.Equal(c, got) {
			t.Error(cmp.Diff(c, got))
		}
		for n, want := range []bool{true, true, false} {
			if counted, err := tx.AddGuess(ctx, "u1", "login", 2); counted != want || err != nil {
				t.Errorf("guess %d: %v, %v", n, counted, err)
			}
		}
		if got, _ := read(ctx, tx, "login"); got.Guesses != 2 {
			t.Errorf("%d guesses", got.Guesses)
		}
		if err := tx.UpsertCode(ctx, newer); err != nil {
			return err
		}
		if got, _ := read(ctx, tx, "login"); !cmp.Equal(newer, got) {
			t.Error(cmp.Diff(newer, got))
		}
		for n, tt := range []struct {
			c    tmates.Code
			want bool
		}{{c, false}, {newer, true}, {newer, false}} {
			if won, err := tx.ConsumeCode(ctx, tt.c); won != tt.want || err != nil {
				t.Errorf("consume %d: %v, %v", n, won, err)
			}
		}
		return tx.UpsertCode(ctx, c)
	})
	a.pass(10*time.Minute - time.Microsecond)
	a.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.PruneCodes(ctx)
		if _, found := read(ctx, tx, "login"); !found {
			t.Error("a living code was pruned")
		}
		return err
	})
	a.pass(time.Microsecond)
	a.write(func(ctx context.Context, tx *store.Tx) error {
		counted, err1 := tx.AddGuess(ctx, "u1", "login", 5)
		won, err2 := tx.ConsumeCode(ctx, c)
		if counted || won {
			t.Errorf("expired: counted %v, won %v", counted, won)
		}
		_, err3 := tx.PruneCodes(ctx)
		if _, found := read(ctx, tx, "login"); found {
			t.Error("an expired code was kept")
		}
		err4 := tx.UpsertCode(ctx, c)
		err5 := tx.DeleteCodes(ctx, "u1")
		if _, found := read(ctx, tx, "login"); found {
			t.Error("a deleted code was kept")
		}
		return errors.Join(err1, err2, err3, err4, err5)
	})
}

func TestAudit(t *testing.T) {
	t.Parallel()
	a := openAccounts(t)
	add := func(event, user string) {
		a.write(func(ctx context.Context, tx *store.Tx) error {
			return tx.AddAudit(ctx, tmates.Audit{Event: event, UserID: user, SessionID: "s", IP: "::1", UserAgent: "node", Detail: "d"})
		})
		a.pass(time.Second)
	}
	add("login", "u1")  // 0 s
	add("login", "u2")  // 1 s
	add("login", "u1")  // 2 s
	add("logout", "u1") // 3 s
	a.write(func(ctx context.Context, tx *store.Tx) error {
		for _, tt := range []struct {
			user string
			n    int
			want time.Time
		}{
			{"u1", 1, noon.Add(2 * time.Second)}, {"u1", 2, noon}, {"u1", 3, time.Time{}}, {"u3", 1, time.Time{}},
			{"", 1, noon.Add(2 * time.Second)}, {"", 2, noon.Add(time.Second)}, {"", 3, noon}, {"", 4, time.Time{}},
		} {
			got, err := tx.AuditTime(ctx, tt.user, "login", tt.n)
			if tt.user == "" {
				got, err = tx.AuditTimeAll(ctx, "login", tt.n)
			}
			if !got.Equal(tt.want) || err != nil {
				t.Errorf("%+v: %v, %v", tt, got, err)
			}
		}
		mine, err := tx.Audits(ctx, "u2", 9)
		want := []tmates.Audit{{At: noon.Add(time.Second), Event: "login", UserID: "u2", SessionID: "s", IP: "::1", UserAgent: "node", Detail: "d"}}
		if d := cmp.Diff(want, mine); d != "" {
			t.Error(d)
		}
		if err := tx.PruneAudit(ctx, noon.Add(2*time.Second)); err != nil {
			return err
		}
		all, err2 := tx.Audits(ctx, "", 9)
		if len(all) != 2 || all[0].Event != "logout" || all[1].Event != "login" {
			t.Errorf("left: %+v", all)
		}
		return errors.Join(err, err2)
	})
}

func TestNewestTime(t *testing.T) {
	t.Parallel()
	a := openAccounts(t)
	newest := func() (at time.Time) {
		t.Helper()
		err := a.Read(t.Context(), func(ctx context.Context, tx *store.Tx) (err error) { at, err = tx.NewestTime(ctx); return err })
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	if got := newest(); !got.Equal(noon) {
		t.Errorf("of an account: %v", got)
	}
	a.pass(time.Hour)
	a.addSession("s1")
	if got := newest(); !got.Equal(noon.Add(time.Hour)) {
		t.Errorf("of a session: %v", got)
	}
	a.pass(time.Hour)
	a.write(func(ctx context.Context, tx *store.Tx) error { return tx.AddAudit(ctx, tmates.Audit{Event: "x"}) })
	if got := newest(); !got.Equal(noon.Add(2 * time.Hour)) {
		t.Errorf("of a record: %v", got)
	}
	a.pass(time.Hour)
	a.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.AddJob(ctx, tmates.Job{ID: "j1", UserID: "u1", TmateKey: "adam"})
		return err
	})
	if got := newest(); !got.Equal(noon.Add(3 * time.Hour)) {
		t.Errorf("of a job: %v", got)
	}
	empty, err := store.Open(t.Context(), store.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = empty.Close() }()
	err = empty.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		if at, err := tx.NewestTime(ctx); !at.IsZero() || err != nil {
			t.Errorf("of an empty database: %v, %v", at, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
