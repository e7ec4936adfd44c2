package v1_test

import (
	"database/sql"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/cmd/app/apptest"
	"github.com/tmates/tmates/cmd/config"
	"github.com/tmates/tmates/server/control"
	"github.com/tmates/tmates/store"
)

// plan is what the tests look at in one.
type plan struct {
	Key      string `json:"plan_key"`
	Status   string
	Interval string `json:"billing_interval"`
	Limits   struct {
		MaxAgents *int64 `json:"max_agents"`
	}
	Usage struct {
		Actions   int64  `json:"actions_used"`
		Quota     *int64 `json:"actions_quota"`
		Remaining *int64 `json:"actions_remaining"`
		Tokens    int64  `json:"tokens_used"`
	}
	Start   string `json:"period_start"`
	End     string `json:"period_end"`
	Enabled bool   `json:"billing_enabled"`
}

func planOf(u *apptest.User) (p plan) {
	u.Must(http.StatusOK, "GET", "/v1/billing/plan", nil).Decode(&p)
	return p
}

// onboarded is what the tests look at in an answer to onboarding.
type onboarded struct {
	Profile      struct{ ID, Email, Role string }
	Organization struct{ ID, Name string }
	Subscription struct {
		Key      string `json:"plan_key"`
		Status   string
		Interval string `json:"billing_interval"`
		Provider *string
	}
}

// database opens the database of a running server beside it.
func database(t *testing.T, app *apptest.App) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(app.Dir, store.FileName)+"?_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func run(t *testing.T, db *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}

// alone makes an account with a workspace of its own.
func alone(t *testing.T, app *apptest.App, email, name string) *apptest.User {
	t.Helper()
	var made control.User
	if err := app.Call("user.add", control.AddUser{Email: email, Name: name, Own: true}, &made); err != nil {
		t.Fatal(err)
	}
	if !made.Own || made.Role != "owner" || made.Workspace != name {
		t.Errorf("made %+v", made)
	}
	return app.Login(email)
}

// TestQuirksOfBilling holds what this edition does better than upstream.
func TestQuirksOfBilling(t *testing.T) {
	t.Parallel()
	app, ann, bob, _ := product(t, nil)
	db := database(t, app)
	onboard := func(u *apptest.User, status int, body string) (out onboarded) {
		t.Helper()
		res := u.Must(status, "POST", "/v1/billing/onboard", []byte(body))
		if status == http.StatusOK {
			res.Decode(&out)
		}
		return out
	}
	t.Run("Q-B1 members cannot change the plan", func(t *testing.T) {
		onboard(bob, http.StatusForbidden, `{"plan_key":"enterprise"}`)
		if p := planOf(bob); p.Key != "free" {
			t.Errorf("plan %+v", p)
		}
		ann.Must(http.StatusOK, "PATCH", "/v1/organization/members/"+bob.ID, map[string]any{"role": "admin"})
		if out := onboard(bob, http.StatusOK, `{"plan_key":"team"}`); out.Subscription.Key != "team" {
			t.Errorf("an admin got %+v", out)
		}
	})
	t.Run("Q-B2 the status is a known word", func(t *testing.T) {
		if out := onboard(ann, http.StatusOK, `{"plan_key":"pro","billing_interval":"annually"}`); out.Subscription.Status != "active" {
			t.Errorf("onboarded %+v", out)
		}
		if p := planOf(ann); p.Key != "pro" || p.Status != "active" || p.Interval != "yearly" {
			t.Errorf("plan %+v", p)
		}
		run(t, db, `UPDATE subscriptions SET status = 'pending_checkout'`)
		if p := planOf(ann); p.Status != "unknown" {
			t.Errorf("plan %+v", p)
		}
		onboard(ann, http.StatusOK, `{"plan_key":"pro","billing_interval":"annually"}`)
		if p := planOf(ann); p.Status != "active" {
			t.Errorf("asked for again: %+v", p)
		}
	})
	t.Run("Q-B3 the address and the role are the account's", func(t *testing.T) {
		for u, role := range map[*apptest.User]string{ann: "owner", bob: "admin"} {
			out := onboard(u, http.StatusOK, `{"email":"eve@example.org","display_name":"Eve"}`)
			if out.Profile.Email != u.Email || out.Profile.Role != role || out.Profile.ID != u.ID {
				t.Errorf("profile %+v", out.Profile)
			}
		}
	})
	t.Run("Q-B4 an unknown plan makes nothing", func(t *testing.T) {
		eve := app.AddUser("eve@example.org", "")
		run(t, db, `DELETE FROM members WHERE user_id = ?`, eve.ID)
		run(t, db, `DELETE FROM threads WHERE user_id = ?`, eve.ID)
		onboard(eve, http.StatusNotFound, `{"plan_key":"gold","display_name":"Eve"}`)
		if s := status(eve); s.Has || s.Organization != nil || s.User != eve.ID {
			t.Errorf("status %+v", s)
		}
		out := onboard(eve, http.StatusOK, `{}`)
		if s := status(eve); !s.Has || s.Organization == nil || *s.Organization != out.Organization.ID {
			t.Errorf("status %+v, onboarded %+v", s, out)
		}
	})
	t.Run("Q-B5 a webhook without a provider", func(t *testing.T) {
		res := app.Do("POST", "/v1/billing/webhook", "", []byte(`{}`))
		if res.Status != http.StatusServiceUnavailable || res.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%d %s", res.Status, res.Body)
		}
	})
	t.Run("Q-B6 a provider's word for a year is a year", func(t *testing.T) {
		run(t, db, `UPDATE subscriptions SET billing_interval = 'year'`)
		p := planOf(ann)
		if p.Interval != "yearly" || !strings.HasSuffix(p.Start, "-01-01T00:00:00Z") || !strings.HasSuffix(p.End, "-01-01T00:00:00Z") || p.Start == p.End {
			t.Errorf("plan %+v", p)
		}
	})
}

