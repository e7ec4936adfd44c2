package catalog

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// lay puts files into dir. Names use slashes.
func lay(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPackIsDeterministic(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"manifest.yaml": goodManifest, "rules.yaml": goodRules, "prompts/brain/system.txt": "You garden.", "assets/b/x": "1", "assets/a": "2",
		"brain.py": "raise", ".git/config": "x", "assets/.DS_Store": "x",
	}
	first, second := filepath.Join(t.TempDir(), "gardener"), filepath.Join(t.TempDir(), "gardener")
	lay(t, first, files)
	lay(t, second, files)
	if err := os.Chtimes(filepath.Join(second, "manifest.yaml"), time.Unix(1, 0), time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(second, "rules.yaml"), 0o640); err != nil {
		t.Fatal(err)
	}
	a, tm, skipped, err := Pack(first)
	if err != nil {
		t.Fatal(err)
	}
	b, _, _, err := Pack(second)
	if err != nil || !bytes.Equal(a, b) {
		t.Errorf("two bundles of the same files differ: %v", err)
	}
	if tm.Key != "gardener" || tm.Name != "Gardener" {
		t.Errorf("tmate %+v", tm)
	}
	dir := t.TempDir()
	if err := install(dir, a); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"gardener/": "", "gardener/prompts/": "", "gardener/prompts/brain/": "", "gardener/assets/": "", "gardener/assets/b/": ""}
	for _, name := range []string{"manifest.yaml", "rules.yaml", "prompts/brain/system.txt", "assets/b/x", "assets/a"} {
		want["gardener/"+name] = files[name]
	}
	if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
		t.Errorf("installed (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"brain.py"}, skipped); diff != "" {
		t.Errorf("skipped %s", diff)
	}
}

func TestPackRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, folder, want string
		files              map[string]string
	}{
		{"a folder that is no key", "My Gardener", "is not a key", map[string]string{"manifest.yaml": goodManifest}},
		{"no manifest", "gardener", "there is no manifest.yaml", map[string]string{"rules.yaml": goodRules}},
		{"broken rules", "gardener", "gardener/rules.yaml:1", map[string]string{"manifest.yaml": goodManifest, "rules.yaml": "otherwise: {sai: x}"}},
		{"a name not everybody can have", "gardener", "use letters", map[string]string{"manifest.yaml": goodManifest, "assets/ä": ""}},
		{"a large file", "gardener", "larger than 4 MiB", map[string]string{"manifest.yaml": goodManifest, "assets/x": noise(t, maxFile+1)}},
		{"nothing", "gardener", "it is empty", map[string]string{"readme.md": "x"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), c.folder)
			lay(t, dir, c.files)
			if _, _, _, err := Pack(dir); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
	t.Run("a link", func(t *testing.T) {
		t.Parallel()
		dir := filepath.Join(t.TempDir(), "gardener")
		lay(t, dir, map[string]string{"manifest.yaml": goodManifest})
		if err := os.Symlink("/etc/passwd", filepath.Join(dir, "rules.yaml")); err != nil {
			t.Skip(err)
		}
		if _, _, _, err := Pack(dir); err == nil || !strings.Contains(err.Error(), "neither a file nor a folder") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("no folder", func(t *testing.T) {
		t.Parallel()
		if _, _, _, err := Pack(filepath.Join(t.TempDir(), "gardener")); err == nil {
			t.Error("made of nothing")
		}
	})
}
