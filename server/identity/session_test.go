package identity

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

func (w *world) refresh(raw string) (Grant, error) { return w.Refresh(w.t.Context(), ada, raw) }

// mustRefresh follows the chain.
func (w *world) mustRefresh(raw string) Grant {
	w.t.Helper()
	g, err := w.refresh(raw)
	if err != nil {
		w.t.Fatal(err)
	}
	return g
}

func TestRefreshChain(t *testing.T) {
	t.Parallel()
	login := func(t *testing.T) (*world, Grant) {
		w := start(t, nil)
		w.addUser(adas, "")
		return w, w.enter(adas)
	}
	t.Run("the current token gives a new one of the same session", func(t *testing.T) {
		t.Parallel()
		w, first := login(t)
		w.pass(time.Minute)
		second := w.mustRefresh(first.RefreshToken)
		a, err := w.secrets.Verify(second.AccessToken, w.now())
		b, _ := w.secrets.Verify(first.AccessToken, w.now())
		if err != nil || a.SessionID != b.SessionID || second.RefreshToken == first.RefreshToken || !a.ExpiresAt.Equal(w.now().Add(time.Hour)) {
			t.Errorf("%+v, %+v, %v", a, b, err)
		}
		if len(second.Identities) != 1 || second.User.Email != adas || second.ExpiresIn != time.Hour {
			t.Errorf("grant %+v", second)
		}
	})
	t.Run("parallel uses get one new token", func(t *testing.T) {
		t.Parallel()
		w, first := login(t)
		var wg sync.WaitGroup
		got := make(chan string, 8)
		for range 8 {
			wg.Go(func() {
				g, err := w.refresh(first.RefreshToken)
				got <- g.RefreshToken + code(err)
			})
		}
		wg.Wait()
		one := <-got
		for range 7 {
			if other := <-got; other != one {
				t.Errorf("%s and %s", one, other)
			}
		}
	})
	t.Run("the parent is forgiven while the current one is unused", func(t *testing.T) {
		t.Parallel()
		w, first := login(t)
		second := w.mustRefresh(first.RefreshToken)
		for range 3 {
			w.pass(9 * 24 * time.Hour) // 27 days in all: a reissue does not count as a refresh
			if again := w.mustRefresh(first.RefreshToken); again.RefreshToken != second.RefreshToken {
				t.Fatal("the parent got another token")
			}
		}
		w.pass(3 * 24 * time.Hour)
		_, err := w.refresh(second.RefreshToken)
		want(t, "30 days after the last real refresh", err, "session_expired")
	})
	t.Run("the grandparent is forgiven for ten seconds from its own end", func(t *testing.T) {
		t.Parallel()
		w, first := login(t)
		second := w.mustRefresh(first.RefreshToken) // ends first
		w.pass(6 * time.Second)
		third := w.mustRefresh(second.RefreshToken)
		w.pass(3 * time.Second)
		if again := w.mustRefresh(first.RefreshToken); again.RefreshToken != third.RefreshToken {
			t.Error("the grandparent got another token")
		}
		w.pass(time.Second) // ten after its end; only seven since it was last forgiven
		_, err := w.refresh(first.RefreshToken)
		want(t, "ten seconds later", err, "refresh_token_already_used")
		_, err = w.refresh(third.RefreshToken)
		want(t, "the newest after that", err, "refresh_token_not_found")
		_, err = w.Authenticate(t.Context(), third.AccessToken)
		want(t, "the access token after that", err, "session_not_found")
		if w.ended() != 1 || w.count("reuse") != 1 {
			t.Errorf("%d ended, %d records", w.ended(), w.count("reuse"))
		}
	})
	t.Run("polling with it does not move the window", func(t *testing.T) {
		t.Parallel()
		w, first := login(t)
		second := w.mustRefresh(first.RefreshToken)
		w.mustRefresh(second.RefreshToken)
		var answers []string
		for range 3 {
			w.pass(5 * time.Second)
			_, err := w.refresh(first.RefreshToken)
			answers = append(answers, code(err))
		}
		if got := fmt.Sprint(answers); got != "[ok refresh_token_already_used refresh_token_not_found]" {
			t.Error(got)
		}
	})
	t.Run("a token newer than a restored database counts", func(t *testing.T) {
		t.Parallel()
		w, first := login(t)
		a, _ := w.secrets.Verify(first.AccessToken, w.now())
		var v tmates.Session
		read := func(ctx context.Context, tx *store.Tx) (err error) { v, err = tx.Session(ctx, a.SessionID); return err }
		if err := w.db.Read(t.Context(), read); err != nil {
			t.Fatal(err)
		}
		future, _ := w.secrets.Mint(v.ID, 7, v.Key)
		next := w.mustRefresh(future)
		if err := w.db.Read(t.Context(), read); err != nil || v.Counter != 8 {
			t.Errorf("counter %d, %v", v.Counter, err)
		}
		if again := w.mustRefresh(future); again.RefreshToken != next.RefreshToken {
			t.Error("the parent got another token")
		}
	})
	t.Run("what is not ours", func(t *testing.T) {
		t.Parallel()
		w, first := login(t)
		_, err := w.refresh("short")
		want(t, "malformed", err, "validation_failed")
		_, err = w.refresh(first.AccessToken)
		want(t, "access token", err, "validation_failed")
		a, _ := w.secrets.Verify(first.AccessToken, w.now())
		forged, _ := w.secrets.Mint(a.SessionID, 1, []byte("another key"))
		_, err = w.refresh(forged)
		want(t, "bad MAC", err, "refresh_token_not_found")
		_, err = w.refresh(first.RefreshToken)
		want(t, "the real one after all that", err, "ok")
	})
	t.Run("too many are told to wait", func(t *testing.T) {
		t.Parallel()
		w, g := login(t)
		for range 30 {
			g = w.mustRefresh(g.RefreshToken)
		}
		_, err := w.refresh(g.RefreshToken)
		want(t, "31st", err, "service_unavailable")
		if wait, _ := errors.AsType[Wait](err); wait.Seconds() != 10 {
			t.Errorf("wait %d s", wait.Seconds())
		}
		w.pass(10 * time.Second)
		w.mustRefresh(g.RefreshToken)
	})
}

