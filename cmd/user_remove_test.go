package cmd_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/tmates/tmates/cmd/app/apptest"
)

// TestAccountsComeAndGo suspends and deletes accounts with the server running
// and without.
func TestAccountsComeAndGo(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMATES_DATA", dir)
	run := func(code int, want string, args ...string) {
		t.Helper()
		r := tmates("", args...)
		if r.code != code || !strings.Contains(r.out+r.err, want) {
			t.Fatalf("%v: exit %d\n%s%s\nwant %d, %q", args, r.code, r.out, r.err, code, want)
		}
	}
	emails := func() string {
		t.Helper()
		var users []struct{ Email, Role string }
		r := tmates("", "user", "list", "--json")
		if err := json.Unmarshal([]byte(r.out), &users); err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, u := range users {
			all = append(all, u.Email+" "+u.Role)
		}
		return strings.Join(all, ", ")
	}
	for _, email := range []string{"ada@example.com", "bob@example.com", "cleo@example.com"} {
		run(0, email, "user", "add", email)
	}
	run(2, "add --yes", "user", "remove", "bob@example.com")
	run(1, "no such user", "user", "remove", "nobody@example.com", "--yes")
	run(2, "--for", "user", "ban", "bob@example.com", "--for", "-1h")
	run(1, "no such user", "user", "ban", "nobody@example.com")
	run(0, "bob@example.com is suspended", "user", "ban", "BOB@example.com", "--for", "24h")

	a := apptest.Start(t, apptest.Options{Dir: dir})
	cleo := a.Login("cleo@example.com")
	verify := func(email string) int {
		t.Helper()
		code := strings.TrimSpace(tmates("", "user", "code", email).out)
		return a.Do("POST", "/auth/v1/verify", "", map[string]string{"email": email, "token": code, "type": "email"}).Status
	}
	if got := verify("bob@example.com"); got != 403 {
		t.Errorf("suspended without a server: %d", got)
	}
	run(0, "may log in again", "user", "unban", "bob@example.com")
	if got := verify("bob@example.com"); got != 200 {
		t.Errorf("pardoned: %d", got)
	}
	run(0, "is suspended", "user", "ban", "cleo@example.com")
	if res := cleo.Do("GET", "/v1/profile", nil); res.Status != 401 {
		t.Errorf("suspended while logged in: %d %s", res.Status, res.Body)
	}
	run(0, "cleo@example.com is deleted", "user", "remove", "cleo@example.com", "--yes")
	a.Stop()
	run(0, "ada@example.com is deleted", "user", "remove", " Ada@example.com", "--yes")
	if got := emails(); got != "bob@example.com owner" {
		t.Errorf("left: %s", got)
	}
}

func TestTheServiceKeyIsPrintedOnlyWhenAskedFor(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMATES_DATA", dir)
	if r := tmates("", "env"); r.code != 0 || strings.Contains(r.out+r.err, "SERVICE_ROLE") {
		t.Errorf("%+v", r)
	}
	r := tmates("", "env", "--service-role")
	_, key, _ := strings.Cut(r.out, "\nSUPABASE_SERVICE_ROLE_KEY=")
	if r.code != 0 || !strings.Contains(r.err, "everything") || strings.Contains(r.err, strings.TrimSpace(key)) {
		t.Errorf("%+v", r)
	}
	a := apptest.Start(t, apptest.Options{Dir: dir})
	if res := a.Do("GET", "/auth/v1/admin/users", strings.TrimSpace(key), nil); res.Status != 200 {
		t.Errorf("%d %s", res.Status, res.Body)
	}
}
