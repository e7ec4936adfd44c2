package v1_test

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/cmd/app/apptest"
	"github.com/tmates/tmates/cmd/config"
	"github.com/tmates/tmates/server/control"
)

// limited boots the product with limits that hold. Ann and Bob fit into the
// plan unless the test says otherwise.
func limited(t *testing.T, limits ...string) (app *apptest.App, ann, bob *apptest.User, model script) {
	t.Helper()
	return product(t, func(c *config.Config) {
		c.Billing.Enforce, c.Billing.Limits = true, append(limits, "free.max_members=2")
	})
}

// L2: parallel hires cannot go beyond the plan.
func TestHireCap(t *testing.T) {
	t.Parallel()
	const many = 20
	_, ann, bob, _ := product(t, func(c *config.Config) {
		c.Billing.Enforce, c.Billing.Limits = true, []string{"free.max_agents=6", "free.max_members=2"}
		for n := range many {
			key := fmt.Sprintf("t%d", n)
			folder := filepath.Join(c.Data, "tmates", key)
			if err := os.MkdirAll(folder, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(folder, "manifest.yaml"), []byte("name: T"+key), 0o600); err != nil {
				t.Fatal(err)
			}
			c.Tmates.Installed = append(c.Tmates.Installed, key)
		}
	})
	hire := func(u *apptest.User, key string) apptest.Response {
		return u.Do("POST", "/v1/agents/manage", map[string]any{"agent_key": key, "action": "add"})
	}
	var hired, refused atomic.Int64
	var wg sync.WaitGroup
	for n := range many {
		u := []*apptest.User{ann, bob}[n%2]
		wg.Go(func() {
			switch res := hire(u, fmt.Sprintf("t%d", n)); res.Status {
			case http.StatusOK:
				hired.Add(1)
			case http.StatusPaymentRequired:
				refused.Add(1)
				const want = `{"detail":"The Free plan allows up to 6 hired teammates. Dismiss one first, or ask for a larger plan."}`
				if string(res.Body) != want {
					t.Errorf("refused with %s", res.Body)
				}
			default:
				t.Errorf("hire: %d %s", res.Status, res.Body)
			}
		})
	}
	wg.Wait()
	http.DefaultClient.CloseIdleConnections() // a connection never used would hold the server up when it stops
	enabled, _ := access(ann)
	if hired.Load() != 5 || refused.Load() != many-5 || len(enabled) != 6 {
		t.Errorf("%d hired, %d refused, %v enabled", hired.Load(), refused.Load(), enabled)
	}
	if res := hire(bob, "adam"); res.Status != http.StatusOK {
		t.Errorf("hiring who is hired: %d %s", res.Status, res.Body)
	}
	if res := hire(bob, "nobody"); res.Status != http.StatusNotFound {
		t.Errorf("hiring nobody: %d %s", res.Status, res.Body)
	}
	manage(t, ann, "remove", "adam")
	if res := hire(bob, "nora"); res.Status != http.StatusOK {
		t.Errorf("hiring in place of another: %d %s", res.Status, res.Body)
	}
	if res := hire(bob, "adam"); res.Status != http.StatusPaymentRequired {
		t.Errorf("hiring back: %d %s", res.Status, res.Body)
	}
	ann.Must(http.StatusOK, "POST", "/v1/billing/onboard", []byte(`{"plan_key":"pro"}`))
	if res := hire(bob, "adam"); res.Status != http.StatusOK {
		t.Errorf("hiring on a larger plan: %d %s", res.Status, res.Body)
	}
	if p := planOf(bob); !p.Enabled || *p.Limits.MaxAgents != 50 {
		t.Errorf("plan %+v", p)
	}
}

