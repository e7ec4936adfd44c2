package v1_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/cmd/app/apptest"
	"github.com/tmates/tmates/cmd/config"
	"github.com/tmates/tmates/store"
)

// served lets the program of the tests serve tmates beside its own.
func served(keys ...string) func(*config.Config) {
	return func(c *config.Config) { c.Tmates.Installed = append(c.Tmates.Installed, keys...) }
}

// TestMadeTmates goes through the life of a tmate that is made in a client: begun,
// checked, made, changed, deleted.
func TestMadeTmates(t *testing.T) {
	t.Parallel()
	app, ann, bob, _ := product(t, served("gardener", "vera"))
	g := newGolden(t, "tmates")
	g.add("no token", "GET /v1/tmates/template", app.Do("GET", "/v1/tmates/template", "", nil))
	g.do("a name that is too long", bob, "GET", "/v1/tmates/template?name="+strings.Repeat("n", 300), nil)
	g.do("what works", bob, "POST", "/v1/tmates/check", `{"manifest":"name: Gardener\nrole: Adviser\nbranding: {color: \"#112233\"}\nstarters: [Hello]\n"}`)
	g.do("nothing", bob, "POST", "/v1/tmates/check", `{"manifest":""}`)
	g.do("no YAML", bob, "POST", "/v1/tmates/check", `{"manifest":"name: Gardener\nrole: [\n"}`)
	g.do("mistakes", bob, "POST", "/v1/tmates/check", `{"manifest":"name: Gardener\nbrain: {kind: magic}\n","files":[{"name":"rules.yaml","content":"rules:\n  - mach: hi\n"}]}`)
	g.do("a warning", bob, "POST", "/v1/tmates/check", `{"manifest":"name: Gardener\ncapabilitie: [Water]\n"}`)
	g.do("files it may not have", bob, "POST", "/v1/tmates/check", `{"manifest":"name: G","files":[{"name":"../adam/manifest.yaml","content":""},{"name":"rules.yaml","content":""},{"name":"rules.yaml","content":""}]}`)
	g.do("no such request", bob, "POST", "/v1/tmates/check", `{"manifest":5,"files":[5,{"name":"rules.yaml"}]}`)
	g.do("a taken key, to who may make one", ann, "POST", "/v1/tmates/check", `{"manifest":"role: x\nname: Adam\n"}`)
	g.do("a taken key, to who may not", bob, "POST", "/v1/tmates/check", `{"manifest":"role: x\nname: Adam\n"}`)
	g.do("another version of nobody", ann, "POST", "/v1/tmates/check", `{"key":"nobody","manifest":"name: X"}`)
	g.do("another version of one of the program", ann, "POST", "/v1/tmates/check", `{"key":"vera","manifest":"name: X"}`)

	g.do("a member", bob, "POST", "/v1/tmates", `{"manifest":"name: Gardener"}`)
	g.do("refused", ann, "POST", "/v1/tmates", `{"manifest":"name: Gardener\nbrain: {kind: magic}\n"}`)
	g.do("taken", ann, "POST", "/v1/tmates", `{"manifest":"name: Somebody\nslug: adam\n"}`)
	g.do("one that is not served here", ann, "POST", "/v1/tmates", `{"manifest":"name: Somebody"}`)
	g.do("made", ann, "POST", "/v1/tmates", `{"manifest":"name: Gardener\nrole: Adviser\n","files":[{"name":"rules.yaml","content":"otherwise: {say: Water it.}\n"}]}`)
	g.do("made again", ann, "POST", "/v1/tmates", `{"manifest":"name: Gardener"}`)
	g.do("read", ann, "GET", "/v1/tmates/gardener/source", nil)
	g.do("read by a member", bob, "GET", "/v1/tmates/gardener/source", nil)
	g.do("another version of it", ann, "POST", "/v1/tmates/check", `{"key":"gardener","manifest":"name: Gardener\nbrain: {kind: rules}\n"}`)
	g.do("changed by a member", bob, "PUT", "/v1/tmates/gardener", `{"manifest":"name: Bob was here"}`)
	g.do("a change is refused", ann, "PUT", "/v1/tmates/gardener", `{"manifest":"name: ["}`)
	g.do("changed", ann, "PUT", "/v1/tmates/gardener", `{"manifest":"name: Grower\nslug: grower\n"}`)
	g.do("changed without rules", ann, "PUT", "/v1/tmates/gardener", `{"manifest":"name: Grower","files":[]}`)
	g.do("read again", ann, "GET", "/v1/tmates/gardener/source", nil)
	g.do("nobody's", ann, "PUT", "/v1/tmates/nobody", `{"manifest":"name: X"}`)
	g.do("the program's", ann, "PUT", "/v1/tmates/vera", `{"manifest":"name: X"}`)
	g.do("the program's stays", ann, "DELETE", "/v1/tmates/vera", nil)
	g.do("deleted by a member", bob, "DELETE", "/v1/tmates/gardener", nil)
	g.do("deleted", ann, "DELETE", "/v1/tmates/gardener", nil)
	g.do("deleted again", ann, "DELETE", "/v1/tmates/gardener", nil)
	g.do("gone", ann, "GET", "/v1/tmates/gardener/source", nil)
	// What is begun with passes the check, whatever it is to be called.
	var begun map[string]any
	bob.Must(http.StatusOK, "GET", "/v1/tmates/template?name=%F0%9F%8C%B1+Tax+Helper%21", nil).Decode(&begun)
	checked := bob.Must(http.StatusOK, "POST", "/v1/tmates/check", map[string]any{"manifest": begun["manifest"], "files": begun["files"]})
	if begun["key"] != "tax-helper" || !bytes.Contains(checked.Body, []byte(`{"ok":true,"problems":[],"tmate":{"key":"tax-helper","name":"Tax Helper"`)) {
		t.Errorf("begun as %v, checked as %s", begun["key"], checked.Body)
	}
	var builtin struct{ Origin, Manifest string }
	ann.Must(http.StatusOK, "GET", "/v1/tmates/vera/source", nil).Decode(&builtin)
	if builtin.Origin != "builtin" || !strings.Contains(builtin.Manifest, "name: Vera") {
		t.Errorf("the program's is %+v", builtin)
	}
}

