package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/store/tmates"
)

func TestSyncCounts(t *testing.T) {
	t.Parallel()
	s, dir := newShelf(t), t.TempDir()
	employed, changes := []string{}, 0
	c := open(t, dir, s.index(), func(o *Options) {
		o.Employed = func(context.Context) ([]string, error) { return employed, nil }
		o.Changed = func() { changes++ }
	})
	step := func(what string, want agents.Synced, served, asked string) {
		t.Helper()
		s.requests()
		if diff := cmp.Diff(want, synced(t, c)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
		if got := names(c); got != served {
			t.Errorf("%s: serves %q, want %q", what, got, served)
		}
		if got := s.requests(); got != asked {
			t.Errorf("%s: asked %q, want %q", what, got, asked)
		}
	}
	step("empty", agents.Synced{}, "", "/shop/index.json OK")
	ann, bob, eve := s.bundle(t, "ann", "1.0.0"), s.bundle(t, "bob", "1.0.0"), inline("eve", "1.0.0")
	s.publish(t, ann, bob, eve)
	step("first", agents.Synced{Added: 3}, "ann 1.0.0 published, bob 1.0.0 published, eve 1.0.0 published",
		"/shop/index.json OK, /shop/ann-1.0.0.tar.gz OK, /shop/bob-1.0.0.tar.gz OK")
	step("again", agents.Synced{Unchanged: 3}, "ann 1.0.0 published, bob 1.0.0 published, eve 1.0.0 published", "/shop/index.json Not Modified")
	ann2 := s.bundle(t, "ann", "2.0.0")
	bob["description"] = "Counts."
	s.publish(t, ann2, bob, eve, ann)
	step("updates", agents.Synced{Updated: 2, Unchanged: 1}, "ann 2.0.0 published, bob 1.0.0 published, eve 1.0.0 published",
		"/shop/index.json OK, /shop/ann-2.0.0.tar.gz OK")
	employed = []string{"ann"}
	bob["status"] = "retired"
	s.publish(t, bob, eve)
	step("retired", agents.Synced{Removed: 2, Unchanged: 1}, "ann 2.0.0 retired, eve 1.0.0 published", "/shop/index.json OK")
	step("retired for good", agents.Synced{Unchanged: 1}, "ann 2.0.0 retired, eve 1.0.0 published", "/shop/index.json Not Modified")
	s.publish(t, ann, eve)
	step("rolled back", agents.Synced{Added: 1, Unchanged: 1}, "ann 1.0.0 published, eve 1.0.0 published", "/shop/index.json OK, /shop/ann-1.0.0.tar.gz OK")
	employed = nil
	s.publish(t)
	step("emptied", agents.Synced{Removed: 2}, "", "/shop/index.json OK")
	if changes != 8 {
		t.Errorf("%d changes were told", changes)
	}
	left := tree(t, filepath.Join(dir, "catalog"))
	delete(left, stateName)
	if diff := cmp.Diff(map[string]string{"bundles/": ""}, left); diff != "" {
		t.Errorf("left behind:\n%s", diff)
	}
}

// A catalog works with the network gone, after a restart too.
func TestOffline(t *testing.T) {
	t.Parallel()
	s, dir := newShelf(t), t.TempDir()
	e := s.bundle(t, "ann", "1.0.0")
	e["name"], e["icon"], e["category"], e["published_at"] = "  Dr.  Ann ", "🩺", "Health", "2026-11-22T12:00:00Z"
	s.publish(t, e, inline("bob", "1.0.0"), inline("eve", "1.0.0"))
	synced(t, open(t, dir, s.index(), nil))
	s.Close()
	c := open(t, dir, s.index(), nil)
	list, problems := c.Tmates()
	if len(list) != 3 || len(problems) != 0 {
		t.Fatalf("tmates %q, problems %v", names(c), problems)
	}
	ann := list[0]
	if ann.Name != "Dr. Ann" || ann.Icon != "🩺" || ann.Category != "Health" || ann.Rules == nil || ann.Offer.PublishedAt.Year() != 2026 {
		t.Errorf("ann %+v, %+v", ann, ann.Offer)
	}
	if list[1].Name != "Inline bob" || list[1].Manifest["version"] != "1.0.0" || list[2].Name != "Inline eve" {
		t.Errorf("bob %+v, eve %+v", list[1], list[2])
	}
	before := tree(t, dir)
	_, err := c.Sync(t.Context())
	if e, ok := errors.AsType[*tmates.Error](err); !ok || e.Kind != tmates.Unavailable || e.Msg != "The catalog's index could not be read: its server could not be reached" {
		t.Errorf("sync without a network: %v", err)
	}
	if diff := cmp.Diff(before, tree(t, dir)); diff != "" || names(c) == "" {
		t.Errorf("a failed sync changed something:\n%s", diff)
	}
}

// Servers that fail leave the old copy as it was.
func TestServersThatFail(t *testing.T) {
	t.Parallel()
	s, dir := newShelf(t), t.TempDir()
	s.publish(t, s.bundle(t, "ann", "1.0.0"))
	c := open(t, dir, s.index(), nil)
	synced(t, c)
	before := tree(t, dir)
	for _, f := range []struct {
		name, want string
		handle     http.HandlerFunc
	}{
		{"broken", "answered 500 Internal Server Error", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }},
		{"gone", "answered 404 Not Found", http.NotFound},
		{"a web page", "is not a JSON list", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }},
		{"huge", "larger than 4 MiB", func(w http.ResponseWriter, r *http.Request) {
			chunk := make([]byte, 64<<10)
			for range 2 * maxIndex / len(chunk) { // no length is said before
				if _, err := w.Write(chunk); err != nil || r.Context().Err() != nil {
					return
				}
			}
		}},
		{"huge and says so", "larger than 4 MiB", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(maxIndex+1))
			w.WriteHeader(200)
		}},
		{"cut", "could not be reached", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("[{"))
		}},
		{"hangs up", "could not be reached", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
		{"redirects for ever", "redirected more than 5 times", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/again", http.StatusFound) }},
		{"redirects to a file", "redirected to a place that is not safe", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "file://"+filepath.Join(dir, "catalog", stateName), http.StatusFound)
		}},
		{"redirects to gopher", "redirected to a place that is not safe", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "gopher://127.0.0.1/", http.StatusFound)
		}},
	} {
		s.answer(f.handle)
		_, err := c.Sync(t.Context())
		if e, ok := errors.AsType[*tmates.Error](err); !ok || e.Kind != tmates.Unavailable || !strings.Contains(e.Msg, f.want) || strings.Contains(e.Msg, s.URL) {
			t.Errorf("%s: %v, want %q", f.name, err, f.want)
		}
		if diff := cmp.Diff(before, tree(t, dir)); diff != "" {
			t.Errorf("%s changed something:\n%s", f.name, diff)
		}
	}
	s.answer(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	c.fetch.limit = 10 * time.Millisecond
	if _, err := c.Sync(t.Context()); err == nil || !strings.Contains(err.Error(), "did not answer in time") {
		t.Errorf("slow: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	c.fetch.limit = time.Hour
	s.answer(func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() })
	if _, err := c.Sync(ctx); err == nil {
		t.Error("nobody waited, and it went well")
	}
	s.answer(nil)
	if done := synced(t, c); done.Unchanged != 1 {
		t.Errorf("once it is back: %+v", done)
	}
}

func TestRedirectsAreFollowed(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.publish(t, inline("ann", "1.0.0"))
	from := newShelf(t)
	from.answer(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, s.index(), http.StatusFound) })
	if done := synced(t, open(t, t.TempDir(), from.URL, nil)); done.Added != 1 {
		t.Errorf("%+v", done)
	}
}

