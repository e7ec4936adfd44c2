package v1_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tmates/tmates/cmd/app/apptest"
	"github.com/tmates/tmates/server/control"
)

// passOf returns the token of a one-time link.
func passOf(t *testing.T, link string) string {
	t.Helper()
	_, token, ok := strings.Cut(link, "/#/claim/")
	if !ok || len(token) != 43 {
		t.Fatalf("the link is %q", link)
	}
	return token
}

func claimWith(app *apptest.App, token string, more map[string]any) apptest.Response {
	body := map[string]any{"token": token}
	for k, v := range more {
		body[k] = v
	}
	return app.Do("POST", "/v1/claim", "", body)
}

func linkFor(t *testing.T, app *apptest.App, email string) string {
	t.Helper()
	var l control.Link
	if err := app.Call("user.claim-link", control.Email{Email: email}, &l); err != nil {
		t.Fatal(err)
	}
	return passOf(t, l.URL)
}

const refusedClaim = `{"detail":"This link was used, is too old or never was one: ask for a new one"}`

func refused(t *testing.T, what string, res apptest.Response) {
	t.Helper()
	if res.Status != http.StatusForbidden || string(res.Body) != refusedClaim {
		t.Errorf("%s: %d %s", what, res.Status, res.Body)
	}
}

// The link of a start makes the owner, once, and no other link does after it.
func TestClaimFirstAccount(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	before := start(t, dir, nil, nil, nil)
	stale := passOf(t, before.Claim)
	before.Stop()
	app := start(t, dir, nil, nil, nil)
	about := func() string { return string(app.Do("GET", "/v1/instance", "", nil).Body) }
	if got, want := about(), `{"name":"Tmates","version":"test","claimed":false,"demo":false,"mail":false}`; got != want {
		t.Errorf("before: %s, want %s", got, want)
	}
	first, second := passOf(t, app.Claim), linkFor(t, app, "")
	if !strings.HasPrefix(app.Claim, app.URL+"/#/") {
		t.Errorf("the link is %s on %s", app.Claim, app.URL)
	}
	ann := map[string]any{"email": "Ann@example.org", "name": "Ann", "password": "correct horse battery"}
	refused(t, "the link of an earlier start", claimWith(app, stale, ann))
	refused(t, "a wrong link", claimWith(app, strings.Repeat("a", 43), ann))
	refused(t, "another spelling", claimWith(app, strings.ToLower(first), ann))
	for what, body := range map[string]map[string]any{"no address": {}, "a weak password": {"email": "ann@example.org", "password": "password"}} {
		if res := claimWith(app, first, body); res.Status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", what, res.Status, res.Body)
		}
	}
	res := claimWith(app, first, ann)
	if res.Status != http.StatusCreated || res.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("claim: %d %s", res.Status, res.Body)
	}
	owner := app.LoggedIn(res)
	owner.Must(http.StatusOK, "POST", "/v1/providers/detect", nil) // owners and admins only
	if members := string(owner.Must(http.StatusOK, "GET", "/v1/organization/members", nil).Body); !strings.Contains(members, `"email":"ann@example.org","display_name":"Ann","avatar_url":null,"role":"owner"`) {
		t.Errorf("members: %s", members)
	}
	if got := string(owner.Must(http.StatusOK, "GET", "/v1/agents/store", nil).Body); !strings.Contains(got, `"hired_count":2`) || strings.Contains(got, `"hired":false`) {
		t.Errorf("the team of the first account: %s", got)
	}
	refused(t, "a used link", claimWith(app, first, ann))
	refused(t, "the other link", claimWith(app, second, map[string]any{"email": "eve@example.org"}))
	if res := app.Do("POST", "/auth/v1/token?grant_type=password", "", map[string]any{"email": "ann@example.org", "password": "correct horse battery"}); res.Status != http.StatusOK {
		t.Errorf("the password: %d %s", res.Status, res.Body)
	}
	if got := about(); !strings.Contains(got, `"name":"Ann"`) || !strings.Contains(got, `"claimed":true`) {
		t.Errorf("after: %s", got)
	}
	if err := app.Call("user.claim-link", control.Email{}, new(control.Link)); err == nil || !strings.Contains(err.Error(), "claim-link EMAIL") {
		t.Errorf("a link for the first account of a server that has one: %v", err)
	}
	app.Stop()
	again := start(t, dir, nil, nil, nil)
	if again.Claim != "" {
		t.Error("a server with an account offers the first one")
	}
	for _, pass := range []string{first, second, stale} {
		if log := before.Log.String() + app.Log.String(); strings.Contains(log, pass) {
			t.Error("the log holds a link")
		}
	}
}

