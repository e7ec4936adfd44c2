package v1_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/tmates/tmates/agents/brains/openai/modelserver"
	"github.com/tmates/tmates/cmd/app/apptest"
	"github.com/tmates/tmates/cmd/config"
	"github.com/tmates/tmates/server/control"
	v1 "github.com/tmates/tmates/server/v1"
)

const modelKey = "sk-secret-of-the-test-0123456789"

// durationPattern and promptPattern are what differs from run to run, or with the
// words of a prompt.
var (
	durationPattern = regexp.MustCompile(`"duration_ms":\d+`)
	promptPattern   = regexp.MustCompile(`"prompt_tokens":[1-9]\d*`)
)

// TestProviders goes through the life of a provider: looked at, tested, saved,
// chosen, removed.
func TestProviders(t *testing.T) {
	t.Parallel()
	m, other := modelserver.New(t), modelserver.New(t)
	m.RequireKey(modelKey)
	_, ann, _, _ := product(t, func(c *config.Config) {
		c.Providers = map[string]config.Provider{"fixed": {Type: config.TypeOpenAI, BaseURL: other.URL + "/v1", Model: modelserver.Model}}
	})
	g := newGolden(t, "providers")
	do := func(name, method, path, body string) {
		t.Helper()
		words := strings.NewReplacer("MODEL", m.URL+"/v1", "KEY", modelKey)
		var sent any
		if body != "" {
			sent = []byte(words.Replace(body))
		}
		res := ann.Do(method, path, sent)
		if strings.Contains(string(res.Body), modelKey) {
			t.Errorf("%s: the answer tells the key: %s", name, res.Body)
		}
		hosts := strings.NewReplacer(strings.TrimPrefix(m.URL, "http://"), "HOST", strings.TrimPrefix(other.URL, "http://"), "OTHER")
		text := durationPattern.ReplaceAllString(string(res.Body), `"duration_ms":0`)
		res.Body = []byte(hosts.Replace(promptPattern.ReplaceAllString(text, `"prompt_tokens":9`)))
		g.add(name, strings.TrimSpace(method+" "+path+" "+body), res)
	}
	do("only the configuration's", "GET", "/v1/providers", "")
	do("places nobody looks at", "GET", "/v1/providers/local", "")
	do("models without a key", "POST", "/v1/providers/models", `{"type":"openai","base_url":"MODEL"}`)
	do("models", "POST", "/v1/providers/models", `{"type":"openai","base_url":"MODEL","api_key":"KEY"}`)
	do("no type", "POST", "/v1/providers/models", `{"api_key":"KEY"}`)
	do("wrong types", "POST", "/v1/providers/test", `{"type":1,"api_key":["KEY"],"temperature":"hot","vision":"maybe","concurrency":1.5}`)
	do("a metadata service", "POST", "/v1/providers/test", `{"type":"openai","base_url":"http://169.254.169.254/v1","model":"m"}`)
	do("a wrong key", "POST", "/v1/providers/test", `{"type":"openai","base_url":"MODEL","api_key":"wrong-0123456789","model":"test-model"}`)
	do("a test", "POST", "/v1/providers/test", `{"type":"openai","base_url":"MODEL","api_key":"KEY","model":"test-model"}`)
	do("nothing is saved after a failed test", "PUT", "/v1/providers/home", `{"type":"openai","base_url":"MODEL","model":"test-model"}`)
	do("nothing there", "POST", "/v1/providers/test", `{"name":"home"}`)
	do("saved", "PUT", "/v1/providers/home", `{"type":"openai","base_url":"MODEL","api_key":"KEY","model":"test-model"}`)
	do("changed without repeating the key", "PUT", "/v1/providers/home", `{"type":"openai","base_url":"MODEL","model":"test-model","temperature":0.5,"concurrency":2}`)
	do("the saved one as it is", "POST", "/v1/providers/test", `{"name":"home"}`)
	do("its models", "POST", "/v1/providers/models", `{"name":"home"}`)
	do("a name nobody can have", "PUT", "/v1/providers/detected-1", `{"type":"ollama","model":"m"}`)
	do("the configuration's cannot be changed", "PUT", "/v1/providers/fixed", `{"type":"openai","base_url":"MODEL","model":"m"}`)
	do("nor removed", "DELETE", "/v1/providers/fixed", "")
	do("chosen", "PUT", "/v1/providers/default", `{"name":"home"}`)
	do("an unknown choice", "PUT", "/v1/providers/default", `{"name":"nobody"}`)
	do("removed", "DELETE", "/v1/providers/home", "")
	do("not there", "DELETE", "/v1/providers/home", "")
}