// One entry that is wrong harms no other, and keeps what it had.
func TestEntriesThatFail(t *testing.T) {
	t.Parallel()
	s, dir := newShelf(t), t.TempDir()
	s.publish(t, s.bundle(t, "ann", "1.0.0"))
	c := open(t, dir, s.index(), nil)
	synced(t, c)
	other := s.bundle(t, "other", "1.0.0")
	for _, f := range []struct {
		name, want string
		change     func(map[string]any)
	}{
		{"wrong checksum", "ann 2.0.0: The bundle cannot be used: its SHA-256 is", func(e map[string]any) { e["bundle_checksum"] = Checksum(nil) }},
		{"no such bundle", "ann 2.0.0: The bundle could not be fetched: its server answered 404", func(e map[string]any) { e["bundle_url"] = "nothing.tar.gz" }},
		{"a file of this machine", "ann 2.0.0: The bundle cannot be used: bundle_url must start with http", func(e map[string]any) { e["bundle_url"] = "file:///etc/passwd" }},
		{"another scheme", "ann 2.0.0: The bundle cannot be used: bundle_url: it must start with", func(e map[string]any) { e["bundle_url"] = "s3://bucket/x" }},
		{"credentials", "ann 2.0.0: The bundle cannot be used: bundle_url: it must start with", func(e map[string]any) { e["bundle_url"] = "http://u:p@127.0.0.1/x" }},
		{"no address", "ann 2.0.0: The bundle cannot be used: bundle_url is not an address", func(e map[string]any) { e["bundle_url"] = "http://[x" }},
		{"another tmate's bundle", `ann 2.0.0: The bundle cannot be used: its folder is "other", not "ann"`, func(e map[string]any) {
			e["bundle_url"], e["bundle_checksum"] = other["bundle_url"], other["bundle_checksum"]
		}},
		{"no checksum", "entry 1 (ann 2.0.0): bundle_checksum must be", func(e map[string]any) { delete(e, "bundle_checksum") }},
		{"an attack", "ann 2.0.0: The bundle cannot be used: the name", func(e map[string]any) {
			data := pack(t, member{name: "ann/manifest.yaml", body: "name: Ann\n"}, member{name: "../../../evil"})
			s.put("evil.tar.gz", data)
			e["bundle_url"], e["bundle_checksum"] = "evil.tar.gz", Checksum(data)
		}},
		{"an audience nobody understands", "ann 2.0.0: The bundle cannot be used: audience", func(e map[string]any) {
			data := pack(t, member{name: "ann/manifest.yaml", body: "name: Ann\naudience: {organization_allowlist: everybody}\n"})
			s.put("odd.tar.gz", data)
			e["bundle_url"], e["bundle_checksum"] = "odd.tar.gz", Checksum(data)
		}},
		{"a manifest that cannot be loaded", "ann 2.0.0: The bundle cannot be used: ann/manifest.yaml:", func(e map[string]any) {
			delete(e, "bundle_url")
			e["manifest"] = map[string]any{"branding": 5}
		}},
		{"huge bundle", "ann 2.0.0: The bundle could not be fetched: it is larger than 8 MiB", func(e map[string]any) {
			s.put("huge.tar.gz", make([]byte, maxBundle+1))
			e["bundle_url"] = "huge.tar.gz"
		}},
	} {
		e := s.bundle(t, "ann", "2.0.0")
		f.change(e)
		s.publish(t, e, inline("zoe", "1.0.0"))
		done := synced(t, c)
		if len(done.Errors) != 1 || !strings.HasPrefix(done.Errors[0], f.want) || strings.Contains(done.Errors[0], dir) {
			t.Errorf("%s: %q, want %q", f.name, done.Errors, f.want)
		}
		if got := names(c); got != "ann 1.0.0 published, zoe 1.0.0 published" || done.Unchanged < 1 || done.Removed != 0 {
			t.Errorf("%s: serves %q, %+v", f.name, got, done)
		}
		files := tree(t, filepath.Join(dir, "catalog", bundleFolder))
		folders := map[string]bool{}
		for name := range files {
			folder, _, _ := strings.Cut(name, "/")
			folders[folder] = true
		}
		if len(folders) != 2 {
			t.Errorf("%s: bundles %v", f.name, folders)
		}
	}
	s.publish(t, s.bundle(t, "ann", "2.0.0"))
	if done := synced(t, c); done.Updated != 1 || done.Removed != 1 || len(done.Errors) != 0 {
		t.Errorf("repaired: %+v", done)
	}
}

