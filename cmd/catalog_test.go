package cmd_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tmates/tmates/cmd/app/apptest"
)

// gardener makes the folder of a tmate and returns it.
func gardener(t *testing.T, dir string) string {
	t.Helper()
	folder := filepath.Join(dir, "gardener")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"manifest.yaml": "name: Gardener\nversion: 1.0.0\n", "rules.yaml": "otherwise: {say: Water it.}\n", "brain.py": "raise",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// TestBundles makes a bundle twice, installs it from a file and from an address,
// and talks to the tmate.
func TestBundles(t *testing.T) {
	data, work := t.TempDir(), t.TempDir()
	t.Setenv("TMATES_DATA", data)
	t.Chdir(work)
	run := func(code int, want string, args ...string) string {
		t.Helper()
		r := tmates("", args...)
		if r.code != code || !strings.Contains(r.out+r.err, want) {
			t.Fatalf("%v: exit %d\n%s%s\nwant %d and %q", args, r.code, r.out, r.err, code, want)
		}
		return r.out
	}
	folder := gardener(t, filepath.Join(work, "src"))
	first := run(0, "left out, because only", "tmate", "bundle", folder)
	sum, name, _ := strings.Cut(strings.TrimSpace(first), "  ")
	if second := run(0, sum+"  again.tar.gz", "tmate", "bundle", folder, "-o", "again.tar.gz"); len(sum) != 64 || name != "gardener-1.0.0.tar.gz" {
		t.Errorf("%q, then %q", first, second)
	}
	one, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if two, err := os.ReadFile("again.tar.gz"); err != nil || string(one) != string(two) {
		t.Errorf("the two bundles differ, %v", err)
	}
	installed := filepath.Join(data, "tmates", "gardener")
	wrong := strings.Repeat("0", 64)
	run(1, "its SHA-256 is "+sum, "tmate", "install", name, "--sha256", wrong)
	if _, err := os.Stat(installed); err == nil {
		t.Error("a wrong checksum installed something")
	}
	run(0, "tmates tmate hire gardener", "tmate", "install", name)
	run(1, "--force", "tmate", "install", name)
	run(0, "gardener is installed", "tmate", "install", name, "--force")
	run(0, "owner", "user", "add", "ada@example.com")
	run(0, "gardener is on the team", "tmate", "hire", "gardener")
	run(0, "Water it.", "chat", "gardener", "hello")
	if err := os.RemoveAll(installed); err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(http.FileServer(http.Dir(work)))
	defer s.Close()
	run(2, "--sha256", "tmate", "install", s.URL+"/"+name)
	run(1, "its SHA-256 is", "tmate", "install", s.URL+"/"+name, "--sha256", wrong)
	run(1, "answered 404", "tmate", "install", s.URL+"/nothing", "--sha256", sum)
	run(0, "gardener is installed", "tmate", "install", s.URL+"/"+name, "--sha256", sum)
	run(0, "gardener is installed", "tmate", "install", "file://"+filepath.ToSlash(filepath.Join(work, name)), "--force")
	run(1, "the file is not there", "tmate", "install", "nothing.tar.gz")
	run(2, "must start with http", "tmate", "install", "ftp://example.com/x.tar.gz")
	run(1, "is not a key", "tmate", "bundle", work)
}

// TestCatalogCommands works without a server and with one.
func TestCatalogCommands(t *testing.T) {
	data, work := t.TempDir(), t.TempDir()
	t.Setenv("TMATES_DATA", data)
	run := func(code int, want string, args ...string) string {
		t.Helper()
		r := tmates("", args...)
		if r.code != code || !strings.Contains(r.out+r.err, want) {
			t.Fatalf("%v: exit %d\n%s%s\nwant %d and %q", args, r.code, r.out, r.err, code, want)
		}
		return r.out
	}
	run(1, "catalog.url", "catalog", "list")
	run(1, "catalog.url", "catalog", "sync")
	made := run(0, "", "tmate", "bundle", gardener(t, work), "-o", filepath.Join(work, "g.tar.gz"))
	index := filepath.Join(work, "index.json")
	publish := func(entries ...map[string]any) {
		raw, err := json.Marshal(append([]map[string]any{}, entries...))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(index, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	entry := map[string]any{"key": "gardener", "version": "1.0.0", "status": "published", "bundle_url": "g.tar.gz", "bundle_checksum": made[:64]}
	publish(entry, map[string]any{"key": "adam", "version": "9.0.0", "status": "published", "manifest": map[string]any{}}, map[string]any{"key": "odd"})
	t.Setenv("TMATES_CATALOG_URL", index)
	run(0, "KEY", "catalog", "list")
	run(0, "2 added, 0 updated, 0 removed, 0 unchanged\n", "catalog", "sync")
	run(0, "problem: entry 3 (odd): version must be", "catalog", "sync")
	run(0, "not used: a local tmate has this key", "catalog", "list")
	run(0, "owner", "user", "add", "ada@example.com")
	run(0, "gardener is on the team", "tmate", "hire", "gardener")

	a := apptest.Start(t, apptest.Options{Dir: data, Env: []string{"TMATES_CATALOG_URL=" + index}})
	run(0, "Water it.", "chat", "gardener", "hello")
	publish()
	var done struct{ Added, Updated, Removed, Unchanged int }
	if err := json.Unmarshal([]byte(run(0, "", "catalog", "sync", "--json")), &done); err != nil || done.Removed != 2 {
		t.Errorf("sync: %+v, %v", done, err)
	}
	var all struct {
		Tmates []struct {
			Key, Status string
			Hired       bool
		}
	}
	if err := json.Unmarshal([]byte(run(0, "", "catalog", "list", "--json")), &all); err != nil || len(all.Tmates) != 1 || all.Tmates[0].Status != "retired" || !all.Tmates[0].Hired {
		t.Errorf("list: %+v, %v", all, err)
	}
	if err := os.Remove(index); err != nil {
		t.Fatal(err)
	}
	run(1, "the file is not there", "catalog", "sync")
	run(0, "Water it.", "chat", "gardener", "hello again")
	a.Stop()
}
