package identity

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

const adas = "ada@example.com"

func TestCodeHasOneWinner(t *testing.T) {
	t.Parallel()
	w := start(t, func(o *Options) { o.Policy = DefaultPolicy(); o.Policy.Burst = 1000 })
	w.addUser(adas, "")
	digits := w.issue(adas)
	var (
		wg      sync.WaitGroup
		mu      sync.Mutex
		answers = map[string]int{}
	)
	for range 50 {
		wg.Go(func() {
			_, err := w.Verify(t.Context(), ada, adas, digits, "email")
			mu.Lock()
			defer mu.Unlock()
			answers[code(err)]++
		})
	}
	wg.Wait()
	if answers["ok"] != 1 || answers["otp_expired"] != 49 {
		t.Errorf("answers: %v", answers)
	}
	if n := w.count("login"); n != 1 {
		t.Errorf("%d sessions were opened", n)
	}
}

func TestWrongGuesses(t *testing.T) {
	t.Parallel()
	policy := func(o *Options) { o.Policy = DefaultPolicy(); o.Policy.Burst = 10_000 }
	t.Run("the fifth guess may be right", func(t *testing.T) {
		t.Parallel()
		w := start(t, policy)
		w.addUser(adas, "")
		digits := w.issue(adas)
		for range 4 {
			_, err := w.Verify(t.Context(), ada, adas, wrong(digits), "email")
			want(t, "wrong guess", err, "otp_expired")
		}
		_, err := w.Verify(t.Context(), ada, adas, " "+digits+" ", "email")
		want(t, "fifth guess", err, "ok")
	})
	t.Run("five kill the code, and another one is made", func(t *testing.T) {
		t.Parallel()
		w := start(t, policy)
		w.addUser(adas, "")
		digits := w.issue(adas)
		for range 5 {
			_, err := w.Verify(t.Context(), ada, adas, wrong(digits), "email")
			want(t, "wrong guess", err, "otp_expired")
		}
		_, err := w.Verify(t.Context(), ada, adas, digits, "email")
		want(t, "right guess at a dead code", err, "otp_expired")
		if again := w.issue(adas); again == digits {
			t.Error("the dead code was issued again")
		}
	})
	t.Run("parallel ones do not slip through", func(t *testing.T) {
		t.Parallel()
		w := start(t, policy)
		w.addUser(adas, "")
		digits := w.issue(adas)
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() { _, _ = w.Verify(t.Context(), ada, adas, wrong(digits), "email") })
		}
		wg.Wait()
		_, err := w.Verify(t.Context(), ada, adas, digits, "email")
		want(t, "right guess at a dead code", err, "otp_expired")
		if n := w.count("code_failed"); n != 5 {
			t.Errorf("%d guesses were compared, want 5", n)
		}
	})
}

func TestCodeLife(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	w.addUser(adas, "")
	digits, expires, err := w.IssueCode(t.Context(), " ADA@Example.com ")
	if err != nil || !expires.Equal(begin.Add(10*time.Minute)) {
		t.Fatalf("expires %v, %v", expires, err)
	}
	w.pass(9*time.Minute + 59*time.Second)
	if again, until, _ := w.IssueCode(t.Context(), adas); again != digits || !until.Equal(expires) {
		t.Errorf("a living code changed: %s until %v, then %s until %v", digits, expires, again, until)
	}
	w.pass(time.Second)
	_, err = w.Verify(t.Context(), ada, adas, digits, "email")
	want(t, "after ten minutes", err, "otp_expired")
	if again := w.issue(adas); again == digits {
		t.Error("an expired code was issued again")
	}
}

func TestCodeTypes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		purpose string
		kind    string
		want    string
	}{
		{purposeLogin, "email", "ok"}, {purposeLogin, "magiclink", "ok"}, {purposeLogin, "recovery", "ok"},
		{purposeLogin, "signup", "otp_expired"}, {purposeLogin, "invite", "otp_expired"}, {purposeLogin, "email_change", "otp_expired"},
		{purposeLogin, "sms", "validation_failed"}, {purposeLogin, "", "validation_failed"},
		{purposeSignup, "email", "ok"}, {purposeSignup, "signup", "ok"}, {purposeSignup, "invite", "ok"},
		{purposeSignup, "magiclink", "otp_expired"}, {purposeSignup, "recovery", "otp_expired"},
		{purposeReauth, "email", "otp_expired"}, {purposeReauth, "recovery", "otp_expired"},
	} {
		t.Run(tt.purpose+" as "+tt.kind, func(t *testing.T) {
			t.Parallel()
			w := start(t, nil)
			u := w.addUser(adas, "")
			var digits string
			err := w.db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				c, err := w.pending(ctx, tx, u, tt.purpose)
				digits = w.secrets.Digits(c, 6)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			_, err = w.Verify(t.Context(), ada, adas, digits, tt.kind)
			want(t, "verify", err, tt.want)
		})
	}
}

