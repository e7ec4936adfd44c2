package identity

import (
	"context"
	"encoding/base64"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/tmates/tmates/store"
)

const good = "quartz fjord 77"

func b64(b []byte) string { return base64.RawStdEncoding.EncodeToString(b) }

func TestHash(t *testing.T) {
	t.Parallel()
	stored := hashPassword(good)
	if !strings.HasPrefix(stored, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("stored %s", stored)
	}
	c, salt, hash, ok := parsePHC(stored)
	if !ok || c != cost || len(salt) != 16 || len(hash) != 32 {
		t.Errorf("%+v, %d, %d, %v", c, len(salt), len(hash), ok)
	}
	if hashPassword(good) == stored {
		t.Error("two hashes share a salt")
	}
	// An older, cheaper cost still verifies and asks to be replaced.
	older := argonCost{memory: 64, passes: 1, lanes: 1}
	old := "$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$" + b64(older.hash(good, make([]byte, 16), 32))
	imported, err := bcrypt.GenerateFromPassword([]byte(good), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", 72)
	cut, _ := bcrypt.GenerateFromPassword([]byte(long), bcrypt.MinCost)
	for _, tt := range []struct {
		name, stored, password string
		ok, stale              bool
	}{
		{"right", stored, good, true, false},
		{"wrong", stored, good + " ", false, false},
		{"older cost", old, good, true, true},
		{"bcrypt", string(imported), good, true, true},
		{"bcrypt, wrong", string(imported), "x", false, true},
		{"bcrypt reads 72 bytes", string(cut), long + "more", true, false},
		{"none", "", good, false, false},
		{"greedy", "$argon2id$v=19$m=4194304,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$" + b64(make([]byte, 32)), good, false, false},
		{"no passes", "$argon2id$v=19$m=64,t=0,p=1$AAAAAAAAAAAAAAAAAAAAAA$" + b64(make([]byte, 32)), good, false, false},
		{"garbage", "$argon2id$v=19$m=64,t=1", good, false, false},
	} {
		if ok, stale := checkPassword(tt.stored, tt.password); ok != tt.ok || ok && stale != tt.stale {
			t.Errorf("%s: %v, stale %v", tt.name, ok, stale)
		}
	}
	for a, b := range map[string]string{long + "a": long + "b", "trailing 12 ": "trailing 12", "nul\x00a bytes": "nul\x00b bytes", "Case Matters": "case matters"} {
		if ok, _ := checkPassword(hashPassword(a), b); ok {
			t.Errorf("%q opens what %q locked", b, a)
		}
	}
}

func TestHashesAreBounded(t *testing.T) {
	t.Parallel()
	h := newHashes(2)
	release, running := make(chan struct{}), make(chan struct{}, 100)
	var wg sync.WaitGroup
	results := make(chan error, 100)
	for range 18 {
		wg.Go(func() {
			results <- h.do(t.Context(), func() error { running <- struct{}{}; <-release; return nil })
		})
	}
	<-running
	<-running
	for h.present.Load() < 18 {
		runtime.Gosched() // until every waiter stands in the queue
	}
	if err := h.do(t.Context(), func() error { return nil }); !errors.Is(err, errHashesFull) {
		t.Errorf("the 19th: %v", err)
	}
	if len(running) != 0 {
		t.Error("more than two ran at once")
	}
	close(release)
	wg.Wait()
	for range 18 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	full := newHashes(1)
	full.turns <- struct{}{}
	if err := full.do(ctx, func() error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("gone client: %v", err)
	}
}

func TestPasswordLogin(t *testing.T) {
	t.Parallel()
	t.Run("right, wrong, unknown", func(t *testing.T) {
		t.Parallel()
		w := start(t, nil)
		w.addUser(adas, good)
		w.addUser("codes@example.com", "")
		g, err := w.Password(t.Context(), ada, "Ada@Example.com ", good)
		if err != nil || g.WeakPassword != nil || g.User.LastSignInAt != begin {
			t.Fatalf("%+v, %v", g, err)
		}
		_, known := w.Password(t.Context(), ada, adas, "wrong")
		for _, email := range []string{"nobody@example.com", "codes@example.com", "malformed"} {
			_, err := w.Password(t.Context(), ada, email, "wrong")
			if !errors.Is(err, errCredentials) || !errors.Is(known, errCredentials) {
				t.Errorf("%s: %v, known: %v", email, err, known)
			}
		}
		_, err = w.Password(t.Context(), ada, " ", good)
		want(t, "no address", err, "validation_failed")
	})
	t.Run("an older hash is replaced, a weak password is told", func(t *testing.T) {
		t.Parallel()
		w := start(t, nil)
		u := w.addUser(adas, "")
		imported, _ := bcrypt.GenerateFromPassword([]byte("password"), bcrypt.MinCost)
		u.PasswordHash = string(imported)
		err := w.db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error { _, err := tx.UpdateUser(ctx, u); return err })
		if err != nil {
			t.Fatal(err)
		}
		g, err := w.Password(t.Context(), ada, adas, "password")
		if err != nil || len(g.WeakPassword) != 1 || g.WeakPassword[0] != "pwned" || !strings.HasPrefix(g.User.PasswordHash, "$argon2id$") {
			t.Errorf("%v, %v, hash %.10s", g.WeakPassword, err, g.User.PasswordHash)
		}
		_, err = w.Password(t.Context(), ada, adas, "password")
		want(t, "with the new hash", err, "ok")
	})
	t.Run("wrong ones per account, known or not, but not at home", func(t *testing.T) {
		t.Parallel()
		w := start(t, func(o *Options) { o.Policy = DefaultPolicy(); o.Policy.WrongPasswords = 3 })
		w.addUser(adas, good)
		w.enter(adas) // a live session at ada's address
		eve := Client{IP: "203.0.113.9"}
		for _, email := range []string{adas, "nobody@example.com"} {
			for range 3 {
				_, err := w.Password(t.Context(), eve, email, "wrong")
				want(t, email, err, "invalid_credentials")
			}
			w.pass(30 * time.Second)
			_, err := w.Password(t.Context(), eve, email, good)
			want(t, email+" from a strange address", err, "over_request_rate_limit")
			if wait, _ := errors.AsType[Wait](err); wait.Seconds() != 870 {
				t.Errorf("%s: wait %d s", email, wait.Seconds())
			}
		}
		_, err := w.Password(t.Context(), ada, adas, good)
		want(t, "from home", err, "ok")
		w.pass(15 * time.Minute)
		_, err = w.Password(t.Context(), eve, adas, good)
		want(t, "later", err, "ok")
	})
	t.Run("tries per client", func(t *testing.T) {
		t.Parallel()
		w := start(t, func(o *Options) { o.Policy = DefaultPolicy(); o.Policy.Burst = 2 })
		for _, wanted := range []string{"invalid_credentials", "invalid_credentials", "over_request_rate_limit"} {
			_, err := w.Password(t.Context(), ada, "x@y.z", "wrong")
			want(t, "try", err, wanted)
		}
		_, err := w.Password(t.Context(), Client{IP: "192.0.2.2"}, "x@y.z", "wrong")
		want(t, "another client", err, "invalid_credentials")
	})
}