// L3: parallel jobs of a whole organisation cannot go beyond the plan.
func TestJobQuota(t *testing.T) {
	t.Parallel()
	_, ann, bob, _ := limited(t, "free.monthly_actions=4")
	var taken, refused atomic.Int64
	var wg sync.WaitGroup
	for n := range 20 {
		u := []*apptest.User{ann, bob}[n%2]
		wg.Go(func() {
			switch res := u.Do("POST", "/v1/jobs", map[string]any{"agent_key": "adam", "task": "sum"}); res.Status {
			case http.StatusAccepted:
				taken.Add(1)
			case http.StatusPaymentRequired:
				refused.Add(1)
				if !strings.HasPrefix(string(res.Body), `{"detail":"The Free plan includes 4 actions per period, and they are used up`) {
					t.Errorf("refused with %s", res.Body)
				}
			default:
				t.Errorf("job: %d %s", res.Status, res.Body)
			}
		})
	}
	wg.Wait()
	http.DefaultClient.CloseIdleConnections() // a connection never used would hold the server up when it stops
	if taken.Load() != 4 || refused.Load() != 16 {
		t.Errorf("%d taken, %d refused", taken.Load(), refused.Load())
	}
	for planOf(ann).Usage.Actions < 4 {
	}
	if p := planOf(bob); *p.Usage.Remaining != 0 {
		t.Errorf("usage %+v", p.Usage)
	}
	bob.Must(http.StatusPaymentRequired, "POST", "/v1/jobs", map[string]any{"agent_key": "adam", "task": "sum"})
	bob.Must(http.StatusBadRequest, "POST", "/v1/jobs", map[string]any{"agent_key": "numbers"})
	ann.Must(http.StatusOK, "POST", "/v1/billing/onboard", []byte(`{"plan_key":"basic"}`))
	bob.Must(http.StatusAccepted, "POST", "/v1/jobs", map[string]any{"agent_key": "adam", "task": "sum"})
}

// L3, D-12: what people say is kept, and a turn the plan does not include is
// not taken: the thread says why, and the indicator ends.
func TestChatQuota(t *testing.T) {
	t.Parallel()
	_, ann, bob, model := limited(t, "free.monthly_actions=2")
	manage(t, ann, "add", "nora")
	adam, nora := ann.Thread("Adam"), ann.Thread("Nora")
	s := ann.Dial()
	say(ann, s, adam, "hello")

	// While the last action is being used, nobody else gets it.
	ann.Must(http.StatusCreated, "POST", "/v1/chats/"+adam+"/messages", map[string]any{"content": "slow one"})
	s.Until(func(f map[string]any) bool { return f["status"] == "agent_typing" && f["thread_id"] == adam })
	refusal := func(u *apptest.User, s *apptest.Socket, threadID string) {
		t.Helper()
		before := len(messages(u, threadID, ""))
		frames := say(u, s, threadID, "are you there?")
		var kinds []string
		for _, f := range frames {
			if f["thread_id"] == threadID {
				kinds = append(kinds, apptest.Kinds([]map[string]any{f})...)
			}
		}
		want := []string{
			"new_message user", "chat_status agent_typing", "chat_status agent_processing_error", "new_message system", "chat_status agent_processing_completed",
		}
		if diff := cmp.Diff(want, slices.Compact(kinds)); diff != "" {
			t.Errorf("frames (-want +got):\n%s", diff)
		}
		all := messages(u, threadID, "")
		if len(all) != before+2 {
			t.Fatalf("%d messages, before %d", len(all), before)
		}
		last := all[len(all)-1]
		if asked := all[len(all)-2]; asked.Content != "are you there?" || last.Role != "system" || last.Payload["event"] != "agent_error" ||
			!strings.Contains(last.Content, "The Free plan includes 2 actions per period") {
			t.Errorf("messages %+v, %+v", asked, last)
		}
		var jobs []struct {
			Status string
			Error  map[string]any
		}
		u.Must(http.StatusOK, "GET", "/v1/jobs?limit=1", nil).Decode(&jobs)
		if jobs[0].Status != "failed" || jobs[0].Error["error_type"] != "quota_exceeded" {
			t.Errorf("job %+v", jobs[0])
		}
	}
	refusal(ann, s, nora)
	close(model.release)
	for newest := messages(ann, adam, "?limit=1")[0]; newest.Content != "Half ünd done."; newest = messages(ann, adam, "?limit=1")[0] {
	}
	refusal(bob, bob.Dial(), bob.Thread("Adam"))
	if p := planOf(ann); p.Usage.Actions != 2 || *p.Usage.Remaining != 0 {
		t.Errorf("usage %+v", p.Usage)
	}
	// Stopping is free, and a larger plan is in force at once.
	ann.Must(http.StatusOK, "POST", "/v1/billing/onboard", []byte(`{"plan_key":"basic"}`))
	s = ann.Dial()
	say(ann, s, nora, "and now?")
	if newest := messages(ann, nora, "?limit=1")[0]; newest.Content != "You said: and now?" {
		t.Errorf("newest %+v", newest)
	}
}

