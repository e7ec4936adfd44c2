package v1_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/cmd/app/apptest"
	"github.com/tmates/tmates/server/control"
)

// A8: members share hires, Pinboard and plan, and nothing else; another
// organisation shares nothing at all, and cannot tell what is there.
func TestOrganizations(t *testing.T) {
	t.Parallel()
	app, ann, bob, _ := product(t, nil)
	eve := alone(t, app, "eve@example.org", "Eve")
	s := ann.Dial()
	manage(t, ann, "add", "nora")
	say(ann, s, ann.Thread("Adam"), "pin Weekly Numbers")
	var job struct{ ID string }
	ann.Must(http.StatusAccepted, "POST", "/v1/jobs", map[string]any{"agent_key": "adam", "task": "sum"}).Decode(&job)
	putFile(t, app, ann, "notes.txt", "abc", time.Now())
	ann.Must(http.StatusOK, "POST", "/v1/billing/onboard", []byte(`{"plan_key":"team"}`))

	t.Run("what is shared", func(t *testing.T) {
		for u, want := range map[*apptest.User][]string{bob: {"adam", "nora"}, eve: {"adam"}} {
			if enabled, _ := access(u); cmp.Diff(want, enabled) != "" {
				t.Errorf("%s may ask %v, want %v", u.Email, enabled, want)
			}
		}
		for u, want := range map[*apptest.User]int{bob: http.StatusOK, eve: http.StatusNotFound} {
			if res := u.Do("GET", "/v1/pinboard/weekly-numbers", nil); res.Status != want {
				t.Errorf("%s reads the post: %d", u.Email, res.Status)
			}
		}
		for u, want := range map[*apptest.User]string{bob: "team", eve: "free"} {
			if p := planOf(u); p.Key != want {
				t.Errorf("plan of %s: %s", u.Email, p.Key)
			}
		}
		for planOf(bob).Usage.Actions < 2 { // the pin and the job
		}
		if p := planOf(eve); p.Usage.Actions != 0 {
			t.Errorf("eve's usage: %+v", p.Usage)
		}
	})
	t.Run("what is private", func(t *testing.T) {
		for _, u := range []*apptest.User{bob, eve} {
			for _, c := range []struct{ method, path, id, body string }{
				{"GET", "/v1/chats/%s", ann.Thread("Adam"), ""},
				{"GET", "/v1/chats/%s", ann.Thread("Nora"), ""},
				{"POST", "/v1/chats/%s/messages", ann.Thread("Team Chat"), `{"content":"hi"}`},
				{"POST", "/v1/chats/%s/clear", ann.Thread("Adam"), ""},
				{"DELETE", "/v1/chats/%s", ann.Thread("Nora"), ""},
				{"GET", "/v1/jobs/%s", job.ID, ""},
				{"POST", "/v1/jobs/%s/cancel", job.ID, ""},
			} {
				ask := func(id string) string {
					var body any
					if c.body != "" {
						body = []byte(c.body)
					}
					res := u.Do(c.method, fmt.Sprintf(c.path, id), body)
					return fmt.Sprint(res.Status, string(res.Body))
				}
				if foreign, unknown := ask(c.id), ask(randomID); foreign != unknown || !strings.HasPrefix(foreign, "404") {
					t.Errorf("%s: %s %s answers %s, for an unknown id %s", u.Email, c.method, c.path, foreign, unknown)
				}
			}
			if res := u.Do("DELETE", "/v1/files/notes.txt", nil); res.Status != http.StatusNotFound {
				t.Errorf("%s deletes a file: %d %s", u.Email, res.Status, res.Body)
			}
			for _, list := range []string{"/v1/jobs", "/v1/files"} {
				if body := string(u.Must(http.StatusOK, "GET", list, nil).Body); strings.Contains(body, job.ID) || strings.Contains(body, "notes.txt") {
					t.Errorf("%s lists %s", u.Email, body)
				}
			}
		}
	})
	t.Run("who is who", func(t *testing.T) {
		if s, b, e := status(ann), status(bob), status(eve); *s.Organization != *b.Organization || *s.Organization == *e.Organization {
			t.Errorf("organizations %s, %s, %s", *s.Organization, *b.Organization, *e.Organization)
		}
		ask := func(id string) string {
			res := eve.Do("PATCH", "/v1/organization/members/"+id, map[string]any{"role": "admin"})
			return fmt.Sprint(res.Status, string(res.Body))
		}
		if foreign, unknown := ask(bob.ID), ask(randomID); foreign != unknown || foreign != `404{"detail":"Member not found"}` {
			t.Errorf("somebody else's member answers %s, an unknown id %s", foreign, unknown)
		}
		if body := string(eve.Must(http.StatusOK, "GET", "/v1/organization/members", nil).Body); strings.Contains(body, "ann@") || !strings.Contains(body, "eve@") {
			t.Errorf("eve's members: %s", body)
		}
		eve.Must(http.StatusOK, "PATCH", "/v1/organization", map[string]any{"name": "Elsewhere"})
		if body := string(ann.Must(http.StatusOK, "GET", "/v1/organization", nil).Body); !strings.Contains(body, `"name":"Ann"`) || !strings.Contains(body, `"member_count":2`) {
			t.Errorf("ann's organization: %s", body)
		}
	})
}