// A link of a start or a command lives for half an hour.
func TestClaimLinksGrowOld(t *testing.T) {
	t.Parallel()
	var moved atomic.Int64
	app := start(t, t.TempDir(), nil, func() time.Time { return time.Now().Add(time.Duration(moved.Load())) }, nil)
	ann := map[string]any{"email": "ann@example.org"}
	first, second := passOf(t, app.Claim), linkFor(t, app, "")
	moved.Store(int64(30*time.Minute + time.Second))
	refused(t, "an old link", claimWith(app, first, ann))
	refused(t, "an old link of a command", claimWith(app, second, ann))
	third := linkFor(t, app, "")
	moved.Add(int64(29 * time.Minute))
	if res := claimWith(app, third, ann); res.Status != http.StatusCreated {
		t.Errorf("after 29 minutes: %d %s", res.Status, res.Body)
	}
}

// Of many at once exactly one becomes the owner, whichever links they have.
func TestClaimAtOnce(t *testing.T) {
	t.Parallel()
	app := start(t, t.TempDir(), nil, nil, nil)
	passes := []string{passOf(t, app.Claim), linkFor(t, app, "")}
	var made atomic.Int64
	var all sync.WaitGroup
	for i := range 12 {
		all.Go(func() {
			res := claimWith(app, passes[i%2], map[string]any{"email": fmt.Sprintf("p%d@example.org", i)})
			if res.Status == http.StatusCreated {
				made.Add(1)
			} else {
				refused(t, "a loser", res)
			}
		})
	}
	all.Wait()
	var users []control.User
	if err := app.Call("user.list", struct{}{}, &users); err != nil {
		t.Fatal(err)
	}
	if made.Load() != 1 || len(users) != 1 {
		t.Errorf("%d claims worked and made %d accounts", made.Load(), len(users))
	}
}

func TestClaimTriesAreLimited(t *testing.T) {
	t.Parallel()
	app := start(t, t.TempDir(), nil, nil, nil)
	for range 1000 {
		res := claimWith(app, "wrong", map[string]any{"email": "ann@example.org"})
		if res.Status == http.StatusTooManyRequests {
			if res.Header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
			if res := claimWith(app, passOf(t, app.Claim), map[string]any{"email": "ann@example.org"}); res.Status != http.StatusTooManyRequests {
				t.Errorf("the right link right after: %d", res.Status)
			}
			return
		}
		refused(t, "a wrong link", res)
	}
	t.Error("nobody counts tries")
}

// A link for an account logs in who is locked out.
func TestClaimLinkForAnAccount(t *testing.T) {
	t.Parallel()
	app, ann, bob, _ := product(t, nil)
	pass := linkFor(t, app, "ann@example.org")
	refused(t, "another's address", claimWith(app, pass, map[string]any{"email": bob.Email}))
	res := claimWith(app, pass, map[string]any{"password": "correct horse battery"})
	if res.Status != http.StatusCreated || app.LoggedIn(res).ID != ann.ID {
		t.Fatalf("claim: %d %s", res.Status, res.Body)
	}
	refused(t, "a used link", claimWith(app, pass, nil))
	ann.Must(http.StatusUnauthorized, "GET", "/v1/profile", nil) // a new password ends the others
	pass = linkFor(t, app, "bob@example.org")
	if err := app.Call("user.ban", control.Ban{Email: bob.Email, For: "1h"}, new(control.Ban)); err != nil {
		t.Fatal(err)
	}
	refused(t, "a suspended account", claimWith(app, pass, nil))
	if err := app.Call("user.claim-link", control.Email{Email: "nobody@example.org"}, new(control.Link)); err == nil {
		t.Error("a link for nobody")
	}
}

