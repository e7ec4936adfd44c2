package identity

import (
	"errors"
	"testing"
	"time"
)

func TestCodePause(t *testing.T) {
	t.Parallel()
	w := start(t, func(o *Options) { o.Policy = DefaultPolicy(); o.Policy.Burst = 10_000; o.Policy.WrongCodes = 10 })
	w.addUser(adas, "quartz fjord 77")
	for range 2 {
		digits := w.issue(adas)
		for range 5 {
			_, _ = w.Verify(t.Context(), ada, adas, wrong(digits), "email")
		}
	}
	err := w.RequestCode(t.Context(), ada, CodeRequest{Email: adas})
	want(t, "paused", err, "over_request_rate_limit")
	if wait, _ := errors.AsType[Wait](err); wait.Seconds() != 3600 {
		t.Errorf("pause of %d s", wait.Seconds())
	}
	_, err = w.Password(t.Context(), ada, adas, "quartz fjord 77")
	want(t, "password while paused", err, "ok")
	_, err = w.Verify(t.Context(), ada, adas, w.issue(adas), "email")
	want(t, "code from the machine while paused", err, "ok")
	w.pass(time.Hour)
	want(t, "after the pause", w.RequestCode(t.Context(), ada, CodeRequest{Email: adas}), "ok")
}

// TestAStrangerCannotLockOut: whoever knows the address can end neither the
// codes of the operator with a single guess, nor the pause never.
func TestAStrangerCannotLockOut(t *testing.T) {
	t.Parallel()
	w := start(t, func(o *Options) { o.Policy = DefaultPolicy(); o.Policy.Burst = 10_000; o.Policy.WrongCodes = 10 })
	w.addUser(adas, "")
	guess := func(times int) {
		digits := w.issue(adas)
		for range times {
			_, _ = w.Verify(t.Context(), ada, adas, wrong(digits), "email")
		}
	}
	guess(5)
	guess(5)
	for range 3 {
		w.pass(15 * time.Minute)
		guess(4) // one less than kills a code
		_, err := w.Verify(t.Context(), ada, adas, w.issue(adas), "email")
		want(t, "the operator's code during the attack", err, "ok")
	}
	w.pass(15 * time.Minute)
	want(t, "an hour after the pause began", w.RequestCode(t.Context(), ada, CodeRequest{Email: adas}), "ok")
	if n := w.count("code_paused"); n != 1 {
		t.Errorf("%d pauses", n)
	}
}