// An entry that cannot even be told apart removes nobody.
func TestNobodyIsRemovedInDoubt(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.publish(t, inline("ann", "1.0.0"), inline("bob", "1.0.0"))
	c := open(t, t.TempDir(), s.index(), nil)
	synced(t, c)
	s.publish(t, inline("bob", "1.0.0"), map[string]any{"kye": "ann"})
	if done := synced(t, c); done.Removed != 0 || done.Unchanged != 2 || names(c) != "ann 1.0.0 published, bob 1.0.0 published" {
		t.Errorf("%+v, %q", done, names(c))
	}
	s.publish(t, inline("bob", "1.0.0"))
	if done := synced(t, c); done.Removed != 1 || names(c) != "bob 1.0.0 published" {
		t.Errorf("%+v, %q", done, names(c))
	}
}

func TestOneSyncAtATime(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	arrived, release := make(chan struct{}), make(chan struct{})
	s.answer(func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-release
		_, _ = w.Write([]byte("[]"))
	})
	c := open(t, t.TempDir(), s.index(), nil)
	first := make(chan error, 1)
	go func() { _, err := c.Sync(t.Context()); first <- err }()
	<-arrived
	for range 3 {
		_, err := c.Sync(t.Context())
		if e, ok := errors.AsType[*tmates.Error](err); !ok || e.Kind != tmates.Conflict {
			t.Errorf("a second sync: %v", err)
		}
	}
	close(release)
	if err := <-first; err != nil {
		t.Error(err)
	}
	s.answer(nil)
	synced(t, c)
}