func TestCodeLimits(t *testing.T) {
	t.Parallel()
	ask := func(w *world, email string) error {
		return w.RequestCode(w.t.Context(), ada, CodeRequest{Email: email})
	}
	wait := func(t *testing.T, err error, seconds int) {
		t.Helper()
		want(t, "too early", err, "over_email_send_rate_limit")
		if w, ok := errors.AsType[Wait](err); !ok || w.Seconds() != seconds {
			t.Errorf("wait is %v, want %d s", w, seconds)
		}
	}
	t.Run("per address, however it is spelled", func(t *testing.T) {
		t.Parallel()
		w := start(t, nil)
		w.addUser(adas, "")
		want(t, "first", ask(w, adas), "ok")
		w.pass(18 * time.Second)
		for _, spelling := range []string{adas, "ADA@example.com", " ada@EXAMPLE.com\t"} {
			wait(t, ask(w, spelling), 42)
		}
		w.pass(42 * time.Second)
		want(t, "a minute later", ask(w, adas), "ok")
	})
	t.Run("parallel requests send one mail", func(t *testing.T) {
		t.Parallel()
		w := start(t, nil)
		w.addUser(adas, "")
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() { _ = ask(w, adas) })
		}
		wg.Wait()
		if n := w.count("code_sent"); n != 1 || len(w.letters) != 1 {
			t.Errorf("%d records, %d letters", n, len(w.letters))
		}
	})
	t.Run("the operator's codes do not count", func(t *testing.T) {
		t.Parallel()
		w := start(t, nil)
		w.addUser(adas, "")
		first := w.issue(adas)
		want(t, "right after the operator", ask(w, adas), "ok")
		if l := w.letter(); l.code != first {
			t.Errorf("the network got %s, the operator %s", l.code, first)
		}
		if w.issue(adas) != first {
			t.Error("the operator got another code")
		}
	})
	t.Run("per hour and per day", func(t *testing.T) {
		t.Parallel()
		w := start(t, nil)
		w.addUser(adas, "")
		sent := 0
		for range 24 * 60 / 3 {
			if ask(w, adas) == nil {
				sent++
				w.letter()
			}
			if w.now().Sub(begin) == 57*time.Minute && sent != 6 {
				t.Errorf("%d codes in the first hour, want 6", sent)
			}
			w.pass(3 * time.Minute)
		}
		if sent != 20 {
			t.Errorf("%d codes in a day, want 20", sent)
		}
	})
	t.Run("per server", func(t *testing.T) {
		t.Parallel()
		w := start(t, func(o *Options) { o.Policy = DefaultPolicy(); o.Policy.MailsPerHour = 2 })
		for _, name := range []string{"a", "b", "c"} {
			w.addUser(name+"@example.com", "")
		}
		want(t, "first", ask(w, "a@example.com"), "ok")
		w.pass(10 * time.Second)
		want(t, "second", ask(w, "b@example.com"), "ok")
		wait(t, ask(w, "c@example.com"), 3590)
	})
}