// Only who leads the server's organisation makes tmates: not a member, and not the
// owner of a workspace of their own. What is done is on record, once each.
func TestMadeTmatesAreForWhoLeads(t *testing.T) {
	t.Parallel()
	app, ann, bob, _ := product(t, served("helper"))
	carl := alone(t, app, "carl@example.org", "Carl")
	ask := func(u *apptest.User, method, path string) int {
		return u.Do(method, path, map[string]any{"manifest": "name: Helper"}).Status
	}
	steps := []struct {
		method, path string
		status       int
	}{{"POST", "/v1/tmates", 201}, {"PUT", "/v1/tmates/helper", 200}, {"DELETE", "/v1/tmates/helper", 204}}
	for _, s := range steps {
		for _, u := range []*apptest.User{bob, carl} {
			if got := ask(u, s.method, s.path); got != http.StatusForbidden {
				t.Errorf("%s %s as %s: %d", s.method, s.path, u.Email, got)
			}
		}
		if got := ask(ann, s.method, s.path); got != s.status {
			t.Errorf("%s %s as the owner: %d", s.method, s.path, got)
		}
	}
	ann.Must(http.StatusOK, "PATCH", "/v1/organization/members/"+bob.ID, map[string]any{"role": "admin"})
	if got := ask(bob, "POST", "/v1/tmates"); got != http.StatusCreated {
		t.Errorf("an admin: %d", got)
	}
	want := []string{
		"tmate_created " + ann.ID + " helper", "tmate_changed " + ann.ID + " helper", "tmate_deleted " + ann.ID + " helper", "tmate_created " + bob.ID + " helper",
	}
	if diff := cmp.Diff(want, recorded(t, app, "tmate_%")); diff != "" {
		t.Errorf("on record (-want +got):\n%s", diff)
	}
}