type userStatus struct {
	Has          bool    `json:"hasOrganization"`
	Organization *string `json:"organizationId"`
	User         string  `json:"userId"`
}

func status(u *apptest.User) (s userStatus) {
	u.Must(http.StatusOK, "GET", "/v1/auth/user/status", nil).Decode(&s)
	return s
}

// Onboarding alone says what is wrong with the header (http.md §1.3).
func TestOnboardingCredentials(t *testing.T) {
	t.Parallel()
	app, ann, _, _ := product(t, nil)
	for header, want := range map[string]string{
		"":                      "Authorization header required",
		"Bearer":                "Invalid authorization token",
		"Bearer ":               "Invalid authorization token",
		"Basic YTpi":            "Invalid authorization header",
		"bearer " + ann.Token:   "Invalid authorization header",
		"Bearer a.b.c":          "Invalid or expired token",
		"Bearer  " + ann.Token:  "Invalid or expired token",
		"Bearer " + app.AnonKey: "Invalid or expired token",
	} {
		req, err := http.NewRequestWithContext(t.Context(), "POST", app.URL+"/v1/billing/onboard", strings.NewReader(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		if header != "" {
			req.Header.Set("Authorization", header)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var body [200]byte
		n, _ := res.Body.Read(body[:])
		_ = res.Body.Close()
		if got := string(body[:n]); res.StatusCode != http.StatusUnauthorized || got != `{"detail":"`+want+`"}` || res.Header.Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("%.20q: %d %s, want %s", header, res.StatusCode, got, want)
		}
	}
}

// However many clients onboard at once, there is one place and one greeting in
// each thread, also after the threads were emptied or used.
func TestOnboardingOnce(t *testing.T) {
	t.Parallel()
	app, ann, _, _ := product(t, nil)
	db := database(t, app)
	run(t, db, `DELETE FROM organisations`)
	run(t, db, `DELETE FROM profiles`)
	together := func() {
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if res := ann.Do("POST", "/v1/billing/onboard", []byte(`{"organization_name":"Corner shop","display_name":"Other"}`)); res.Status != http.StatusOK {
					t.Errorf("onboard: %d %s", res.Status, res.Body)
				}
			})
		}
		wg.Wait()
		http.DefaultClient.CloseIdleConnections() // a connection never used would hold the server up when it stops
	}
	count := func() (n [5]int) {
		err := db.QueryRowContext(t.Context(), `SELECT (SELECT COUNT(*) FROM organisations), (SELECT COUNT(*) FROM members),
			(SELECT COUNT(*) FROM subscriptions), (SELECT COUNT(*) FROM threads), (SELECT COUNT(*) FROM messages)`).Scan(&n[0], &n[1], &n[2], &n[3], &n[4])
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	together()
	if diff := cmp.Diff([5]int{1, 1, 1, 2, 2}, count()); diff != "" {
		t.Errorf("organisations, members, subscriptions, threads, messages (-want +got):\n%s", diff)
	}
	var org struct{ Name, Role string }
	ann.Must(http.StatusOK, "GET", "/v1/organization", nil).Decode(&org)
	if org.Name != "Corner shop" || org.Role != "owner" {
		t.Errorf("organization %+v", org)
	}
	for title, key := range map[string]string{"Adam": "", "Team Chat": "team_chat"} {
		got := messages(ann, ann.Thread(title), "")
		channel, _ := got[0].Payload["channel"].(string)
		if len(got) != 1 || got[0].Role != "assistant" || got[0].Payload["onboarding"] != true || channel != key {
			t.Errorf("%s: %+v", title, got)
		}
		ann.Must(http.StatusNoContent, "POST", "/v1/chats/"+ann.Thread(title)+"/clear", nil)
	}
	together()
	if n := count(); n[4] != 0 {
		t.Errorf("%d messages after emptied threads were onboarded again", n[4])
	}
	// The name of an account stays; one without gets it.
	var profile struct {
		Name string `json:"display_name"`
	}
	ann.Must(http.StatusOK, "GET", "/v1/profile", nil).Decode(&profile)
	eve := app.AddUser("eve@example.org", "")
	run(t, db, `UPDATE users SET metadata = '{"first_name":"Eve","last_name":"Doe"}' WHERE id = ?`, eve.ID)
	eve.Must(http.StatusOK, "POST", "/v1/billing/onboard", []byte(`{}`))
	if body := eve.Do("GET", "/v1/profile", nil).Body; profile.Name != "Ann" || !strings.Contains(string(body), `"display_name":"Eve Doe"`) {
		t.Errorf("names: %q, %s", profile.Name, body)
	}
}