func TestSessionLimits(t *testing.T) {
	t.Parallel()
	t.Run("inactivity and absolute life, on access and on refresh", func(t *testing.T) {
		t.Parallel()
		w := start(t, func(o *Options) {
			o.Policy = DefaultPolicy()
			o.Policy.AccessLife, o.Policy.Inactivity, o.Policy.Absolute = 24*time.Hour, 2*time.Hour, 5*time.Hour
		})
		w.addUser(adas, "")
		g := w.enter(adas)
		for range 4 {
			w.pass(time.Hour)
			g = w.mustRefresh(g.RefreshToken)
			_, err := w.Authenticate(t.Context(), g.AccessToken)
			want(t, "within all limits", err, "ok")
		}
		w.pass(time.Hour)
		_, err := w.Authenticate(t.Context(), g.AccessToken)
		want(t, "access after the absolute life", err, "session_not_found")
		_, err = w.refresh(g.RefreshToken)
		want(t, "refresh after the absolute life", err, "session_expired")
		idle := w.enter(adas)
		w.pass(2 * time.Hour)
		_, err = w.Authenticate(t.Context(), idle.AccessToken)
		want(t, "access after inactivity", err, "session_not_found")
		_, err = w.refresh(idle.RefreshToken)
		want(t, "refresh after inactivity", err, "session_expired")
	})
	t.Run("one more ends the oldest", func(t *testing.T) {
		t.Parallel()
		w := start(t, func(o *Options) { o.Policy = DefaultPolicy(); o.Policy.Sessions = 3 })
		w.addUser(adas, "")
		var all []Grant
		for range 4 {
			w.pass(time.Second)
			all = append(all, w.enter(adas))
		}
		for i, g := range all {
			_, err := w.Authenticate(t.Context(), g.AccessToken)
			want(t, fmt.Sprint("session ", i), err, map[bool]string{true: "session_not_found", false: "ok"}[i == 0])
		}
	})
}

func TestLogout(t *testing.T) {
	t.Parallel()
	for scope, alive := range map[string][2]string{
		"": {"session_not_found", "session_not_found"}, "global": {"session_not_found", "session_not_found"},
		"local": {"session_not_found", "ok"}, "others": {"ok", "session_not_found"},
	} {
		t.Run("scope "+scope, func(t *testing.T) {
			t.Parallel()
			w := start(t, nil)
			w.addUser(adas, "")
			w.addUser("eve@example.com", "")
			this, other, eve := w.enter(adas), w.enter(adas), w.enter("eve@example.com")
			authenticate := func() (got [3]string) {
				for i, g := range []Grant{this, other, eve} {
					_, err := w.Authenticate(t.Context(), g.AccessToken)
					got[i] = code(err)
				}
				return got
			}
			authenticate() // fills the cache: what ends must end at once all the same
			want(t, "logout", w.Logout(t.Context(), ada, this.AccessToken, scope), "ok")
			if got := authenticate(); got != [3]string{alive[0], alive[1], "ok"} {
				t.Errorf("after it: %v", got)
			}
			want(t, "again", w.Logout(t.Context(), ada, this.AccessToken, scope), "ok")
		})
	}
	t.Run("what it refuses", func(t *testing.T) {
		t.Parallel()
		w := start(t, nil)
		w.addUser(adas, "")
		this, other := w.enter(adas), w.enter(adas)
		want(t, "scope", w.Logout(t.Context(), ada, this.AccessToken, "all"), "validation_failed")
		want(t, "no token", w.Logout(t.Context(), ada, "", ""), "no_authorization")
		want(t, "anon key", w.Logout(t.Context(), ada, w.secrets.AnonKey(), ""), "bad_jwt")
		want(t, "local", w.Logout(t.Context(), ada, this.AccessToken, "local"), "ok")
		want(t, "global by an ended session", w.Logout(t.Context(), ada, this.AccessToken, "global"), "ok")
		_, err := w.Authenticate(t.Context(), other.AccessToken)
		want(t, "the other session", err, "ok")
	})
}

