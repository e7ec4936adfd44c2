package v1_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/cmd/app/apptest"
	"github.com/tmates/tmates/cmd/config"
)

// dayClock is a clock that a test moves.
type dayClock struct{ offset atomic.Int64 }

var noon = time.Date(2030, 5, 6, 12, 0, 0, 0, time.UTC)

func (c *dayClock) now() time.Time       { return noon.Add(time.Duration(c.offset.Load())) }
func (c *dayClock) move(d time.Duration) { c.offset.Add(int64(d)) }

// costly boots the product with prices and limits.
func costly(t *testing.T, clock *dayClock, change func(*config.Usage)) (app *apptest.App, ann, bob *apptest.User) {
	t.Helper()
	app, ann, bob, _ = productAt(t, clock.now, func(c *config.Config) {
		c.Usage.Rates = []string{"test-*=1000/4000"} // 0.001 and 0.004 for a token
		change(&c.Usage)
	})
	return app, ann, bob
}

// What a reply takes stands with it and its job, and is summed for those who may
// see it.
func TestUsageIsShown(t *testing.T) {
	t.Parallel()
	_, ann, bob := costly(t, &dayClock{}, func(*config.Usage) {})
	thread := ann.Thread("Adam")
	s := ann.Dial()
	say(ann, s, thread, "spend 300 50")
	say(ann, s, thread, "hello") // costs nothing
	say(bob, bob.Dial(), bob.Thread("Adam"), "spend 10 5")
	want := map[string]any{"model": "test-model", "provider": "test", "prompt_tokens": 300.0, "completion_tokens": 50.0, "cost": 0.5, "currency": "USD"}
	for _, m := range messages(ann, thread, "") {
		if m.Content == "Spent." {
			if diff := cmp.Diff(any(want), m.Payload["usage"]); diff != "" {
				t.Errorf("usage of the reply (-want +got):\n%s", diff)
			}
		}
	}
	var done struct {
		Result struct{ Metadata map[string]any }
	}
	ann.Must(http.StatusOK, "GET", "/v1/jobs/"+jobs(ann)[1].ID, nil).Decode(&done)
	if diff := cmp.Diff(any(want), done.Result.Metadata["usage"]); diff != "" {
		t.Errorf("usage of the job (-want +got):\n%s", diff)
	}
	report := func(u *apptest.User, query string) string {
		return string(u.Must(http.StatusOK, "GET", "/v1/usage"+query, nil).Body)
	}
	const all = `{"by":"tmate","since":"2030-04-07T00:00:00Z","currency":"USD","scope":"organization","items":[` +
		`{"key":"adam","jobs":3,"actions":3,"prompt_tokens":310,"completion_tokens":55,"cost":0.53}]}`
	if got := report(ann, ""); got != all {
		t.Errorf("the owner sees %s, want %s", got, all)
	}
	const own = `{"by":"day","since":"2030-05-06T00:00:00Z","currency":"USD","scope":"own","items":[` +
		`{"key":"2030-05-06","jobs":1,"actions":1,"prompt_tokens":10,"completion_tokens":5,"cost":0.03}]}`
	if got := report(bob, "?by=day&days=1"); got != own {
		t.Errorf("a member sees %s, want %s", got, own)
	}
}

// An attempt that failed is paid for, too.
func TestUsageOfFailures(t *testing.T) {
	t.Parallel()
	_, ann, _ := costly(t, &dayClock{}, func(u *config.Usage) { u.TokensPerTurn = 0 })
	thread := ann.Thread("Adam")
	say(ann, ann.Dial(), thread, "spendfail")
	var got struct {
		Items []struct {
			PromptTokens int `json:"prompt_tokens"`
			Jobs         int
			Actions      int
		}
	}
	ann.Must(http.StatusOK, "GET", "/v1/usage", nil).Decode(&got)
	if len(got.Items) != 1 || got.Items[0].PromptTokens != 70 || got.Items[0].Actions != 0 {
		t.Errorf("%+v", got)
	}
}

// parkedOf returns the state of a job and when it goes on.
func parkedOf(u *apptest.User, n int) (status, until string) {
	var j struct {
		Status   string
		Metadata struct{ Parked struct{ Until string } }
	}
	u.Must(http.StatusOK, "GET", "/v1/jobs/"+jobs(u)[n].ID, nil).Decode(&j)
	return j.Status, j.Metadata.Parked.Until
}

// A tmate that has used up its day puts work aside with a word, and does it the
// next day; others are not held up.
func TestADayIsSpent(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]func(*config.Usage){
		"tokens": func(u *config.Usage) { u.TokensPerDay = 300 },
		"money":  func(u *config.Usage) { u.CostPerDay = 0.4 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := &dayClock{}
			app, ann, bob := costly(t, clock, limit)
			thread := ann.Thread("Adam")
			s := ann.Dial()
			say(ann, s, thread, "spend 300 50") // crosses the line and is finished
			for _, text := range []string{"one more", "and another"} {
				say(ann, s, thread, text) // the indicator ends
			}
			notices := 0
			for _, m := range messages(ann, thread, "") {
				if m.Payload["event"] == "agent_parked" {
					notices++
					if !strings.HasPrefix(m.Content, "Adam has used the ") || !strings.HasSuffix(m.Content,
						" it may have in a day, and goes on with this on May 7 at 00:00 (UTC). Whoever runs the server can raise the limit.") {
						t.Errorf("notice: %s", m.Content)
					}
				}
			}
			if notices != 1 {
				t.Errorf("%d notices", notices)
			}
			for n := range 2 {
				if status, until := parkedOf(ann, n); status != "queued" || until != "2030-05-07T00:00:00+00:00" {
					t.Errorf("job %d is %s until %s", n, status, until)
				}
			}
			// The limit is the organisation's, the other tmate's day its own.
			say(bob, bob.Dial(), bob.Thread("Adam"), "hello")
			if status, _ := parkedOf(bob, 0); status != "queued" {
				t.Errorf("bob's job is %s", status)
			}
			ann.Must(http.StatusOK, "POST", "/v1/agents/hire", map[string]any{"agent_key": "nora"})
			say(ann, s, ann.Thread("Nora"), "hello")
			if newest := messages(ann, ann.Thread("Nora"), "?limit=1")[0]; newest.Content != "You said: hello" {
				t.Errorf("nora says %+v", newest)
			}
			// Cancelled is cancelled; the other one runs the next day. A clock that is
			// moved wakes nobody, a cancellation does.
			clock.move(13 * time.Hour)
			ann = app.Login(ann.Email)
			ann.Must(http.StatusAccepted, "POST", "/v1/jobs/"+jobs(ann)[1].ID+"/cancel", nil)
			for jobs(ann)[2].Status != "succeeded" {
				continue
			}
			if newest := messages(ann, thread, "?limit=1")[0]; newest.Content != "You said: one more" {
				t.Errorf("the next day: %+v", newest)
			}
		})
	}
}