type invited struct {
	Member struct {
		ID    string `json:"user_id"`
		Email string
		Role  string
	}
	Link    string
	Expires time.Time `json:"expires_at"`
}

func invite(u *apptest.User, email, role string) (in invited) {
	u.Must(http.StatusCreated, "POST", "/v1/organization/members", map[string]any{"email": email, "name": "New", "role": role}).Decode(&in)
	return in
}

// An invitation outlives a restart, and brings people where they were invited.
func TestInvite(t *testing.T) {
	t.Parallel()
	app, ann, bob, _ := product(t, nil)
	eve := alone(t, app, "eve@example.org", "Eve")
	bob.Must(http.StatusForbidden, "POST", "/v1/organization/members", map[string]any{"email": "dan@example.org", "role": "member"})
	first := invite(ann, "dan@example.org", "admin")
	if left := time.Until(first.Expires); left < 7*24*time.Hour-time.Minute || left > 7*24*time.Hour {
		t.Errorf("the link lives for %v", left)
	}
	second := invite(ann, "dan@example.org", "admin")
	other := invite(eve, "fay@example.org", "member")
	for u, email := range map[*apptest.User]string{ann: "bob@example.org", eve: "dan@example.org"} { // has logged in; is elsewhere
		u.Must(http.StatusConflict, "POST", "/v1/organization/members", map[string]any{"email": email, "role": "member"})
	}
	app.Stop()
	again := start(t, app.Dir, nil, nil, nil)
	refused(t, "the first invitation", claimWith(again, passOf(t, first.Link), nil))
	res := claimWith(again, passOf(t, second.Link), map[string]any{"name": "Dan"})
	if res.Status != http.StatusCreated {
		t.Fatalf("claim: %d %s", res.Status, res.Body)
	}
	dan := again.LoggedIn(res)
	if dan.ID != first.Member.ID || dan.ID != second.Member.ID {
		t.Errorf("invited %s and %s, came %s", first.Member.ID, second.Member.ID, dan.ID)
	}
	fay := again.LoggedIn(claimWith(again, passOf(t, other.Link), nil))
	for u, want := range map[*apptest.User]string{dan: "ann@example.org", fay: "eve@example.org"} {
		if members := string(u.Must(http.StatusOK, "GET", "/v1/organization/members", nil).Body); !strings.Contains(members, want) {
			t.Errorf("%s sees %s", u.Email, members)
		}
	}
	t.Run("who came in another way is alone with their account", func(t *testing.T) {
		ian := invite(ann.On(again), "ian@example.org", "member")
		again.Login("ian@example.org")
		refused(t, "the invitation", claimWith(again, passOf(t, ian.Link), nil))
	})
	t.Run("admins make no admins", func(t *testing.T) {
		for _, role := range []string{"owner", "admin"} {
			dan.Must(http.StatusForbidden, "POST", "/v1/organization/members", map[string]any{"email": "gus@example.org", "role": role})
		}
		invite(ann.On(again), "gus@example.org", "owner")
		dan.Must(http.StatusForbidden, "POST", "/v1/organization/members", map[string]any{"email": "gus@example.org", "role": "member"})
		invite(dan, "hal@example.org", "member")
	})
	for _, file := range []string{"-wal", ""} {
		if data := readFile(t, again.Dir+"/tmates.db"+file); bytes.Contains(data, []byte(passOf(t, second.Link))) || bytes.Contains(data, []byte(passOf(t, other.Link))) {
			t.Errorf("tmates.db%s holds a link", file)
		}
	}
}