// Only who leads the server's organisation may look after its providers, whatever
// the route: not a member, and not the owner of a workspace of their own.
func TestProvidersAreForWhoLeads(t *testing.T) {
	t.Parallel()
	app, ann, bob, _ := product(t, nil)
	carl := alone(t, app, "carl@example.org", "Carl")
	ask := func(u *apptest.User, r v1.Route) apptest.Response {
		path := strings.ReplaceAll(r.Path, ":provider_name", "home")
		return u.Do(r.Method, "/v1"+path, []byte(good[r.Method+" "+r.Path]))
	}
	asked := 0
	for _, r := range v1.Routes() {
		if !strings.HasPrefix(r.Path, "/providers") {
			continue
		}
		asked++
		for _, u := range []*apptest.User{bob, carl} {
			if res := ask(u, r); res.Status != http.StatusForbidden {
				t.Errorf("%s %s as %s: %d %s", r.Method, r.Path, u.Email, res.Status, res.Body)
			}
		}
		if res := ask(ann, r); res.Status == http.StatusForbidden {
			t.Errorf("%s %s as the owner: %s", r.Method, r.Path, res.Body)
		}
	}
	if asked < 8 {
		t.Errorf("only %d routes", asked)
	}
	ann.Must(http.StatusOK, "PATCH", "/v1/organization/members/"+bob.ID, map[string]any{"role": "admin"})
	bob.Must(http.StatusOK, "GET", "/v1/providers", nil)
}

// A provider that is saved while the server runs answers the next message, and
// every one after a restart. Its key is in no log and no answer.
func TestSavedProviderAnswers(t *testing.T) {
	t.Parallel()
	m := modelserver.New(t)
	m.RequireKey(modelKey)
	m.Otherwise(func(r modelserver.Request) modelserver.Reply {
		return modelserver.Text("The model heard: " + r.LastUser())
	})
	app := apptest.Start(t, apptest.Options{})
	ann := app.AddUser("ann@example.org", "Ann")
	answers := func(u *apptest.User, text string) string {
		thread := u.Thread("Adam")
		say(u, u.Dial(), thread, text)
		all := messages(u, thread, "")
		return all[len(all)-1].Content
	}
	if got := answers(ann, "hello"); strings.Contains(got, "The model heard") {
		t.Fatalf("a model answers already: %s", got)
	}
	ann.Must(http.StatusOK, "PUT", "/v1/providers/home", map[string]any{
		"type": "openai", "base_url": m.URL + "/v1", "api_key": modelKey, "model": modelserver.Model,
	})
	if got := answers(ann, "one"); got != "The model heard: one" {
		t.Errorf("at once: %s", got)
	}
	var list struct {
		Providers []struct {
			LastUse struct{ Problem *string } `json:"last_use"`
		}
	}
	ann.Must(http.StatusOK, "GET", "/v1/providers", nil).Decode(&list)
	if len(list.Providers) != 1 || list.Providers[0].LastUse.Problem != nil {
		t.Errorf("providers: %+v", list)
	}
	app.Stop()
	again := apptest.Start(t, apptest.Options{Dir: app.Dir})
	back := again.Login(ann.Email)
	if got := answers(back, "two"); got != "The model heard: two" {
		t.Errorf("after a restart: %s", got)
	}
	var shown control.Providers
	if err := again.Call("provider.list", struct{}{}, &shown); err != nil || shown.Default != "home" {
		t.Errorf("providers of the operator: %+v, %v", shown, err)
	}
	if text := app.Log.String() + again.Log.String() + fmt.Sprintf("%+v", shown); strings.Contains(text, modelKey) {
		t.Error("the key was told")
	}
}