// meter is a model that counts how often it is asked and says what it used.
type meter struct{ asked atomic.Int64 }

func (m *meter) Think(context.Context, agents.Turn) iter.Seq2[agents.Part, error] {
	return func(yield func(agents.Part, error) bool) {
		m.asked.Add(1)
		yield(agents.Part{Text: "Yes.", Usage: &agents.Usage{Model: "m", PromptTokens: 60, CompletionTokens: 40}}, nil)
	}
}

// L4, L5: tokens are counted as they come, and guard the spending.
func TestTokenQuota(t *testing.T) {
	t.Parallel()
	model := &meter{}
	app := apptest.Start(t, apptest.Options{Model: model, Env: []string{
		"TMATES_BILLING_ENFORCE=true", "TMATES_BILLING_LIMITS=free.monthly_tokens=150", "TMATES_STORE_SYNCHRONOUS=normal",
	}})
	ann := app.AddUser("ann@example.org", "Ann")
	s, adam := ann.Dial(), ann.Thread("Adam")
	for range 4 {
		say(ann, s, adam, "tell me")
	}
	ann.Must(http.StatusPaymentRequired, "POST", "/v1/jobs", map[string]any{"agent_key": "adam", "task": "sum"})
	if p := planOf(ann); p.Usage.Actions != 2 || p.Usage.Tokens != 200 || model.asked.Load() != 2 {
		t.Errorf("usage %+v, asked %d times", p.Usage, model.asked.Load())
	}
	var roles []string
	for _, m := range messages(ann, adam, "")[1:] {
		roles = append(roles, m.Role)
	}
	if diff := cmp.Diff([]string{"user", "assistant", "user", "assistant", "user", "system", "user", "system"}, roles); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

// An organisation takes no more members than its plan allows, whoever adds
// them; a workspace of one's own is another organisation.
func TestMemberCap(t *testing.T) {
	t.Parallel()
	app := apptest.Start(t, apptest.Options{Env: []string{
		"TMATES_BILLING_ENFORCE=true", "TMATES_BILLING_LIMITS=free.max_members=2", "TMATES_STORE_SYNCHRONOUS=normal",
		"TMATES_AUTH_SIGNUP=true", "TMATES_AUTH_CONFIRM_EMAIL=false",
	}})
	ann := app.AddUser("ann@example.org", "Ann")
	app.AddUser("bob@example.org", "Bob")
	var made control.User
	err := app.Call("user.add", control.AddUser{Email: "eve@example.org"}, &made)
	if err == nil || err.Error() != "The Free plan allows up to 2 members, and the organization Ann has 2." {
		t.Errorf("a third member: %+v, %v", made, err)
	}
	res := app.Do("POST", "/auth/v1/signup", "", map[string]any{"email": "eve@example.org", "password": "quartz fjord 17"})
	if res.Status != http.StatusPaymentRequired || !strings.Contains(string(res.Body), `"error_code":"plan_members"`) {
		t.Errorf("sign-up: %d %s", res.Status, res.Body)
	}
	var users []control.User
	if err := app.Call("user.list", struct{}{}, &users); err != nil || len(users) != 2 {
		t.Errorf("users %+v, %v", users, err)
	}
	alone(t, app, "eve@example.org", "Eve")
	ann.Must(http.StatusOK, "POST", "/v1/billing/onboard", []byte(`{"plan_key":"team"}`))
	if err := app.Call("user.add", control.AddUser{Email: "dan@example.org"}, &made); err != nil || made.Workspace != "Ann" || made.Own {
		t.Errorf("a member on a larger plan: %+v, %v", made, err)
	}
}