func TestAuthenticate(t *testing.T) {
	t.Parallel()
	t.Run("refuses", func(t *testing.T) {
		t.Parallel()
		w := start(t, nil)
		u := w.addUser(adas, "")
		g := w.enter(adas)
		for bearer, wanted := range map[string]string{
			"": "no_authorization", "x": "bad_jwt", w.secrets.AnonKey(): "bad_jwt", w.secrets.ServiceKey(): "bad_jwt", g.RefreshToken: "bad_jwt",
		} {
			_, err := w.Authenticate(t.Context(), bearer)
			want(t, bearer, err, wanted)
		}
		who, err := w.Authenticate(t.Context(), g.AccessToken)
		if err != nil || who.User.ID != u.ID || !who.Since.Equal(begin) {
			t.Errorf("%+v, %v", who, err)
		}
		// A token that names somebody else's session is nobody's.
		mixed, _, _ := w.signer.Access(tmates.User{ID: "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"}, tmates.Session{ID: who.SessionID}, begin)
		_, err = w.Authenticate(t.Context(), mixed)
		want(t, "somebody else's session", err, "session_not_found")
		w.pass(time.Hour)
		_, err = w.Authenticate(t.Context(), g.AccessToken)
		want(t, "expired", err, "bad_jwt")
	})
	t.Run("reads again after five seconds, or when told to forget", func(t *testing.T) {
		t.Parallel()
		w := start(t, nil)
		u := w.addUser(adas, "")
		g := w.enter(adas)
		ban := func(until time.Time) {
			t.Helper()
			u.BannedUntil = until
			err := w.db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error { _, err := tx.UpdateUser(ctx, u); return err })
			if err != nil {
				t.Fatal(err)
			}
		}
		check := func(what, wanted string) {
			t.Helper()
			_, err := w.Authenticate(t.Context(), g.AccessToken)
			want(t, what, err, wanted)
		}
		check("at first", "ok")
		ban(begin.AddDate(1, 0, 0))
		w.pass(4 * time.Second)
		check("behind this package's back", "ok")
		w.pass(time.Second)
		check("five seconds later", "user_banned")
		_, err := w.refresh(g.RefreshToken)
		want(t, "refresh", err, "user_banned")
		_, err = w.Verify(t.Context(), ada, adas, w.issue(adas), "email")
		want(t, "verify", err, "user_banned")
		ban(time.Time{})
		w.Forget(u.ID)
		check("told to forget", "ok")
	})
	t.Run("fails closed", func(t *testing.T) {
		t.Parallel()
		w := start(t, nil)
		w.addUser(adas, "")
		g := w.enter(adas)
		if err := w.db.Close(); err != nil {
			t.Fatal(err)
		}
		_, err := w.Authenticate(t.Context(), g.AccessToken)
		want(t, "access without a database", err, "service_unavailable")
		_, err = w.refresh(g.RefreshToken)
		want(t, "refresh without a database", err, "service_unavailable")
	})
	t.Run("a slow lookup cannot bring back what ended", func(t *testing.T) {
		t.Parallel()
		l := newLoginCache()
		_, generation, _ := l.get("s", begin, time.Minute)
		l.forget("u")
		l.put(knownLogin{at: begin, session: tmates.Session{ID: "s", UserID: "u"}}, generation)
		if _, _, fresh := l.get("s", begin, time.Minute); fresh {
			t.Error("the ended session is known")
		}
	})
}

func TestClock(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	before := startIn(t, dir, begin, nil)
	before.addUser(adas, "quartz fjord 77")
	digits := before.issue(adas)
	g := before.enter(adas)
	if err := before.db.Close(); err != nil {
		t.Fatal(err)
	}
	w := startIn(t, dir, time.Unix(0, 0).UTC(), nil)
	_, err := w.refresh(g.RefreshToken)
	want(t, "refresh in 1970", err, "service_unavailable")
	_, err = w.Verify(t.Context(), ada, adas, digits, "email")
	want(t, "verify in 1970", err, "service_unavailable")
	_, err = w.Password(t.Context(), ada, adas, "quartz fjord 77")
	want(t, "password in 1970", err, "service_unavailable")
	want(t, "code in 1970", w.RequestCode(t.Context(), ada, CodeRequest{Email: adas}), "service_unavailable")
	_, _, err = w.IssueCode(t.Context(), adas)
	want(t, "operator's code in 1970", err, "service_unavailable")
	_, err = w.Authenticate(t.Context(), g.AccessToken)
	want(t, "a good token in 1970", err, "ok")
	w.offset.Store(int64(-time.Minute))
	_, err = w.refresh(g.RefreshToken)
	want(t, "a minute behind", err, "ok")

	built := start(t, func(o *Options) { o.Built = begin.Add(2 * time.Minute) })
	_, err = built.SignUp(t.Context(), ada, SignUpRequest{})
	want(t, "sign-ups are closed first", err, "signup_disabled")
	want(t, "before the program was built", built.RequestCode(t.Context(), ada, CodeRequest{Email: adas}), "service_unavailable")
}
