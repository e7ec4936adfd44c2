package registry

import (
	"bytes"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/agents"
)

// write puts files into dir. Names use slashes.
func write(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// none is a program without embedded tmates.
var none = fstest.MapFS{}

func open(t testing.TB, opts Options) *Registry {
	t.Helper()
	r, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func keys(list []*agents.Tmate) string {
	var out []string
	for _, tm := range list {
		out = append(out, tm.Key)
	}
	return strings.Join(out, " ")
}

func problems(r *Registry) []string {
	var out []string
	for _, p := range r.Problems() {
		out = append(out, p.String())
	}
	return out
}

const goodRules = "otherwise: {say: hello}\n"

func TestBrokenTmatesAreIsolated(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"zoe/manifest.yaml":                   "name: Zoe\n",
		"zoe/rules.yaml":                      goodRules,
		"bad-yaml/manifest.yaml":              "name: Bad\nrole: a: b\n",
		"bad-type/manifest.yaml":              "name: Bad\nbranding:\n  emoji: [x]\ncapabilities: fast\n",
		"bad-rules/manifest.yaml":             "name: Bad\n",
		"bad-rules/rules.yaml":                "rules:\n  - {match: a}\n" + goodRules,
		"bad-prompt/manifest.yaml":            "name: Bad\n",
		"bad-prompt/prompts/brain/affect.txt": "a\xffb",
		"no-manifest/readme.md":               "hello",
		"Upper/manifest.yaml":                 "name: Upper\n",
		"3d/manifest.yaml":                    "name: Digits\n",
		"_draft/manifest.yaml":                "broken: [",
		".git/config":                         "x",
		"notes.txt":                           "not a folder",
		"empty/manifest.yaml":                 "",
		"twice/manifest.yaml":                 "name: a\nrole: b\nname: c\n",
		"large/manifest.yaml":                 "name: " + strings.Repeat("x", maxFile),
	})
	r := open(t, Options{Dir: dir, Builtin: none})
	if got := keys(r.All()); got != "zoe" {
		t.Errorf("loaded %q", got)
	}
	const badKey = "the folder's name is not a key: use a lower-case letter, then at most 63 of a-z, 0-9, _ and -"
	want := []string{
		"3d: " + badKey,
		"Upper: " + badKey,
		"bad-prompt/prompts/brain/affect.txt: the text is not UTF-8",
		"bad-rules/rules.yaml:2: say is missing: write the answer",
		"bad-type/manifest.yaml:3: branding.emoji must be text, not a list",
		"bad-type/manifest.yaml:4: capabilities must be a list of texts, not text",
		"bad-yaml/manifest.yaml:2: not YAML: mapping values are not allowed in this context",
		"empty/manifest.yaml: the manifest is empty",
		"large/manifest.yaml: the file is larger than 256 KiB",
		"no-manifest/manifest.yaml: there is no manifest.yaml",
		`twice/manifest.yaml:3: "name" appears twice`,
	}
	if diff := cmp.Diff(want, problems(r)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if p := r.Problems()[3]; p.Key != "bad-rules" || p.File != "bad-rules/rules.yaml" || p.Line != 2 {
		t.Errorf("fields: %+v", p)
	}
}

func TestLocalWinsOverEmbedded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{"adam/manifest.yaml": "name: Other Adam\n"})
	r := open(t, Options{Dir: dir})
	if got := keys(r.All()); got != "adam milo nora vera" {
		t.Errorf("loaded %q", got)
	}
	if adam := r.Get("adam"); adam.Name != "Other Adam" || adam.Rules != nil {
		t.Errorf("adam: %+v", adam)
	}
	write(t, dir, map[string]string{"nora/manifest.yaml": "name: ["})
	r = open(t, Options{Dir: dir})
	if nora := r.Get("nora"); nora == nil || nora.Name != "Nora" || len(r.Problems()) != 1 {
		t.Errorf("a broken folder hides the embedded tmate: %+v, %v", nora, r.Problems())
	}
}

func TestMissingDir(t *testing.T) {
	t.Parallel()
	r := open(t, Options{Dir: filepath.Join(t.TempDir(), "not", "there")})
	if got := keys(r.All()); got != "adam milo nora vera" || len(r.Problems()) != 0 {
		t.Errorf("loaded %q, problems %v", got, r.Problems())
	}
	file := filepath.Join(t.TempDir(), "file")
	write(t, filepath.Dir(file), map[string]string{"file": ""})
	r = open(t, Options{Dir: file})
	if got := keys(r.All()); got != "adam milo nora vera" || len(r.Problems()) != 1 {
		t.Errorf("file as folder: loaded %q, problems %v", got, r.Problems())
	}
}

