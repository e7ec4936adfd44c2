package cmd_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tmates/tmates/cmd/app/apptest"
)

// TestClaimLinks prints links without a server, which work once there is one,
// and asks a running one.
func TestClaimLinks(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMATES_DATA", dir)
	t.Setenv("TMATES_PUBLIC_URL", "https://team.example.org/chat")
	link := func(args ...string) string {
		t.Helper()
		r := tmates("", append([]string{"user", "claim-link"}, args...)...)
		token, ok := strings.CutPrefix(r.out, "https://team.example.org/chat/#/claim/")
		if r.code != 0 || !ok {
			t.Fatalf("%v: %+v", args, r)
		}
		return strings.TrimSpace(token)
	}
	refused := func(code int, says string, args ...string) {
		t.Helper()
		if r := tmates("", append([]string{"user", "claim-link"}, args...)...); r.code != code || !strings.Contains(r.err, says) {
			t.Errorf("%v: %+v", args, r)
		}
	}
	refused(2, "EMAIL is empty", "")
	refused(1, "no such user", "ada@example.com")
	first := link()
	a := apptest.Start(t, apptest.Options{Dir: dir, Env: []string{"TMATES_PUBLIC_URL=https://team.example.org/chat"}})
	claim := func(token string) int {
		return a.Do("POST", "/v1/claim", "", map[string]string{"token": token, "email": "ada@example.com"}).Status
	}
	if !strings.HasPrefix(a.Claim, "https://team.example.org/chat/#/claim/") {
		t.Errorf("the server prints %s", a.Claim)
	}
	if got := claim(first); got != http.StatusCreated {
		t.Errorf("a link made without the server: %d", got)
	}
	refused(1, "an account already")
	if got := claim(link("Ada@example.com")); got != http.StatusCreated {
		t.Errorf("a link for an account: %d", got)
	}
	a.Stop()
	refused(1, "an account already")
}
