package identity

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tmates/tmates/store"
)

// TestExpiredCodesGoWhileOthersAreMade: a busy server erases them as an idle one
// does.
func TestExpiredCodesGoWhileOthersAreMade(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	old := w.addUser(adas, "")
	w.addUser("busy@example.com", "")
	w.issue(adas)
	for i := range 12 {
		w.pass(time.Minute)
		if i%5 == 0 {
			w.enter("busy@example.com")
		}
		if err := w.prune(t.Context(), false); err != nil {
			t.Fatal(err)
		}
	}
	err := w.db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		for _, purpose := range []string{purposeLogin, purposeSignup} {
			if _, found, err := tx.Code(ctx, old.ID, purpose); found || err != nil {
				t.Errorf("two minutes after its end: found %v, %v", found, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestLettersDoNotDelayTheCleaning: sessions long dead go within hours, however
// many letters are sent.
func TestLettersDoNotDelayTheCleaning(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := start(t, nil)
		w.addUser(adas, "")
		w.enter(adas)
		w.pass(200 * 24 * time.Hour)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- w.Run(ctx) }()
		for range 130 { // a letter in the middle of each minute
			time.Sleep(30 * time.Second)
			w.post(ctx, letter{to: "x", userID: "x"})
			time.Sleep(30 * time.Second)
			synctest.Wait()
		}
		if n := w.ended(); n != 1 {
			t.Errorf("%d sessions ended, want 1", n)
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := w.db.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestAClockThatHoppedEndsNoLogin: a stranger's request while the clock is a day
// ahead must not log everybody out once it is right again.
func TestAClockThatHoppedEndsNoLogin(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	w.addUser(adas, "")
	g := w.enter(adas)
	w.pass(24 * time.Hour)
	_, _ = w.Password(t.Context(), ada, "nobody@example.com", "xxxxxxxxxx")
	w.pass(-24 * time.Hour)
	_, err := w.Authenticate(t.Context(), g.AccessToken)
	want(t, "a good token", err, "ok")
	_, err = w.Refresh(t.Context(), ada, g.RefreshToken)
	want(t, "issuing while the clock is behind", err, "service_unavailable")
}

// TestHiddenAddressesPauseAlike: a pause tells no more than everything else.
func TestHiddenAddressesPauseAlike(t *testing.T) {
	t.Parallel()
	w := start(t, func(o *Options) { o.Policy = DefaultPolicy(); o.Policy.WrongCodes = 5; o.HideAccounts = true })
	w.addUser(adas, "")
	for _, address := range []string{adas, "ghost@example.com"} {
		ask := func() string { return code(w.RequestCode(t.Context(), ada, CodeRequest{Email: address})) }
		answers := ask()
		for range 5 {
			_, err := w.Verify(t.Context(), ada, address, "000000", "email")
			want(t, "a guess", err, "otp_expired")
		}
		w.pass(2 * time.Minute)
		answers += " " + ask() + " " + ask()
		if answers != "ok ok over_email_send_rate_limit" {
			t.Errorf("%s: %s", address, answers)
		}
	}
}