func TestPasswordChange(t *testing.T) {
	t.Parallel()
	login := func(t *testing.T, password string) (*world, Grant, Login) {
		w := start(t, nil)
		w.addUser(adas, password)
		g := w.enter(adas)
		who, err := w.Authenticate(t.Context(), g.AccessToken)
		if err != nil {
			t.Fatal(err)
		}
		return w, g, who
	}
	change := func(w *world, who Login, up Update) error {
		_, err := w.UpdateUser(w.t.Context(), ada, who, up)
		return err
	}
	next := "vellum tundra 42"
	t.Run("ends the other sessions and every code", func(t *testing.T) {
		t.Parallel()
		w, this, who := login(t, good)
		other := w.enter(adas)
		digits := w.issue(adas)
		_, _ = w.Authenticate(t.Context(), other.AccessToken)
		want(t, "change", change(w, who, Update{Password: &next}), "ok")
		_, err := w.Authenticate(t.Context(), this.AccessToken)
		want(t, "this session", err, "ok")
		_, err = w.Authenticate(t.Context(), other.AccessToken)
		want(t, "other session", err, "session_not_found")
		_, err = w.Verify(t.Context(), ada, adas, digits, "email")
		want(t, "pending code", err, "otp_expired")
		_, err = w.Password(t.Context(), ada, adas, good)
		want(t, "old password", err, "invalid_credentials")
		_, err = w.Password(t.Context(), ada, adas, next)
		want(t, "new password", err, "ok")
		if l := w.letter(); l.subject != "Your password at pi.local:8000 was changed" || l.code != "" {
			t.Errorf("letter %+v", l)
		}
	})
	t.Run("refuses", func(t *testing.T) {
		t.Parallel()
		w, this, who := login(t, good)
		same, short, long := good, "aB3$", strings.Repeat("é", 129)
		want(t, "same", change(w, who, Update{Password: &same}), "same_password")
		want(t, "short", change(w, who, Update{Password: &short}), "weak_password")
		want(t, "long", change(w, who, Update{Password: &long}), "validation_failed")
		want(t, "wrong current one", change(w, who, Update{Password: &next, CurrentPassword: "x"}), "current_password_invalid")
		want(t, "logout", w.Logout(t.Context(), ada, this.AccessToken, ""), "ok")
		want(t, "by an ended session", change(w, who, Update{Password: &next}), "session_not_found")
	})
	t.Run("an old login proves itself again", func(t *testing.T) {
		t.Parallel()
		w, _, who := login(t, good)
		w.pass(24*time.Hour + time.Second)
		want(t, "with nothing", change(w, who, Update{Password: &next}), "reauthentication_needed")
		want(t, "with a wrong nonce", change(w, who, Update{Password: &next, Nonce: "123456"}), "reauthentication_not_valid")
		want(t, "with a login code", change(w, who, Update{Password: &next, Nonce: w.issue(adas)}), "reauthentication_not_valid")
		want(t, "ask", w.Reauthenticate(t.Context(), ada, who), "ok")
		nonce := w.letter().code
		want(t, "with the mailed code", change(w, who, Update{Password: &next, Nonce: nonce}), "ok")
		third := "ochre glacier 9"
		want(t, "with the same code", change(w, who, Update{Password: &third, Nonce: nonce}), "reauthentication_not_valid")
		want(t, "with the current password", change(w, who, Update{Password: &third, CurrentPassword: next}), "ok")
	})
}