// Everybody's Team Chat follows the hires, also of those who come later; each
// greeting is said once, in a shared organisation and in one's own.
func TestLateMembers(t *testing.T) {
	t.Parallel()
	app, ann, bob, _ := product(t, nil)
	manage(t, ann, "add", "nora")
	dan := app.AddUser("dan@example.org", "Dan")
	eve := alone(t, app, "eve@example.org", "Eve")
	roster := func(u *apptest.User) (keys []string) {
		var th thread
		u.Must(http.StatusOK, "GET", "/v1/chats/team:all", nil).Decode(&th)
		return th.AgentKeys
	}
	for u, want := range map[*apptest.User][]string{ann: {"adam", "nora"}, bob: {"adam", "nora"}, dan: {"adam", "nora"}, eve: {"adam"}} {
		if diff := cmp.Diff(want, roster(u)); diff != "" {
			t.Errorf("Team Chat of %s (-want +got):\n%s", u.Email, diff)
		}
		u.Must(http.StatusOK, "POST", "/v1/billing/onboard", []byte(`{}`))
		for _, title := range []string{"Adam", "Team Chat"} {
			greetings := 0
			for _, m := range messages(u, u.Thread(title), "") {
				if m.Payload["onboarding"] == true {
					greetings++
				}
			}
			if greetings != 1 {
				t.Errorf("%s was greeted %d times in %s", u.Email, greetings, title)
			}
		}
	}
	var th thread
	dan.Must(http.StatusCreated, "POST", "/v1/chats?agent_key=nora", nil).Decode(&th)
	if th.Title != "Nora" {
		t.Errorf("dan's thread %+v", th)
	}
	say(dan, dan.Dial(), th.ID, "hello")
	eve.Must(http.StatusBadRequest, "POST", "/v1/chats?agent_key=nora", nil)
	manage(t, dan, "add", "numbers") // everybody may hire, for everybody
	if diff := cmp.Diff([]string{"adam", "nora", "numbers"}, roster(bob)); diff != "" {
		t.Errorf("Team Chat of bob (-want +got):\n%s", diff)
	}
}