// A member who joined while the starter was away, opened a thread when it was
// back, and onboards only then, is greeted there.
func TestOnboardingGreetsAnEmptyThread(t *testing.T) {
	t.Parallel()
	app, ann, _, _ := product(t, nil)
	manage(t, ann, "remove", "adam")
	eve := app.AddUser("eve@example.org", "Eve")
	manage(t, ann, "add", "adam")
	var th thread
	eve.Must(http.StatusCreated, "POST", "/v1/chats?agent_key=adam", nil).Decode(&th)
	for range 2 {
		eve.Must(http.StatusOK, "POST", "/v1/billing/onboard", []byte(`{}`))
		if got := messages(eve, th.ID, ""); len(got) != 1 || got[0].Content != "Hello from Adam." {
			t.Errorf("thread: %+v", got)
		}
	}
}

// The plan of the organisation, its period and what everybody used together.
func TestPlanCounts(t *testing.T) {
	t.Parallel()
	app, ann, bob, _ := product(t, func(c *config.Config) {
		c.Billing.DefaultPlan, c.Billing.Limits = "basic", []string{"basic.max_agents=none", "basic.monthly_actions=3"}
	})
	db := database(t, app)
	for _, u := range []*apptest.User{ann, bob} {
		say(u, u.Dial(), u.Thread("Adam"), "hello")
	}
	run(t, db, `UPDATE usage SET prompt_tokens = 10, completion_tokens = 1`)
	now := time.Now().UTC()
	month := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	run(t, db, `INSERT INTO usage (job_id, organisation_id, user_id, tmate_key, actions, prompt_tokens, completion_tokens, created_at)
		SELECT 'before', organisation_id, user_id, tmate_key, 1, 1000, 1000, ? FROM usage LIMIT 1`, month.UnixMicro()-1)
	p := planOf(bob)
	if p.Key != "basic" || p.Limits.MaxAgents != nil || p.Usage.Actions != 2 || *p.Usage.Quota != 3 || *p.Usage.Remaining != 1 || p.Usage.Tokens != 22 || p.Enabled {
		t.Errorf("plan %+v %+v", p, p.Usage)
	}
	if p.Start != month.Format(time.RFC3339) || p.End != month.AddDate(0, 1, 0).Format(time.RFC3339) {
		t.Errorf("period %s to %s", p.Start, p.End)
	}
	// Limits that do not hold are only shown.
	for range 2 {
		say(ann, ann.Dial(), ann.Thread("Adam"), "hello")
	}
	if p := planOf(ann); p.Usage.Actions != 4 || *p.Usage.Remaining != 0 {
		t.Errorf("beyond the plan: %+v", p.Usage)
	}
	// A plan the program does not know any more is the default one.
	run(t, db, `UPDATE subscriptions SET plan_key = 'gold'`)
	if p := planOf(ann); p.Key != "basic" {
		t.Errorf("plan %+v", p)
	}
	// An organisation from before there were subscriptions gets one when asked.
	run(t, db, `DELETE FROM subscriptions`)
	if p := planOf(ann); p.Key != "basic" || p.Status != "active" {
		t.Errorf("plan %+v", p)
	}
	var kept int
	if err := db.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM subscriptions`).Scan(&kept); err != nil || kept != 1 {
		t.Errorf("%d subscriptions, %v", kept, err)
	}
}