func TestUnknownAddresses(t *testing.T) {
	t.Parallel()
	t.Run("told by default", func(t *testing.T) {
		t.Parallel()
		w := start(t, nil)
		want(t, "no create", w.RequestCode(t.Context(), ada, CodeRequest{Email: "x@y.z"}), "otp_disabled")
		want(t, "no create, malformed", w.RequestCode(t.Context(), ada, CodeRequest{Email: "x"}), "otp_disabled")
		want(t, "create, closed", w.RequestCode(t.Context(), ada, CodeRequest{Email: "x@y.z", Create: true}), "signup_disabled")
		want(t, "create, malformed", w.RequestCode(t.Context(), ada, CodeRequest{Email: "x", Create: true}), "validation_failed")
		_, err := w.Verify(t.Context(), ada, "x@y.z", "123456", "email")
		want(t, "verify", err, "otp_expired")
	})
	t.Run("hidden on demand", func(t *testing.T) {
		t.Parallel()
		w := start(t, func(o *Options) { o.HideAccounts = true })
		w.addUser(adas, "")
		for _, create := range []bool{false, true} {
			for _, wanted := range []string{"ok", "over_email_send_rate_limit"} {
				for _, email := range []string{adas, "nobody@example.com"} {
					want(t, email, w.RequestCode(t.Context(), ada, CodeRequest{Email: email, Create: create}), wanted)
				}
			}
			w.pass(time.Minute)
		}
		if len(w.letters) != 2 {
			t.Errorf("%d letters, want 2 for the known address", len(w.letters))
		}
	})
	t.Run("never told by recover and resend", func(t *testing.T) {
		t.Parallel()
		w := start(t, nil)
		w.addUser(adas, "")
		for range 2 {
			for _, email := range []string{adas, "nobody@example.com"} {
				want(t, "recover "+email, w.Recover(t.Context(), ada, email), "ok")
			}
		}
		if len(w.letters) != 1 {
			t.Errorf("%d letters, want 1", len(w.letters))
		}
		for _, wanted := range []string{"ok", "over_email_send_rate_limit"} {
			for _, email := range []string{"known@example.com", "other@example.com"} {
				want(t, "resend "+email, w.Resend(t.Context(), ada, email), wanted)
			}
		}
		want(t, "malformed", w.Recover(t.Context(), ada, "x"), "validation_failed")
	})
}

// Whoever makes an account for somebody else's address must not keep a way in.
func TestPreparedAccount(t *testing.T) {
	t.Parallel()
	open := func(o *Options) { o.SignUp, o.ConfirmEmail = true, true }
	const stolen, own = "stranger waits 11", "owner comes 22"
	signUp := func(w *world, password string) {
		t.Helper()
		_, err := w.SignUp(w.t.Context(), ada, SignUpRequest{Email: adas, Password: password})
		want(t, "sign-up", err, "ok")
		w.pass(time.Minute)
	}
	t.Run("login by code forgets its password", func(t *testing.T) {
		t.Parallel()
		w := start(t, open)
		signUp(w, stolen)
		want(t, "code", w.RequestCode(t.Context(), ada, CodeRequest{Email: adas, Create: true}), "ok")
		w.letter()
		_, err := w.Verify(t.Context(), ada, adas, w.letter().code, "email")
		want(t, "verify", err, "ok")
		_, err = w.Password(t.Context(), ada, adas, stolen)
		want(t, "the stranger's password", err, "invalid_credentials")
	})
	t.Run("second sign-up forgets the first", func(t *testing.T) {
		t.Parallel()
		w := start(t, open)
		signUp(w, stolen)
		signUp(w, own)
		w.letter()
		_, err := w.Verify(t.Context(), ada, adas, w.letter().code, "signup")
		want(t, "verify", err, "ok")
		for _, password := range []string{stolen, own} {
			_, err = w.Password(t.Context(), ada, adas, password)
			want(t, password, err, "invalid_credentials")
		}
	})
	t.Run("the only sign-up keeps its password", func(t *testing.T) {
		t.Parallel()
		w := start(t, open)
		signUp(w, own)
		_, err := w.Password(t.Context(), ada, adas, own)
		want(t, "before the code", err, "email_not_confirmed")
		_, err = w.Verify(t.Context(), ada, adas, w.letter().code, "signup")
		want(t, "verify", err, "ok")
		_, err = w.Password(t.Context(), ada, adas, own)
		want(t, "after the code", err, "ok")
	})
}

func TestCodesAreNotStored(t *testing.T) {
	t.Parallel()
	w := start(t, func(o *Options) { o.Policy = DefaultPolicy(); o.Policy.CodeDigits = 10 })
	w.addUser(adas, "quartz fjord 77")
	digits := w.issue(adas)
	pending := w.files()
	g, err := w.Verify(t.Context(), ada, adas, digits, "email")
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{digits, g.AccessToken, g.RefreshToken, "quartz fjord 77"} {
		for _, text := range append(pending, w.files()...) {
			if strings.Contains(text, secret) {
				t.Errorf("%q is in a file of the data folder", secret)
			}
		}
	}
}