// A cache that was damaged says so, and the next sync mends it although the
// index did not change.
func TestDamagedCache(t *testing.T) {
	t.Parallel()
	s, dir := newShelf(t), t.TempDir()
	e := s.bundle(t, "ann", "1.0.0")
	s.publish(t, e)
	synced(t, open(t, dir, s.index(), nil))
	folder := filepath.Join(dir, "catalog", bundleFolder, e["bundle_checksum"].(string))
	for what, damage := range map[string]func() error{
		"no mark":   func() error { return os.Remove(filepath.Join(folder, readyName)) },
		"no folder": func() error { return os.RemoveAll(folder) },
		"broken manifest": func() error {
			return os.WriteFile(filepath.Join(folder, "ann", "manifest.yaml"), []byte("name: [\n"), 0o600)
		},
	} {
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		c := open(t, dir, s.index(), nil)
		if _, problems := c.Tmates(); names(c) != "" || len(problems) != 1 || !strings.HasPrefix(problems[0].String(), "catalog/bundles/") {
			t.Errorf("%s: %q, %v", what, names(c), problems)
		}
		if done := synced(t, c); done.Unchanged != 1 || names(c) != "ann 1.0.0 published" {
			t.Errorf("%s: %+v, %q", what, done, names(c))
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "catalog", stateName), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := open(t, dir, s.index(), nil)
	if done := synced(t, c); done.Added != 1 || names(c) != "ann 1.0.0 published" {
		t.Errorf("broken index: %+v, %q", done, names(c))
	}
}

// Nothing is fetched unasked but the first copy.
func TestFirst(t *testing.T) {
	t.Parallel()
	s, dir := newShelf(t), t.TempDir()
	s.publish(t, inline("ann", "1.0.0"))
	c := open(t, dir, s.index(), nil)
	if got := s.requests(); got != "" || names(c) != "" {
		t.Errorf("opening asked %q", got)
	}
	c.First(t.Context())
	if got := s.requests(); got != "/shop/index.json OK" || names(c) != "ann 1.0.0 published" {
		t.Errorf("the first time asked %q", got)
	}
	open(t, dir, s.index(), nil).First(t.Context())
	if got := s.requests(); got != "" {
		t.Errorf("with a copy it asked %q", got)
	}
	open(t, dir, s.index(), func(o *Options) { o.Channel = "dev" }).First(t.Context())
	if got := s.requests(); got != "/shop/index.json OK" {
		t.Errorf("on another channel it asked %q", got)
	}
	s.answer(http.NotFound)
	open(t, t.TempDir(), s.index(), nil).First(t.Context()) // is logged, no more
}

// An index may lie on this machine, its bundles beside it.
func TestLocalIndex(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data := gardener(t)
	index, err := json.Marshal([]map[string]any{{
		"key": "gardener", "version": "1.0.0", "status": "published", "bundle_url": "bundles/g%20x.tar.gz", "bundle_checksum": strings.ToUpper(Checksum(data)),
	}})
	if err != nil {
		t.Fatal(err)
	}
	place := filepath.Join(dir, "my shop")
	lay(t, place, map[string]string{"index.json": string(index), "bundles/g x.tar.gz": string(data)})
	for _, url := range []string{filepath.Join(place, "index.json"), "file://" + strings.ReplaceAll(filepath.ToSlash(place), " ", "%20") + "/index.json"} {
		c := open(t, t.TempDir(), url, nil)
		if done := synced(t, c); done.Added != 1 || len(done.Errors) != 0 || names(c) != "gardener 1.0.0 published" {
			t.Errorf("%s: %+v", url, done)
		}
	}
	for url, want := range map[string]string{filepath.Join(place, "nothing.json"): "the file is not there", place: "it is not a regular file"} {
		_, err := open(t, t.TempDir(), url, nil).Sync(t.Context())
		if e, ok := errors.AsType[*tmates.Error](err); !ok || e.Kind != tmates.Unavailable || !strings.Contains(e.Msg, want) || strings.Contains(e.Msg, dir) {
			t.Errorf("%s: %v", url, err)
		}
	}
	for _, bad := range []string{"index.json", "ftp://x/y", "file://host/x", "http://", "http://u:p@x/", "::"} {
		if _, err := New(Options{Dir: dir, URL: bad}); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// What began encrypted must not go on in the clear.
func TestRedirectsKeepEncryption(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.publish(t, inline("ann", "1.0.0"))
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, s.index(), http.StatusFound) }))
	t.Cleanup(secure.Close)
	c := open(t, t.TempDir(), secure.URL, nil)
	c.fetch.client.Transport.(*http.Transport).TLSClientConfig = secure.Client().Transport.(*http.Transport).TLSClientConfig
	if _, err := c.Sync(t.Context()); err == nil || !strings.Contains(err.Error(), "redirected to a place that is not safe") {
		t.Errorf("error %v", err)
	}
	if got := s.requests(); got != "" {
		t.Errorf("it asked %q", got)
	}
}

func TestTwoKeysMayShareAManifest(t *testing.T) {
	t.Parallel()
	s, dir := newShelf(t), t.TempDir()
	same := map[string]any{"name": "Twin", "version": "1.0.0"}
	ann, bob := inline("ann", "1.0.0"), inline("bob", "1.0.0")
	ann["manifest"], bob["manifest"] = same, same
	s.publish(t, ann, bob)
	synced(t, open(t, dir, s.index(), nil))
	if got := names(open(t, dir, s.index(), nil)); got != "ann 1.0.0 published, bob 1.0.0 published" {
		t.Errorf("serves %q", got)
	}
}