func TestRemoveMember(t *testing.T) {
	t.Parallel()
	app, ann, bob, _ := product(t, nil)
	eve := alone(t, app, "eve@example.org", "Eve")
	dan := app.AddUser("dan@example.org", "Dan")
	remove := func(u *apptest.User, id string) string {
		res := u.Do("DELETE", "/v1/organization/members/"+id, nil)
		return fmt.Sprint(res.Status, string(res.Body))
	}
	if got := remove(bob, dan.ID); !strings.HasPrefix(got, "403") || got != remove(bob, randomID) {
		t.Errorf("a member removes: %s", got)
	}
	if got := remove(ann, ann.ID); !strings.HasPrefix(got, "409") {
		t.Errorf("the last owner: %s", got)
	}
	if foreign, unknown := remove(ann, eve.ID), remove(ann, randomID); foreign != unknown || !strings.HasPrefix(foreign, "404") {
		t.Errorf("somebody elsewhere: %s, nobody: %s", foreign, unknown)
	}
	ann.Must(http.StatusOK, "PATCH", "/v1/organization/members/"+bob.ID, map[string]any{"role": "admin"})
	if got := remove(bob, ann.ID); !strings.HasPrefix(got, "403") {
		t.Errorf("an admin removes the owner: %s", got)
	}
	closed := ended(dan.Dial())
	if got := remove(bob, dan.ID); got != "204" {
		t.Fatalf("an admin removes a member: %s", got)
	}
	<-closed
	dan.Must(http.StatusUnauthorized, "GET", "/v1/profile", nil)
	if got := remove(bob, dan.ID); !strings.HasPrefix(got, "404") {
		t.Errorf("again: %s", got)
	}
	eve.Must(http.StatusOK, "GET", "/v1/profile", nil)
}

// ended is closed when the server closes the socket.
func ended(s *apptest.Socket) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			if _, _, err := s.ReadMessage(); err != nil {
				return
			}
		}
	}()
	return done
}

// sessionsOf lists a user's logins and names the one that asks.
func sessionsOf(u *apptest.User) (ids []string, current string) {
	var list struct {
		Sessions []struct {
			ID      string
			Current bool
		}
	}
	u.Must(http.StatusOK, "GET", "/v1/sessions", nil).Decode(&list)
	for _, s := range list.Sessions {
		ids = append(ids, s.ID)
		if s.Current {
			current = s.ID
		}
	}
	return ids, current
}

// sessionOf returns the login a user asks with.
func sessionOf(u *apptest.User) string {
	_, current := sessionsOf(u)
	return current
}

func TestSessions(t *testing.T) {
	t.Parallel()
	app, ann, bob, _ := product(t, nil)
	phone, tablet := app.Login(ann.Email), app.Login(ann.Email)
	ids, current := sessionsOf(ann)
	if len(ids) != 3 || current != ids[2] || sessionOf(tablet) != ids[0] {
		t.Fatalf("the logins are %v, this one is %s", ids, current)
	}
	end := func(u *apptest.User, id string) string {
		res := u.Do("DELETE", "/v1/sessions/"+id, nil)
		return fmt.Sprint(res.Status, string(res.Body))
	}
	if foreign, unknown := end(bob, current), end(bob, randomID); foreign != unknown || foreign != `404{"detail":"Session not found"}` {
		t.Errorf("somebody else's login: %s, nobody's: %s", foreign, unknown)
	}
	onPhone, onTablet, here := ended(phone.Dial()), ended(tablet.Dial()), ended(ann.Dial())
	if got := end(ann, sessionOf(phone)); got != "204" {
		t.Fatalf("end one: %s", got)
	}
	<-onPhone
	phone.Must(http.StatusUnauthorized, "GET", "/v1/profile", nil)
	tablet.Must(http.StatusOK, "GET", "/v1/profile", nil)
	ann.Must(http.StatusNoContent, "DELETE", "/v1/sessions", nil)
	<-onTablet
	if ids, current = sessionsOf(ann); len(ids) != 1 || ids[0] != current {
		t.Errorf("left are %v", ids)
	}
	select {
	case <-here:
		t.Error("the socket of this login was closed")
	default:
	}
	if got := end(ann, current); got != "204" {
		t.Fatalf("end this one: %s", got)
	}
	<-here
	bob.Must(http.StatusOK, "GET", "/v1/profile", nil)
}

// readFile reads what may not be there.
func readFile(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return data
}