func TestLetters(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	w.addUser(adas, "")
	want(t, "ask", w.RequestCode(t.Context(), ada, CodeRequest{Email: adas}), "ok")
	l := w.letter()
	if l.to != adas || l.subject != "Your code for pi.local:8000" || strings.Contains(l.subject, l.code) {
		t.Errorf("to %s, subject %q", l.to, l.subject)
	}
	for _, part := range []string{l.code, "pi.local:8000", "10 minutes", "ever ask you"} {
		if !strings.Contains(l.text, part) {
			t.Errorf("the text lacks %q:\n%s", part, l.text)
		}
	}
	w.pass(7 * time.Minute)
	want(t, "ask again", w.RequestCode(t.Context(), ada, CodeRequest{Email: adas}), "ok")
	if again := w.letter(); again.code != l.code || !strings.Contains(again.text, "next 3 minutes") {
		t.Errorf("the living code was sent with:\n%s", again.text)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	type sent struct{ to, subject, text string }
	run := func(t *testing.T, w *world) {
		t.Helper()
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- w.Run(ctx) }()
		t.Cleanup(func() {
			stop()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("sends mail", func(t *testing.T) {
		t.Parallel()
		box := make(chan sent, 1)
		w := start(t, func(o *Options) {
			o.Mail = func(_ context.Context, to, subject, text string) error { box <- sent{to, subject, text}; return nil }
			o.Console = func(string, string) { t.Error("the code was shown although there is mail") }
		})
		w.addUser(adas, "")
		run(t, w)
		want(t, "ask", w.RequestCode(t.Context(), ada, CodeRequest{Email: adas}), "ok")
		if got := receive(t, box); got.to != adas || !strings.Contains(got.text, w.issue(adas)) {
			t.Errorf("sent %+v", got)
		}
	})
	t.Run("shows codes without mail", func(t *testing.T) {
		t.Parallel()
		box := make(chan sent, 1)
		w := start(t, func(o *Options) { o.Console = func(email, code string) { box <- sent{to: email, text: code} } })
		w.addUser(adas, "")
		run(t, w)
		want(t, "ask", w.RequestCode(t.Context(), ada, CodeRequest{Email: adas}), "ok")
		if got := receive(t, box); got.to != adas || got.text != w.issue(adas) {
			t.Errorf("shown %+v", got)
		}
	})
	t.Run("records what could not be sent", func(t *testing.T) {
		t.Parallel()
		w := start(t, func(o *Options) {
			o.Mail = func(context.Context, string, string, string) error { return errors.New("no route") }
		})
		u := w.addUser(adas, "")
		w.deliver(t.Context(), letter{userID: u.ID, to: adas})
		if n := w.count("mail_failed"); n != 1 {
			t.Errorf("%d records", n)
		}
		for range letterQueue + 1 {
			w.post(t.Context(), letter{userID: u.ID, to: adas})
		}
		if n := w.count("mail_dropped"); n != 1 || len(w.letters) != letterQueue {
			t.Errorf("%d dropped, %d wait", n, len(w.letters))
		}
	})
}

func TestPrune(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	u := w.addUser(adas, "")
	w.enter(adas)
	w.issue(adas)
	left := func() (codes, sessions, records int) {
		err := w.db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			if _, found, err := tx.Code(ctx, u.ID, purposeLogin); err != nil || found {
				codes = 1
			}
			if found, err := tx.SessionFrom(ctx, u.ID, ada.IP, time.Unix(0, 0)); err != nil || found {
				sessions = 1
			}
			all, err := tx.Audits(ctx, "", 100)
			records = len(all)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return codes, sessions, records
	}
	prune := func(all bool) {
		t.Helper()
		if err := w.prune(t.Context(), all); err != nil {
			t.Fatal(err)
		}
	}
	prune(false)
	if c, s, r := left(); c != 1 || s != 1 || r != 4 {
		t.Errorf("at once: %d codes, %d sessions, %d records", c, s, r)
	}
	w.pass(10 * time.Minute)
	prune(false)
	if c, s, r := left(); c != 0 || s != 1 || r != 4 {
		t.Errorf("after a code's life: %d codes, %d sessions, %d records", c, s, r)
	}
	w.pass(37 * 24 * time.Hour)
	prune(true)
	if c, s, r := left(); c != 0 || s != 0 || r != 4 {
		t.Errorf("after a session's life: %d codes, %d sessions, %d records", c, s, r)
	}
	w.mu.Lock()
	if len(w.events) != 1 || w.events[0].Type != tmates.EventSessionEnd || w.events[0].UserID != u.ID {
		t.Errorf("events: %+v", w.events)
	}
	w.mu.Unlock()
	w.pass(54 * 24 * time.Hour)
	prune(true)
	if _, _, r := left(); r != 0 {
		t.Errorf("after 91 days: %d records", r)
	}
}
