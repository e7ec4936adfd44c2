package cmd_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/tmates/tmates/cmd/app/apptest"
)

// TestRescue gives a locked-out person a password and ends logins, with the
// server running and without.
func TestRescue(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMATES_DATA", dir)
	run := func(code int, want, in string, args ...string) {
		t.Helper()
		r := tmates(in, args...)
		if r.code != code || !strings.Contains(r.out+r.err, want) {
			t.Fatalf("%v: exit %d\n%s%s\nwant %d, %q", args, r.code, r.out, r.err, code, want)
		}
	}
	sessions := func() (ids []string) {
		t.Helper()
		var all []struct{ ID, Device, Address string }
		r := tmates("", "user", "sessions", "ada@example.com", "--json")
		if err := json.Unmarshal([]byte(r.out), &all); err != nil {
			t.Fatalf("%v: %s%s", err, r.out, r.err)
		}
		for _, v := range all {
			ids = append(ids, v.ID)
		}
		return ids
	}
	const first, second = "a horse of clover 17", "seven grey herons 42"
	run(0, "ada@example.com", "", "user", "add", "ada@example.com")
	run(2, "--password-stdin", "", "user", "password", "ada@example.com")
	run(2, "found no password", "", "user", "password", "ada@example.com", "--password-stdin")
	run(1, "assword", "short", "user", "password", "ada@example.com", "--password-stdin")
	run(1, "no such user", first, "user", "password", "nobody@example.com", "--password-stdin")
	run(0, "ada@example.com has a new password", first, "user", "password", "ADA@example.com", "--password-stdin")
	run(0, "logged in nowhere", "", "user", "sessions", "ada@example.com")

	a := apptest.Start(t, apptest.Options{Dir: dir})
	enter := func(password string) int {
		t.Helper()
		return a.Do("POST", "/auth/v1/token?grant_type=password", "", map[string]string{"email": "ada@example.com", "password": password}).Status
	}
	if got := enter(first); got != 200 {
		t.Fatalf("with the password set before the start: %d", got)
	}
	ada := a.Login("ada@example.com")
	if got := sessions(); len(got) != 2 {
		t.Fatalf("sessions: %v", got)
	}
	run(1, "ession not found", "", "user", "logout", "ada@example.com", "--session", "00000000-0000-4000-8000-000000000000")
	run(0, "1 ended", "", "user", "logout", "ada@example.com", "--session", sessions()[1]) // the older one
	if res := ada.Do("GET", "/v1/profile", nil); res.Status != 200 {
		t.Errorf("another login ended: %d %s", res.Status, res.Body)
	}
	run(0, "1 ended", "", "user", "logout", "ada@example.com")
	if res := ada.Do("GET", "/v1/profile", nil); res.Status != 401 {
		t.Errorf("after every login ended: %d %s", res.Status, res.Body)
	}
	ada = a.Login("ada@example.com")
	run(0, "has a new password", second, "user", "password", "ada@example.com", "--password-stdin")
	if res := ada.Do("GET", "/v1/profile", nil); res.Status != 401 {
		t.Errorf("a new password left a login: %d %s", res.Status, res.Body)
	}
	if old, now := enter(first), enter(second); old != 400 || now != 200 {
		t.Errorf("old password: %d, new one: %d", old, now)
	}
	a.Stop()
	run(0, "1 ended", "", "user", "logout", "ada@example.com")
	if got := sessions(); len(got) != 0 {
		t.Errorf("left: %v", got)
	}
}
