package v1_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/agents/catalog"
	"github.com/tmates/tmates/cmd/app/apptest"
	"github.com/tmates/tmates/cmd/config"
	"github.com/tmates/tmates/server/control"
	"github.com/tmates/tmates/store/tmates"
)

// publisher is a web server with a catalog.
type publisher struct {
	*httptest.Server
	t     *testing.T
	mu    sync.Mutex
	files map[string][]byte
	asked int
}

func newPublisher(t *testing.T) *publisher {
	p := &publisher{t: t, files: map[string][]byte{}}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.asked++
		data, ok := p.files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(data)
	}))
	t.Cleanup(p.Close)
	p.publish()
	return p
}

func (p *publisher) put(path string, data []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.files[path] = data
}

func (p *publisher) publish(entries ...map[string]any) {
	p.t.Helper()
	data, err := json.Marshal(append([]map[string]any{}, entries...))
	if err != nil {
		p.t.Fatal(err)
	}
	p.put("/index.json", data)
}

// bundle publishes the files of a tmate and returns its entry.
func (p *publisher) bundle(key, version string, files map[string]string) map[string]any {
	p.t.Helper()
	data := tarball(p.t, key, files)
	path := "/" + key + "-" + version + ".tar.gz"
	p.put(path, data)
	return map[string]any{
		"key": key, "version": version, "status": "published", "bundle_url": path[1:], "bundle_checksum": catalog.Checksum(data),
	}
}