// The instance's organisation is founded by the first who has no workspace of
// their own, and joined by nobody else's.
func TestOwnWorkspaceComesFirst(t *testing.T) {
	t.Parallel()
	app := apptest.Start(t, apptest.Options{Env: []string{"TMATES_STORE_SYNCHRONOUS=normal"}})
	eve := alone(t, app, "eve@example.org", "Eve")
	var ann control.User
	if err := app.Call("user.add", control.AddUser{Email: "ann@example.org", Name: "Ann"}, &ann); err != nil || ann.Role != "owner" || ann.Workspace != "Ann" {
		t.Errorf("ann: %+v, %v", ann, err)
	}
	if err := app.Call("user.add", control.AddUser{Email: "x@example.org", Own: true, Role: "member"}, &ann); err == nil {
		t.Error("a member of a workspace of their own was made")
	}
	if body := string(eve.Must(http.StatusOK, "GET", "/v1/organization", nil).Body); !strings.Contains(body, `"member_count":1`) || !strings.Contains(body, `"role":"owner"`) {
		t.Errorf("eve's: %s", body)
	}
	var crew control.Tmates
	if err := app.Call("tmate.hire", control.Hire{Key: "nora"}, new(control.Tmate)); err != nil {
		t.Fatal(err)
	}
	if err := app.Call("tmate.list", struct{}{}, &crew); err != nil || len(crew.Tmates) < 2 {
		t.Errorf("crew %+v, %v", crew, err)
	}
	if enabled, _ := access(eve); cmp.Diff([]string{"adam"}, enabled) != "" {
		t.Errorf("the operator's hire reached eve: %v", enabled)
	}
}

// Who may make whom what.
func TestRoles(t *testing.T) {
	t.Parallel()
	app, ann, bob, _ := product(t, nil)
	dan := app.AddUser("dan@example.org", "Dan")
	change := func(by, of *apptest.User, role string) int {
		return by.Do("PATCH", "/v1/organization/members/"+of.ID, map[string]any{"role": role}).Status
	}
	for n, step := range []struct {
		by, of *apptest.User
		role   string
		want   int
	}{
		{bob, bob, "owner", 403},
		{bob, ann, "member", 403},
		{ann, ann, "member", 409},
		{ann, ann, "owner", 200},
		{ann, bob, "admin", 200},
		{bob, dan, "member", 200}, // as it is
		{bob, dan, "admin", 403},
		{bob, dan, "owner", 403},
		{bob, bob, "owner", 403},
		{bob, bob, "member", 403},
		{bob, ann, "member", 403},
		{ann, dan, "owner", 200},
		{dan, ann, "admin", 200},
		{ann, dan, "member", 403},
		{dan, dan, "admin", 409},
		{dan, ann, "owner", 200},
		{dan, dan, "member", 200},
		{dan, bob, "member", 403},
	} {
		if got := change(step.by, step.of, step.role); got != step.want {
			t.Errorf("step %d, %s makes %s %s: %d, want %d", n, step.by.Email, step.of.Email, step.role, got, step.want)
		}
	}
	for by, want := range map[*apptest.User]int{ann: 200, bob: 200, dan: 403} {
		if got := by.Do("PATCH", "/v1/organization", map[string]any{"name": "Corner shop"}).Status; got != want {
			t.Errorf("%s renames: %d, want %d", by.Email, got, want)
		}
	}
	if res := ann.Do("PATCH", "/v1/organization", map[string]any{"name": strings.Repeat("ü", 201)}); res.Status != http.StatusUnprocessableEntity {
		t.Errorf("a name of 201 letters: %d", res.Status)
	}
	// The operator is bound by nothing but the last owner.
	var u control.User
	if err := app.Call("user.role", control.UserRole{Email: " ANN@example.org", Role: "member"}, &u); err == nil || !strings.Contains(err.Error(), "only owner") {
		t.Errorf("the last owner: %+v, %v", u, err)
	}
	if err := app.Call("user.role", control.UserRole{Email: "bob@example.org", Role: "owner"}, &u); err != nil || u.Role != "owner" || u.Email != bob.Email {
		t.Errorf("bob: %+v, %v", u, err)
	}
	for _, in := range []control.UserRole{{Email: "nobody@example.org", Role: "owner"}, {Email: "bob@example.org", Role: "king"}, {Email: "bob", Role: "owner"}, {}} {
		if err := app.Call("user.role", in, &u); err == nil {
			t.Errorf("%+v was accepted", in)
		}
	}
}