// recorded are the records of some events, oldest first; each must say from where.
func recorded(t *testing.T, app *apptest.App, like string) (out []string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(app.Dir, store.FileName)+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(t.Context(), `SELECT event, user_id, session_id, ip, user_agent, detail FROM audit WHERE event LIKE ? ORDER BY at, id`, like)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var event, user, session, ip, agent, detail string
		if err := rows.Scan(&event, &user, &session, &ip, &agent, &detail); err != nil {
			t.Fatal(err)
		}
		if session == "" || ip != "127.0.0.1" || !strings.HasPrefix(agent, "Go-http-client") {
			t.Errorf("%s comes from %q, %q, %q", event, session, ip, agent)
		}
		out = append(out, fmt.Sprint(event, " ", user, " ", detail))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// A tmate made here answers at once, a change counts from the next message on, and
// when it is deleted it is as if its folder had been taken away.
func TestMadeTmateAnswers(t *testing.T) {
	t.Parallel()
	app := apptest.Start(t, apptest.Options{})
	ann := app.AddUser("ann@example.org", "Ann")
	source := func(say string) map[string]any {
		return map[string]any{"manifest": "name: Gardener", "files": []any{map[string]any{"name": "rules.yaml", "content": "otherwise: {say: " + say + "}"}}}
	}
	ann.Must(http.StatusCreated, "POST", "/v1/tmates", source("Water it."))
	ann.Must(http.StatusOK, "POST", "/v1/agents/hire", map[string]any{"agent_key": "gardener"})
	thread, s := ann.Thread("Gardener"), ann.Dial()
	answer := func() string {
		say(ann, s, thread, "What now?")
		all := messages(ann, thread, "")
		return all[len(all)-1].Content
	}
	if got := answer(); got != "Water it." {
		t.Errorf("it says %q", got)
	}
	ann.Must(http.StatusOK, "PUT", "/v1/tmates/gardener", source("Dig."))
	if got := answer(); got != "Dig." {
		t.Errorf("changed it says %q", got)
	}
	ann.Must(http.StatusNoContent, "DELETE", "/v1/tmates/gardener", nil)
	if _, err := os.Stat(filepath.Join(app.Dir, "tmates", "gardener")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder: %v", err)
	}
	for _, path := range []string{"/v1/agents/store", "/v1/agents/enabled", "/v1/agents/metadata"} {
		if res := ann.Must(http.StatusOK, "GET", path, nil); bytes.Contains(res.Body, []byte("gardener")) {
			t.Errorf("%s: %s", path, res.Body)
		}
	}
	ann.Must(http.StatusNotFound, "POST", "/v1/agents/hire", map[string]any{"agent_key": "gardener"})
	if got := messages(ann, thread, ""); got[len(got)-1].Content != "Dig." {
		t.Errorf("the conversation: %+v", got)
	}
}

// A tmate of the catalog that an organisation is not to know of answers like none,
// also to who leads the server; one that it may know of is read, not changed.
func TestMadeTmatesAndTheCatalog(t *testing.T) {
	t.Parallel()
	p := newPublisher(t)
	secret := p.bundle("secret", "1.0.0", map[string]string{"manifest.yaml": "name: Secret\n"})
	secret["audience"] = map[string]any{"organization_allowlist": []string{"somebody-else"}}
	p.publish(p.bundle("gardener", "1.0.0", gardener), secret)
	_, ann, bob := shop(t, t.TempDir(), p.URL+"/index.json")
	settle(t, ann)
	manifest := map[string]any{"manifest": "name: X"}
	for _, ask := range []struct {
		method, path string
		body         any
	}{
		{"GET", "/v1/tmates/KEY/source", nil}, {"PUT", "/v1/tmates/KEY", manifest}, {"DELETE", "/v1/tmates/KEY", nil},
		{"POST", "/v1/tmates/check", map[string]any{"manifest": "name: X", "key": "KEY"}},
	} {
		said := func(key string) string {
			body := ask.body
			if in, ok := body.(map[string]any); ok && in["key"] != nil {
				body = map[string]any{"manifest": "name: X", "key": key}
			}
			res := ann.Must(http.StatusNotFound, ask.method, strings.ReplaceAll(ask.path, "KEY", key), body)
			return string(res.Body)
		}
		if a, b := said("secret"), said("nobody"); strings.ReplaceAll(a, "secret", "nobody") != b {
			t.Errorf("%s %s: %s, and of nobody %s", ask.method, ask.path, a, b)
		}
	}
	var got struct {
		Origin, Manifest string
		Editable         bool
		Files            []struct{ Name string }
	}
	ann.Must(http.StatusOK, "GET", "/v1/tmates/gardener/source", nil).Decode(&got)
	if got.Origin != "catalog" || got.Editable || got.Manifest != gardener["manifest.yaml"] || len(got.Files) != 1 {
		t.Errorf("the catalog's is %+v", got)
	}
	ann.Must(http.StatusConflict, "PUT", "/v1/tmates/gardener", manifest)
	ann.Must(http.StatusConflict, "DELETE", "/v1/tmates/gardener", nil)
	ann.Must(http.StatusConflict, "POST", "/v1/tmates", map[string]any{"manifest": "name: Gardener"})
	// Whoever cannot make tmates does not learn what there is by asking for keys.
	var template struct{ Key string }
	bob.Must(http.StatusOK, "GET", "/v1/tmates/template?name=Secret", nil).Decode(&template)
	if template.Key != "secret" {
		t.Errorf("the template of a member has the key %q", template.Key)
	}
}