func tarball(t *testing.T, key string, files map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	archive := tar.NewWriter(zipped)
	for name, content := range files {
		err := archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: key + "/" + name, Size: int64(len(content)), Mode: 0o644})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(archive.Close(), zipped.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// gardener are the files of a tmate that answers without a model.
var gardener = map[string]string{
	"manifest.yaml": "name: Gardener\ndescription: Knows when to water what.\nicon: \"🌱\"\ncategory: Home\nversion: 1.0.0\n" +
		"developer_website: https://garden.example\nprivacy_policy: https://garden.example/privacy\n",
	"rules.yaml": "otherwise: {say: Water it on Tuesdays.}\n",
}

// shop boots the program with a catalog, offline. Ann founds the organisation,
// Bob joins it as a member.
func shop(t *testing.T, dir, url string) (app *apptest.App, ann, bob *apptest.User) {
	t.Helper()
	app = apptest.Start(t, apptest.Options{Dir: dir, Config: func(c *config.Config) {
		c.Catalog.URL = url
		c.Store.Synchronous = "normal"
	}})
	var users []control.User
	if err := app.Call("user.list", struct{}{}, &users); err != nil {
		t.Fatal(err)
	}
	if len(users) == 0 {
		return app, app.AddUser("ann@example.org", "Ann"), app.AddUser("bob@example.org", "Bob")
	}
	return app, app.Login("ann@example.org"), app.Login("bob@example.org")
}

// syncShop syncs through the API and returns the answer.
func syncShop(u *apptest.User) map[string]any {
	out, _ := u.Must(http.StatusOK, "POST", "/v1/agent-catalog/sync", nil).JSON().(map[string]any)
	return out
}

// settle syncs once the server's own first look at the catalog is over.
func settle(t *testing.T, u *apptest.User) {
	t.Helper()
	for until := time.Now().Add(time.Minute); ; {
		res := u.Do("POST", "/v1/agents/catalog/sync", nil)
		if res.Status == http.StatusOK {
			return
		}
		if res.Status != http.StatusConflict || time.Now().After(until) {
			t.Fatalf("sync: %d %s", res.Status, res.Body)
		}
	}
}

// storeEntry is what the tests look at in the store.
type storeEntry struct {
	Key, Name, Icon, Source string
	Hired                   bool
	Version, Status         *string
	Metadata                map[string]any
}

func storeOf(u *apptest.User) (source string, entries map[string]storeEntry, keys []string) {
	var out struct {
		AvailableAgents []storeEntry `json:"available_agents"`
		Source          string
	}
	u.Must(http.StatusOK, "GET", "/v1/agents/store", nil).Decode(&out)
	entries = map[string]storeEntry{}
	for _, e := range out.AvailableAgents {
		entries[e.Key] = e
		keys = append(keys, e.Key)
	}
	return out.Source, entries, keys
}

func TestCatalogIsOffByDefault(t *testing.T) {
	t.Parallel()
	_, ann, _, _ := product(t, nil)
	for _, route := range []string{"GET /v1/agents/catalog", "GET /v1/agent-catalog", "POST /v1/agents/catalog/sync", "POST /v1/agent-catalog/sync"} {
		method, path, _ := strings.Cut(route, " ")
		res := ann.Must(http.StatusServiceUnavailable, method, path, nil)
		if string(res.Body) != `{"detail":"Agent catalog registry is disabled"}` {
			t.Errorf("%s: %s", route, res.Body)
		}
	}
	p := newPublisher(t)
	app := apptest.Start(t, apptest.Options{Env: []string{"TMATES_CATALOG_URL=" + p.URL + "/index.json", "AGENT_CATALOG_ENABLED=0"}})
	app.AddUser("ann@example.org", "Ann").Must(http.StatusServiceUnavailable, "GET", "/v1/agents/catalog", nil)
	if p.asked != 0 {
		t.Error("a catalog that is off was fetched")
	}
}

// TestCatalogStory hires a tmate of a catalog, and talks to it with the network
// gone, after a restart, and after it was retired.
func TestCatalogStory(t *testing.T) {
	t.Parallel()
	p, dir := newPublisher(t), t.TempDir()
	p.publish(p.bundle("gardener", "1.0.0", gardener), map[string]any{
		"key": "baker", "version": "0.1.0", "status": "published", "name": "Baker", "manifest": map[string]any{"role": "bakes"},
	})
	url := p.URL + "/index.json"
	app, ann, _ := shop(t, dir, url)
	settle(t, ann)
	talk := func(when string) {
		t.Helper()
		socket := ann.Dial()
		thread := ann.Thread("Gardener")
		say(ann, socket, thread, "when?")
		all := messages(ann, thread, "")
		if last := all[len(all)-1]; last.Content != "Water it on Tuesdays." {
			t.Errorf("%s: %+v", when, last)
		}
	}
	if got := syncShop(ann); got["unchanged"] != 2.0 || len(got["errors"].([]any)) != 0 {
		t.Errorf("sync again: %v", got)
	}
	ann.Must(http.StatusOK, "POST", "/v1/agents/manage", map[string]string{"agent_key": "gardener", "action": "add"})
	talk("hired")
	var metadata map[string]any
	ann.Must(http.StatusOK, "GET", "/v1/agents/gardener/metadata", nil).Decode(&metadata)
	for key, want := range map[string]any{"version": "1.0.0", "developer_website": "https://garden.example", "privacy_policy": "https://garden.example/privacy", "hired": true} {
		if metadata[key] != want {
			t.Errorf("metadata: %s is %v", key, metadata[key])
		}
	}
	if raw := ann.Must(http.StatusOK, "GET", "/v1/agents/adam/metadata", nil); bytes.Contains(raw.Body, []byte("developer_website")) {
		t.Errorf("a local tmate: %s", raw.Body)
	}
	p.Close()
	app.Stop()

	app, ann, bob := shop(t, dir, url)
	talk("offline")
	if _, entries, _ := storeOf(bob); !entries["gardener"].Hired || entries["gardener"].Source != "catalog" {
		t.Errorf("store offline: %+v", entries["gardener"])
	}
	res := ann.Must(http.StatusServiceUnavailable, "POST", "/v1/agents/catalog/sync", nil)
	if string(res.Body) != `{"detail":"The catalog's index could not be read: its server could not be reached"}` {
		t.Errorf("sync offline: %s", res.Body)
	}
	app.Stop()

	p = newPublisher(t)
	_, ann, _ = shop(t, dir, p.URL+"/index.json")
	settle(t, ann)
	talk("retired")
	source, entries, keys := storeOf(ann)
	if entries["gardener"].Status == nil || *entries["gardener"].Status != "retired" || source != "catalog" || slices.Contains(keys, "baker") {
		t.Errorf("store after it was retired: %s %v %+v", source, keys, entries["gardener"])
	}
	var list struct{ Agents []any }
	ann.Must(http.StatusOK, "GET", "/v1/agent-catalog", nil).Decode(&list)
	if len(list.Agents) != 0 {
		t.Errorf("the catalog still lists %v", list.Agents)
	}
	ann.Must(http.StatusOK, "POST", "/v1/agents/manage", map[string]string{"agent_key": "gardener", "action": "remove"})
	if source, _, keys := storeOf(ann); source != "filesystem" || slices.Contains(keys, "gardener") {
		t.Errorf("store after it was dismissed: %s %v", source, keys)
	}
	ann.Must(http.StatusNotFound, "POST", "/v1/agents/manage", map[string]string{"agent_key": "gardener", "action": "add"})
	syncShop(ann)
	if left, err := os.ReadDir(filepath.Join(dir, "catalog", "bundles")); err != nil || len(left) != 0 {
		t.Errorf("bundles left: %v, %v", left, err)
	}
}

func TestCatalogOverTheWire(t *testing.T) {
	t.Parallel()
	p := newPublisher(t)
	app, ann, bob := shop(t, t.TempDir(), p.URL+"/index.json")
	inline := func(key, name string) map[string]any {
		return map[string]any{
			"key": key, "version": "1.2.0", "status": "published", "name": name, "description": "Is " + name + ".",
			"manifest": map[string]any{"role": "Clerk"}, "audience": map[string]any{"plan": "any"}, "published_at": "2020-11-22T12:00:00Z",
		}
	}
	plain := inline("bcd", "Able")
	delete(plain, "audience")
	delete(plain, "description")
	delete(plain, "published_at")
	p.publish(inline("zed", "Abel"), inline("abc", "Zoe"), plain, map[string]any{"key": "bad", "version": "x"})
	settle(t, ann)
	ann.Must(http.StatusOK, "POST", "/v1/agents/manage", map[string]string{"agent_key": "abc", "action": "add"})

	g := newGolden(t, "get_agents_catalog")
	g.add("no token", "GET /v1/agents/catalog", app.Do("GET", "/v1/agents/catalog", "", nil))
	g.do("all", ann, "GET", "/v1/agents/catalog", nil)
	g.do("alias", bob, "GET", "/v1/agent-catalog", nil)

	g = newGolden(t, "post_agents_catalog_sync")
	g.add("no token", "POST /v1/agents/catalog/sync", app.Do("POST", "/v1/agents/catalog/sync", "", nil))
	g.do("a member", bob, "POST", "/v1/agents/catalog/sync", nil)
	g.do("the owner", ann, "POST", "/v1/agents/catalog/sync", nil)
	g.do("alias, and a body nobody reads", ann, "POST", "/v1/agent-catalog/sync", `{"force":`)
	p.put("/index.json", []byte("<html>"))
	g.do("a web page", ann, "POST", "/v1/agents/catalog/sync", nil)
	p.publish()
	g.do("emptied", ann, "POST", "/v1/agents/catalog/sync", nil)

	if err := app.Call("user.add", control.AddUser{Email: "eve@example.org", Role: tmates.RoleAdmin}, &control.User{}); err != nil {
		t.Fatal(err)
	}
	app.Login("eve@example.org").Must(http.StatusOK, "POST", "/v1/agents/catalog/sync", nil)
	// Whoever leads only a workspace of their own does not decide for everybody.
	if err := app.Call("user.add", control.AddUser{Email: "own@example.org", Own: true}, &control.User{}); err != nil {
		t.Fatal(err)
	}
	app.Login("own@example.org").Must(http.StatusForbidden, "POST", "/v1/agents/catalog/sync", nil)
}

func TestCatalogQuirks(t *testing.T) {
	t.Parallel()
	p, dir := newPublisher(t), t.TempDir()
	for key, manifest := range map[string]string{"local": "name: Local\n", "both": "name: Both here\n", "numbers": ""} {
		folder := filepath.Join(dir, "tmates", key)
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if manifest == "" { // a folder without a manifest
			continue
		}
		if err := os.WriteFile(filepath.Join(folder, "manifest.yaml"), []byte(manifest), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	entry := p.bundle("gardener", "1.0.0", gardener)
	both, embedded := p.bundle("both", "9.0.0", map[string]string{"manifest.yaml": "name: Both there\n"}), p.bundle("adam", "9.0.0", map[string]string{"manifest.yaml": "name: Evil\n"})
	secret := p.bundle("secret", "1.0.0", map[string]string{"manifest.yaml": "name: Secret\n", "rules.yaml": gardener["rules.yaml"]})
	secret["audience"] = map[string]any{"organization_allowlist": []string{"somebody-else"}}
	own := p.bundle("own", "1.0.0", map[string]string{"manifest.yaml": "name: Own\naudience: {org_allow_list: [somebody-else]}\n"})
	p.publish(entry, both, embedded, secret, own)
	app, ann, _ := shop(t, dir, p.URL+"/index.json")
	settle(t, ann)
	t.Run("Q-A6 the store lists local and catalog tmates, local ones win", func(t *testing.T) {
		source, entries, keys := storeOf(ann)
		if diff := cmp.Diff([]string{"adam", "both", "gardener", "local", "milo", "nora", "vera"}, keys); diff != "" || source != "catalog" {
			t.Errorf("source %s, keys %s", source, diff)
		}
		if entries["both"].Name != "Both here" || entries["both"].Source != "filesystem" || entries["both"].Metadata != nil || entries["adam"].Name != "Adam" {
			t.Errorf("local does not win: %+v, %+v", entries["both"], entries["adam"])
		}
		g := entries["gardener"]
		want := []string{"audience", "bundle_checksum", "bundle_signature", "bundle_url", "manifest", "published_at", "signature_algorithm"}
		if g.Source != "catalog" || g.Icon != "🌱" || *g.Version != "1.0.0" || *g.Status != "published" || !slices.Equal(sorted(g.Metadata), want) ||
			g.Metadata["bundle_checksum"] != entry["bundle_checksum"] || g.Metadata["published_at"] != nil {
			t.Errorf("gardener %+v", g)
		}
	})
	t.Run("Q-A8 keys never become paths", func(t *testing.T) {
		for _, key := range []string{"../catalog", "../../etc", "catalog/bundles", "gardener/../adam", "Gardener\x00"} {
			ann.Must(http.StatusNotFound, "POST", "/v1/agents/manage", map[string]string{"agent_key": key, "action": "add"})
		}
		bad := p.bundle("../evil", "1.0.0", gardener)
		p.publish(entry, both, embedded, secret, own, bad)
		if errs, _ := syncShop(ann)["errors"].([]any); len(errs) != 1 || !strings.Contains(errs[0].(string), "key must be") {
			t.Errorf("errors %v", errs)
		}
	})
	t.Run("Q-A9 names come from the registry, also after an update", func(t *testing.T) {
		ann.Must(http.StatusOK, "POST", "/v1/agents/manage", map[string]string{"agent_key": "gardener", "action": "add"})
		entry = p.bundle("gardener", "1.1.0", map[string]string{"manifest.yaml": "name: Head Gardener\ndescription: New.\n"})
		p.publish(entry, both, embedded, secret, own)
		if got := syncShop(ann); got["updated"] != 1.0 {
			t.Errorf("sync: %v", got)
		}
		type mate struct{ Key, Name, Description string }
		var mates []mate
		ann.Must(http.StatusOK, "GET", "/v1/teammates", nil).Decode(&mates)
		if !slices.Contains(mates, mate{"gardener", "Head Gardener", "New."}) {
			t.Errorf("teammates %+v", mates)
		}
	})
	t.Run("Q-A10 a folder that cannot be loaded is nowhere", func(t *testing.T) {
		var all struct {
			PlatformAgents []string       `json:"platform_agents"`
			AgentsMetadata map[string]any `json:"agents_metadata"`
			PlatformTotal  int            `json:"platform_total"`
		}
		ann.Must(http.StatusOK, "GET", "/v1/agents/metadata", nil).Decode(&all)
		if !slices.Equal(all.PlatformAgents, sorted(all.AgentsMetadata)) || all.PlatformTotal != len(all.PlatformAgents) || slices.Contains(all.PlatformAgents, "numbers") {
			t.Errorf("%+v", all)
		}
		var list control.Tmates
		if err := app.Call("tmate.list", struct{}{}, &list); err != nil || !slices.Contains(list.Problems, "numbers/manifest.yaml: there is no manifest.yaml") {
			t.Errorf("problems %v, %v", list.Problems, err)
		}
	})
	t.Run("an audience hides a tmate from everybody else", func(t *testing.T) {
		for _, key := range []string{"secret", "own"} {
			unknown := ann.Must(http.StatusNotFound, "POST", "/v1/agents/manage", map[string]string{"agent_key": "nobody", "action": "add"})
			hidden := ann.Must(http.StatusNotFound, "POST", "/v1/agents/manage", map[string]string{"agent_key": key, "action": "add"})
			if want := strings.ReplaceAll(string(unknown.Body), "nobody", key); string(hidden.Body) != want {
				t.Errorf("hiring %s: %s, want %s", key, hidden.Body, want)
			}
			for _, path := range []string{"/v1/agents/store", "/v1/agents/catalog", "/v1/agents/metadata", "/v1/agents/platform", "/v1/agents/enabled"} {
				if res := ann.Must(http.StatusOK, "GET", path, nil); bytes.Contains(res.Body, []byte(`"`+key+`"`)) {
					t.Errorf("GET %s shows %s: %s", path, key, res.Body)
				}
			}
			if res := app.Do("GET", "/v1/agents/platform", "", nil); bytes.Contains(res.Body, []byte(`"`+key+`"`)) {
				t.Errorf("strangers see %s", key)
			}
			if res := ann.Must(http.StatusOK, "GET", "/v1/agents/"+key+"/metadata", nil); !bytes.Contains(res.Body, []byte("is not installed")) {
				t.Errorf("metadata of %s: %s", key, res.Body)
			}
		}
		var list struct {
			Organization struct{ ID string }
		}
		ann.Must(http.StatusOK, "GET", "/v1/agents/catalog", nil).Decode(&list)
		secret["audience"] = map[string]any{"organization_allowlist": []string{list.Organization.ID}}
		p.publish(entry, both, embedded, secret, own)
		syncShop(ann)
		ann.Must(http.StatusOK, "POST", "/v1/agents/manage", map[string]string{"agent_key": "secret", "action": "add"})
		if res := app.Do("GET", "/v1/agents/platform", "", nil); bytes.Contains(res.Body, []byte(`"secret"`)) {
			t.Error("strangers see what only some may see")
		}
	})
}

// Nobody waits for a publisher's server but whoever asked for it.
func TestCatalogSyncHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}, 8), make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		select {
		case <-release:
			_, _ = w.Write([]byte("[]"))
		case <-r.Context().Done(): // the test failed
		}
	}))
	t.Cleanup(slow.Close)
	_, ann, bob := shop(t, t.TempDir(), slow.URL) // its first look at the catalog waits, and nothing else does
	<-arrived
	ann.Must(http.StatusOK, "POST", "/v1/agents/manage", map[string]string{"agent_key": "nora", "action": "add"})
	bob.Must(http.StatusOK, "GET", "/v1/agents/catalog", nil)
	ann.Must(http.StatusConflict, "POST", "/v1/agents/catalog/sync", nil)
	close(release)
	settle(t, ann)
}