func TestInstalledFiltersAndOrders(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"a/manifest.yaml": "name: A", "b/manifest.yaml": "name: B", "c/manifest.yaml": "name: C",
	})
	r := open(t, Options{Dir: dir, Builtin: none, Installed: []string{" C", "a", "", "ghost", "c"}})
	if got := keys(r.All()); got != "c a" {
		t.Errorf("listed %q", got)
	}
	if r.Get("b") != nil || r.Find("B") != nil || r.Get("a") == nil {
		t.Error("Get and Find do not follow the filter")
	}
	if diff := cmp.Diff([]string{`tmate "ghost" is named as installed but not there`}, problems(r)); diff != "" {
		t.Error(diff)
	}
	all := r.All()
	all[0] = nil
	if got := keys(r.All()); got != "c a" {
		t.Errorf("the caller changed the list: %q", got)
	}
	if got := keys(open(t, Options{Dir: dir, Builtin: none, Installed: []string{" "}}).All()); got != "a b c" {
		t.Errorf("blank filter: %q", got)
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"numbers/manifest.yaml": "name: Dana\n", "dana/manifest.yaml": "name: Other\n", "zed/manifest.yaml": "name: Mary Ann\n",
	})
	r := open(t, Options{Dir: dir, Builtin: none})
	for asked, want := range map[string]string{
		"numbers": "numbers", " NUMBERS ": "numbers", "Dana": "dana", "mary ann": "zed", "other": "dana",
		"": "", "../zed": "", "mary": "",
	} {
		got := ""
		if tm := r.Find(asked); tm != nil {
			got = tm.Key
		}
		if got != want {
			t.Errorf("Find(%q) = %q, want %q", asked, got, want)
		}
	}
	if r.Get("NUMBERS") != nil || r.Get("../zed") != nil {
		t.Error("Get takes more than a key")
	}
}

func TestLinksDoNotLeaveTheFolder(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege")
	}
	outside, dir := t.TempDir(), t.TempDir()
	write(t, outside, map[string]string{"evil/manifest.yaml": "name: Evil\n", "secret.txt": "secret"})
	write(t, dir, map[string]string{"good/manifest.yaml": "name: Good\n", "leak/manifest.yaml": "name: Leak\n"})
	for name, target := range map[string]string{
		"evil":  filepath.Join(outside, "evil"),
		"up":    "../" + filepath.Base(outside),
		"alias": "good",
	} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "leak/prompts/brain"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(outside, "secret.txt"), filepath.Join(dir, "leak/prompts/brain/system.txt")); err != nil {
		t.Fatal(err)
	}
	r := open(t, Options{Dir: dir, Builtin: none})
	if got := keys(r.All()); got != "alias good" {
		t.Errorf("loaded %q", got)
	}
	want := []string{
		"evil: cannot be read: path escapes from parent",
		"leak/prompts/brain/system.txt: path escapes from parent",
		"up: cannot be read: path escapes from parent",
	}
	if diff := cmp.Diff(want, problems(r)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestOnlyRegularFilesAreOpened(t *testing.T) {
	t.Parallel()
	r := open(t, Options{Builtin: fstest.MapFS{
		"pipe/manifest.yaml": {Mode: fs.ModeNamedPipe},
		"fine/manifest.yaml": {Data: []byte("name: Fine")},
	}})
	if diff := cmp.Diff([]string{"pipe/manifest.yaml: it is not a regular file"}, problems(r)); diff != "" || keys(r.All()) != "fine" {
		t.Errorf("loaded %q, problems %s", keys(r.All()), diff)
	}
}

func TestAtMost500(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{}
	for i := range maxTmates + 2 {
		fsys[fmt.Sprintf("t%03d/manifest.yaml", i)] = &fstest.MapFile{Data: []byte("name: x")}
	}
	r := open(t, Options{Builtin: fsys})
	if n := len(r.All()); n != maxTmates {
		t.Errorf("%d tmates", n)
	}
	if diff := cmp.Diff([]string{"more than 500 tmates: t500 and what follows is left out"}, problems(r)); diff != "" {
		t.Error(diff)
	}
}

func TestLastGoodVersionIsKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{"bob/manifest.yaml": "name: Bob One\n", "ann/manifest.yaml": "name: Ann\n"})
	reloads := 0
	r := open(t, Options{Dir: dir, Builtin: none, OnReload: func() { reloads++ }})
	first := r.Get("bob")

	write(t, dir, map[string]string{"bob/rules.yaml": "otherwise: {sai: x}\n"})
	r.Reload()
	if r.Get("bob") != first {
		t.Errorf("broken edit: %+v", r.Get("bob"))
	}
	want := []string{"bob/rules.yaml:1: say is missing: write the answer", `bob/rules.yaml:1: unknown key "sai" in otherwise: did you mean "say"?`}
	if diff := cmp.Diff(want, problems(r)); diff != "" {
		t.Error(diff)
	}

	write(t, dir, map[string]string{"bob/rules.yaml": goodRules, "bob/manifest.yaml": "name: Bob Two\n"})
	r.Reload()
	if bob := r.Get("bob"); bob.Name != "Bob Two" || bob.Rules == nil || len(r.Problems()) != 0 {
		t.Errorf("repaired: %+v, %v", bob, r.Problems())
	}
	if first.Name != "Bob One" {
		t.Error("a loaded tmate was changed")
	}

	if err := os.RemoveAll(filepath.Join(dir, "bob")); err != nil {
		t.Fatal(err)
	}
	r.Reload()
	if got := keys(r.All()); got != "ann" || reloads != 3 {
		t.Errorf("after removal: %q, %d reloads", got, reloads)
	}
}

func TestProblemsAndNoticesAreLoggedOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"bob/manifest.yaml": "name: [\n", "py/manifest.yaml": "name: Py\n", "py/agent.py": "x", "py/brain.py": "x",
	})
	var log bytes.Buffer
	r := open(t, Options{Dir: dir, Builtin: none, Log: slog.New(slog.NewTextHandler(&log, nil))})
	r.Reload()
	r.Reload()
	out := log.String()
	if n := strings.Count(out, "\n"); n != 2 || !strings.Contains(out, "level=WARN") || !strings.Contains(out, "level=INFO") {
		t.Fatalf("log:\n%s", out)
	}
	if !strings.Contains(out, "tmate=bob") || !strings.Contains(out, "Python files are ignored") || r.Get("py") == nil {
		t.Errorf("log:\n%s", out)
	}
	write(t, dir, map[string]string{"bob/manifest.yaml": "name: Bob\n"})
	r.Reload()
	write(t, dir, map[string]string{"bob/manifest.yaml": "name: [\n"})
	r.Reload()
	if n := strings.Count(log.String(), "\n"); n != 3 {
		t.Errorf("a problem that came back: %d lines\n%s", n, log.String())
	}
}

func TestMissingEnv(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{"bob/manifest.yaml": "env: {required: [ONE, {name: TWO}, THREE], optional: [FOUR]}\n"})
	env := map[string]string{"TWO": "x", "THREE": ""}
	r := open(t, Options{Dir: dir, Builtin: none, LookupEnv: func(name string) (string, bool) {
		v, ok := env[name]
		return v, ok
	}})
	if diff := cmp.Diff([]string{"ONE", "TWO", "THREE"}, r.Get("bob").RequiredEnv); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"ONE", "THREE"}, r.MissingEnv("bob")); diff != "" {
		t.Error(diff)
	}
	if r.MissingEnv("nobody") != nil {
		t.Error("unknown key")
	}
}

func TestPrompt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"full/manifest.yaml":              "name: Full\n",
		"full/prompts/brain/behavior.txt": "last\n",
		"full/prompts/brain/system.txt":   "\uFEFFfirst\r\nline\r\n",
		"full/prompts/brain/affect.txt":   " \n",
		"short/manifest.yaml":             "name: Sam\nrole: bookkeeper\ndescription: Counts beans.\n",
	})
	r := open(t, Options{Dir: dir, Builtin: none})
	want := "<system>\nfirst\nline\n</system>\n\n<behavior>\nlast\n</behavior>"
	if got := r.Get("full").Prompt; got != want {
		t.Errorf("prompt %q", got)
	}
	short := r.Get("short").Prompt
	if !strings.HasPrefix(short, "You are Sam, bookkeeper, a teammate") || !strings.Contains(short, "What you do: Counts beans.\n") {
		t.Errorf("short prompt %q", short)
	}
}

// A tmate of a catalog comes last: after local folders, and after those that
// come with the program.
func TestCatalogComesLast(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{"bob/manifest.yaml": "name: Local Bob\n", "eve/manifest.yaml": "name: [\n"})
	builtin := fstest.MapFS{"ann/manifest.yaml": {Data: []byte("name: Embedded Ann")}}
	offered := []*agents.Tmate{}
	for _, key := range []string{"ann", "bob", "eve", "zoe"} {
		offered = append(offered, &agents.Tmate{Key: key, Name: "Offered " + key, Offer: &agents.Offer{}})
	}
	o := Options{Dir: dir, Builtin: builtin, Catalog: func() ([]*agents.Tmate, []Problem) {
		return offered, []Problem{{Key: "odd", File: "catalog/odd", Text: "is odd"}}
	}}
	r := open(t, o)
	var got []string
	for _, tm := range r.All() {
		got = append(got, tm.Name)
	}
	if diff := cmp.Diff([]string{"Embedded Ann", "Local Bob", "Offered eve", "Offered zoe"}, got); diff != "" {
		t.Error(diff)
	}
	if p := problems(r); len(p) != 2 || p[0] != "catalog/odd: is odd" {
		t.Errorf("problems %q", p)
	}
	offered = offered[:3]
	r.Reload()
	if got := keys(r.All()); got != "ann bob eve" {
		t.Errorf("after a sync: %q", got)
	}
	o.Installed = []string{"eve", "ann"}
	if got := keys(open(t, o).All()); got != "eve ann" {
		t.Errorf("filtered: %q", got)
	}
}
