package registry

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/store/tmates"
)

// isKind reports whether an error is of the kind.
func isKind(err error, kind tmates.Kind) bool {
	e, ok := errors.AsType[*tmates.Error](err)
	return ok && e.Kind == kind
}

// made are the files below a folder, by path.
func made(t *testing.T, dir string) map[string]string {
	t.Helper()
	got := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		got[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestCreateChangeRemove(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "tmates") // made by Create
	r := open(t, Options{Dir: dir})
	c, err := r.Create(agents.Source{Manifest: "name: Tax Helper\nrole: Accountant\n"})
	if err != nil || c.Key != "tax-helper" || r.Get("tax-helper") != c.Tmate || c.Tmate.Role != "Accountant" || r.Origin("tax-helper") != agents.OriginLocal {
		t.Fatalf("created %+v, %v", c, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "tax-helper", "notes.md"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	full := agents.Source{Manifest: "name: Taxes\nbrain: {kind: rules}\n", Files: []agents.SourceFile{
		{Name: "rules.yaml", Content: "otherwise: {say: hm}\n"}, {Name: "prompts/brain/system.txt", Content: "You count."},
	}}
	if c, err = r.Change("tax-helper", full); err != nil || c.Tmate.Name != "Taxes" || !strings.Contains(c.Tmate.Prompt, "You count.") {
		t.Fatalf("changed %+v, %v", c, err)
	}
	// Without files those that are there stay, and count.
	if c, err = r.Change("tax-helper", agents.Source{Manifest: "name: Taxes 2\nbrain: {kind: rules}\n"}); err != nil || c.Tmate.Rules == nil {
		t.Fatalf("changed %+v, %v", c, err)
	}
	s, err := r.Source("tax-helper")
	want := agents.Source{Manifest: "name: Taxes 2\nbrain: {kind: rules}\n", Files: full.Files}
	if diff := cmp.Diff(want, s); diff != "" || err != nil {
		t.Errorf("source (-want +got), %v:\n%s", err, diff)
	}
	// With files the others go, and only those that have a meaning.
	if c, err = r.Change("tax-helper", agents.Source{Manifest: "name: Taxes 3", Files: full.Files[1:]}); err != nil || c.Tmate.Rules != nil {
		t.Fatalf("changed %+v, %v", c, err)
	}
	files := map[string]string{
		"tax-helper/manifest.yaml": "name: Taxes 3", "tax-helper/prompts/brain/system.txt": "You count.", "tax-helper/notes.md": "mine",
	}
	if diff := cmp.Diff(files, made(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if err := r.Remove("tax-helper"); err != nil || r.Get("tax-helper") != nil || len(made(t, dir)) != 0 {
		t.Errorf("removed: %v, left %v", err, made(t, dir))
	}
	if err := r.Remove("tax-helper"); !isKind(err, tmates.NotFound) {
		t.Errorf("removed twice: %v", err)
	}
}

// What has a fault is not written, and neither is what takes another's place.
func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{"broken/manifest.yaml": "name: [", "own/manifest.yaml": "name: Own"})
	before := made(t, dir)
	offer := &agents.Tmate{Key: "offered", Name: "Offered", Offer: &agents.Offer{}}
	r := open(t, Options{Dir: dir, Catalog: func() ([]*agents.Tmate, []Problem) { return []*agents.Tmate{offer}, nil }})
	for _, tt := range []struct {
		name, manifest string
		kind           tmates.Kind // Internal: refused for its faults
	}{
		{"a built-in one", "name: Adam", tmates.Conflict},
		{"a built-in one by slug", "name: Somebody\nslug: adam", tmates.Conflict},
		{"a published one", "name: Offered", tmates.Conflict},
		{"an own one", "name: OWN", tmates.Conflict},
		{"a broken one", "name: Broken", tmates.Conflict},
		{"a way out", "name: x\nslug: ../../etc", tmates.Internal},
		{"a hidden folder", "name: x\nslug: .git", tmates.Internal},
		{"a path", "name: x\nslug: own/prompts", tmates.Internal},
		{"capitals", "name: x\nslug: Own", tmates.Internal},
		{"no name", "role: x", tmates.Internal},
		{"nothing", "", tmates.Internal},
		{"a list", "- slug", tmates.Internal},
		{"no YAML", "name: [", tmates.Internal},
		{"a name without a key", "name: 日本", tmates.Internal},
		{"a mistake", "name: Fine\nbrain: {kind: magic}", tmates.Internal},
		{"too large", "name: Large\nx: " + strings.Repeat("y", maxFile), tmates.Internal},
		{"tests without rules", "name: Fine\ntests: [{say: a, rule: b}]", tmates.Internal},
	} {
		c, err := r.Create(agents.Source{Manifest: tt.manifest})
		refused, _ := errors.AsType[agents.Refused](err)
		if tt.kind == tmates.Internal && (len(refused) == 0 || c.OK()) || tt.kind != tmates.Internal && !isKind(err, tt.kind) {
			t.Errorf("%s: %+v, %v", tt.name, c, err)
		}
	}
	for name, files := range map[string][]string{
		"outside": {"../own/manifest.yaml"}, "absolute": {"/etc/passwd"}, "the manifest": {"manifest.yaml"}, "unknown": {"notes.md"},
		"an empty name": {""}, "twice": {"rules.yaml", "rules.yaml"}, "not tidy": {"prompts/../rules.yaml"},
	} {
		s := agents.Source{Manifest: "name: Fine"}
		for _, file := range files {
			s.Files = append(s.Files, agents.SourceFile{Name: file, Content: "otherwise: {say: a}"})
		}
		if c, err := r.Create(s); len(c.Faults) != 1 || !errors.As(err, new(agents.Refused)) {
			t.Errorf("files, %s: %+v, %v", name, c, err)
		}
		if c, err := r.Change("own", s); len(c.Faults) != 1 || !errors.As(err, new(agents.Refused)) {
			t.Errorf("files, %s: %+v, %v", name, c, err)
		}
	}
	for key, kind := range map[string]tmates.Kind{"adam": tmates.Conflict, "offered": tmates.Conflict, "broken": tmates.NotFound, "../own": tmates.NotFound, "": tmates.NotFound} {
		if _, err := r.Change(key, agents.Source{Manifest: "name: X"}); !isKind(err, kind) {
			t.Errorf("change %q: %v", key, err)
		}
		if err := r.Remove(key); !isKind(err, kind) {
			t.Errorf("remove %q: %v", key, err)
		}
	}
	if diff := cmp.Diff(before, made(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// A folder that takes the place of an embedded tmate may go; then that one is back.
func TestRemoveUncoversTheEmbedded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{"adam/manifest.yaml": "name: Eve"})
	r := open(t, Options{Dir: dir})
	if r.Origin("adam") != agents.OriginLocal {
		t.Fatalf("origin %q", r.Origin("adam"))
	}
	if err := r.Remove("adam"); err != nil || r.Get("adam").Name != "Adam" || r.Origin("adam") != agents.OriginBuiltin {
		t.Errorf("%v, %+v", err, r.Get("adam"))
	}
}

// A link out of the tmates folder is not followed, and what is behind it stays.
func TestChangeStaysInside(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	write(t, base, map[string]string{"tmates/own/manifest.yaml": "name: Own", "outside/system.txt": "secret"})
	if err := os.MkdirAll(filepath.Join(base, "tmates/own/prompts"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(base, "outside"), filepath.Join(base, "tmates/own/prompts/brain")); err != nil {
		t.Skip("no links here:", err)
	}
	r := open(t, Options{Dir: filepath.Join(base, "tmates")})
	r.keep("own", &agents.Tmate{Key: "own", Name: "Own"}) // as if the link came later
	if s, err := r.Source("own"); err == nil {
		t.Errorf("read through the link: %+v", s)
	}
	s := agents.Source{Manifest: "name: Own 2", Files: []agents.SourceFile{{Name: "prompts/brain/system.txt", Content: "gone"}}}
	if _, err := r.Change("own", s); !isKind(err, tmates.Unavailable) {
		t.Errorf("wrote through the link: %v", err)
	}
	if got := made(t, filepath.Join(base, "outside")); !cmp.Equal(got, map[string]string{"system.txt": "secret"}) {
		t.Errorf("outside: %v", got)
	}
}

// keep serves a tmate of Dir as the last good version of its folder.
func (r *Registry) keep(key string, t *agents.Tmate) {
	r.served()
	r.reloading.Lock()
	defer r.reloading.Unlock()
	r.good[key] = t
	r.load()
}

func TestCreateWhereOnlySomeAreServed(t *testing.T) {
	t.Parallel()
	r := open(t, Options{Dir: t.TempDir(), Installed: []string{"adam", "eve"}})
	if _, err := r.Create(agents.Source{Manifest: "name: Bob"}); !isKind(err, tmates.Conflict) {
		t.Errorf("one that is not named: %v", err)
	}
	if c, err := r.Create(agents.Source{Manifest: "name: Eve"}); err != nil || r.Get("eve") != c.Tmate {
		t.Errorf("one that is named: %+v, %v", c, err)
	}
}

// Where the folder cannot be written nothing is served, and the error says so.
func TestCreateWithoutAPlace(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	write(t, base, map[string]string{"file": ""})
	r := open(t, Options{Dir: filepath.Join(base, "file", "tmates")})
	if _, err := r.Create(agents.Source{Manifest: "name: Bob"}); !isKind(err, tmates.Unavailable) || r.Get("bob") != nil {
		t.Errorf("%v, served %v", err, r.Get("bob"))
	}
}

// Of several who make the same tmate one does.
func TestCreateAtOnce(t *testing.T) {
	t.Parallel()
	r := open(t, Options{Dir: t.TempDir()})
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() { _, errs[i] = r.Create(agents.Source{Manifest: "name: Bob"}) })
	}
	wg.Wait()
	n := 0
	for _, err := range errs {
		if err == nil {
			n++
		} else if !isKind(err, tmates.Conflict) {
			t.Error(err)
		}
	}
	if n != 1 {
		t.Errorf("%d made it", n)
	}
}

// What a killed process left is removed by the next write, and nothing else.
func TestWritesSweep(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, change := range []func(r *Registry) error{
		func(r *Registry) error { _, err := r.Create(agents.Source{Manifest: "name: New"}); return err },
		func(r *Registry) error { _, err := r.Change("own", agents.Source{Manifest: "name: Other"}); return err },
		func(r *Registry) error { return r.Remove("new") },
	} {
		files := map[string]string{
			"own/manifest.yaml": "name: Own", "own/.notes": "kept", ".git/config": "kept", unfinished + "A/prompts/brain/system.txt": "deleted",
			"own/" + unfinished + "Amanifest.yaml": "half", "own/prompts/brain/" + unfinished + "Asystem.txt": "half",
		}
		write(t, dir, files)
		if err := change(open(t, Options{Dir: dir})); err != nil {
			t.Fatal(err)
		}
		kept := made(t, dir)
		for name := range files {
			if _, there := kept[name]; there == strings.Contains(name, unfinished) {
				t.Errorf("%s: kept is %t", name, there)
			}
		}
	}
}

// A failure to rename tells people why, and none of the names they have never seen.
func TestReasonOfRename(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	err := os.Rename(filepath.Join(dir, unfinished+"A"), filepath.Join(dir, "new"))
	if got := reason(err); err == nil || strings.Contains(got, unfinished) {
		t.Errorf("%v: %q", err, got)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{"own/manifest.yaml": "name: Own", "own/rules.yaml": "rules: [{name: greet, match: hi, say: hello}]\notherwise: {say: hm}"})
	r := open(t, Options{Dir: dir})
	c, err := r.Check("", agents.Source{Manifest: "name: New\nbrain:\n  kind: magic\n  tempo: 3\n"})
	want := []agents.Fault{
		{File: "manifest.yaml", Line: 3, Column: 9, Text: `brain.kind must be model or rules or composite, not "magic"`},
		{File: "manifest.yaml", Line: 4, Column: 3, Text: c.Faults[1].Text},
	}
	if diff := cmp.Diff(want, c.Faults); diff != "" || err != nil || c.Key != "new" || c.Tmate != nil || c.Line != 1 || c.Column != 7 {
		t.Errorf("%+v, %v (-want +got):\n%s", c, err, diff)
	}
	// Another version of a tmate is checked with the rules it has.
	for manifest, ok := range map[string]bool{"tests: [{say: hi, rule: greet}]": true, "tests: [{say: hi, rule: great}]": false} {
		if c, err := r.Check("own", agents.Source{Manifest: manifest}); err != nil || c.OK() != ok || c.Key != "own" {
			t.Errorf("%s: %+v, %v", manifest, c, err)
		}
	}
	if got := made(t, dir); len(got) != 2 {
		t.Errorf("written: %v", got)
	}
}

func TestTemplate(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"": "new-tmate", "Tax Helper": "tax-helper", "Adam": "adam-2", "日本 \n: {x": "x", "'\"#&*!|>%@`": "new-tmate", "null": "null", "- - true": "true",
		strings.Repeat("a", 500): strings.Repeat("a", 50), "Zoë Ünal": "zo-nal", "ÄÖ": "tmate",
	} {
		r := open(t, Options{Dir: t.TempDir()})
		key, s, err := r.Template(name, r.Taken)
		if err != nil || key != want {
			t.Errorf("%q: key %q, %v", name, key, err)
		}
		for _, files := range [][]agents.SourceFile{nil, s.Files} {
			if c, err := r.Check("", agents.Source{Manifest: s.Manifest, Files: files}); err != nil || !c.OK() || c.Key != key || len(c.Faults) > 0 {
				t.Errorf("%q: %+v, %v\n%s", name, c, err, s.Manifest)
			}
		}
		if _, err := r.Create(s); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		if second, _, err := r.Template(name, r.Taken); second == key || err != nil || !strings.HasPrefix(s.Manifest, "schema:") {
			t.Errorf("%q once more: %q, %v", name, second, err)
		}
	}
	if names := agents.SourceNames(); !slices.Contains(names, rulesFile) || !slices.Contains(names, promptFolder+"/"+promptSections[3]+".txt") || len(names) != 1+len(promptSections) {
		t.Errorf("the files of a source are %v", names)
	}
}

// FuzzCreate: whatever is sent, what is kept is served, lies in one folder below the
// tmates, and is refused or kept as Check says.
func FuzzCreate(f *testing.F) {
	for _, manifest := range []string{
		"name: Bob", "name: Bob\nslug: ../x", "slug: &a [*a]", "name: &n Bob\nslug: *n", "a: &a [1,2]\n<<: *a", "- slug\n- x", "name: \"a\\0b\"", "? [x]\n: y", "name: !!binary AAAA",
	} {
		f.Add(manifest, "otherwise: {say: a}")
	}
	f.Fuzz(func(t *testing.T, manifest, rules string) {
		dir := t.TempDir()
		r := open(t, Options{Dir: dir})
		s := agents.Source{Manifest: manifest, Files: []agents.SourceFile{{Name: rulesFile, Content: rules}}}
		checked, err := r.Check("", s)
		if err != nil {
			t.Fatal(err)
		}
		c, err := r.Create(s)
		kept := made(t, dir)
		switch {
		case err != nil && len(kept) > 0, err == nil && !checked.OK():
			t.Fatalf("%+v, %v, kept %v", checked, err, kept)
		case err == nil && (len(kept) != 2 || kept[c.Key+"/"+manifestFile] != manifest || !tmates.ValidKey(c.Key)):
			t.Fatalf("kept %v", kept)
		case checked.OK() && err != nil && !isKind(err, tmates.Conflict):
			t.Fatalf("%+v: %v", checked, err)
		}
	})
}
