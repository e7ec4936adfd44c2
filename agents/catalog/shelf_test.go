package catalog

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/tmates/tmates/agents"
)

// A catalog must hold no connection when it is idle.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shelf is a publisher's web server.
type shelf struct {
	*httptest.Server
	mu     sync.Mutex
	files  map[string][]byte // by path
	handle http.HandlerFunc  // instead of the files
	asked  []string          // paths, with the status of the answer
}

func newShelf(t testing.TB) *shelf {
	s := &shelf{files: map[string][]byte{}}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	s.publish(t)
	return s
}

func (s *shelf) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	handle, data := s.handle, s.files[r.URL.Path]
	s.mu.Unlock()
	if handle != nil {
		handle(w, r)
		return
	}
	status := http.StatusOK
	etag := `"` + Checksum(data) + `"`
	switch {
	case data == nil:
		status = http.StatusNotFound
	case r.Header.Get("If-None-Match") == etag:
		status = http.StatusNotModified
	}
	s.mu.Lock()
	s.asked = append(s.asked, r.URL.Path+" "+http.StatusText(status))
	s.mu.Unlock()
	w.Header().Set("ETag", etag)
	w.WriteHeader(status)
	if status == http.StatusOK {
		_, _ = w.Write(data)
	}
}

func (s *shelf) index() string { return s.URL + "/shop/index.json" }

// answer replaces the files by a handler; nil puts them back.
func (s *shelf) answer(h http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handle = h
}

// put lays a file next to the index.
func (s *shelf) put(name string, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files["/shop/"+name] = data
}

// requests returns what was asked since the last time.
func (s *shelf) requests() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { s.asked = nil }()
	return strings.Join(s.asked, ", ")
}

// publish writes the index.
func (s *shelf) publish(t testing.TB, entries ...map[string]any) {
	t.Helper()
	data, err := json.Marshal(append([]map[string]any{}, entries...))
	if err != nil {
		t.Fatal(err)
	}
	s.put("index.json", data)
}

// bundle lays a bundle on the shelf and returns its entry.
func (s *shelf) bundle(t testing.TB, key, version string) map[string]any {
	t.Helper()
	data := pack(t, member{name: key + "/manifest.yaml", body: "name: " + strings.ToUpper(key[:1]) + key[1:] + "\nversion: " + version + "\n"},
		member{name: key + "/rules.yaml", body: "otherwise: {say: I am " + key + " " + version + ".}\n"})
	name := key + "-" + version + ".tar.gz"
	s.put(name, data)
	return map[string]any{"key": key, "version": version, "status": "published", "bundle_url": name, "bundle_checksum": Checksum(data)}
}

// inline is the entry of a tmate without a bundle.
func inline(key, version string) map[string]any {
	return map[string]any{"key": key, "version": version, "status": "published", "manifest": map[string]any{"name": "Inline " + key}}
}

// open opens the catalog on a shelf.
func open(t testing.TB, dir, url string, change func(*Options)) *Catalog {
	t.Helper()
	o := Options{Dir: filepath.Join(dir, "catalog"), URL: url}
	if change != nil {
		change(&o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// synced syncs and fails the test when that fails.
func synced(t testing.TB, c *Catalog) agents.Synced {
	t.Helper()
	done, err := c.Sync(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// names lists the tmates with version and status.
func names(c *Catalog) string {
	list, _ := c.Tmates()
	var out []string
	for _, t := range list {
		out = append(out, t.Key+" "+t.Offer.Version+" "+t.Offer.Status)
	}
	return strings.Join(out, ", ")
}
