package registry

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/agents/brains/rules"
	"github.com/tmates/tmates/store/tmates"
)

// lint returns what Lint says of the tmate, hints marked.
func lint(t *testing.T, files map[string]string) (got []string) {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, files)
	_, problems := Lint(os.DirFS(dir), "bob")
	for _, p := range problems {
		text := p.String()
		if p.Hint {
			text = "hint: " + text
		}
		got = append(got, text)
	}
	return got
}

func TestLint(t *testing.T) {
	t.Parallel()
	const ruled = "rules:\n  - name: keep\n    match: keep {x}\n    call:\n      - {tool: remember}\n      - {tool: write_file}\n    say: done\notherwise: {say: a}\n"
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"fine", map[string]string{"bob/manifest.yaml": "name: Bob\ntests: [{say: keep it, rule: keep}]", "bob/rules.yaml": ruled}, nil},
		{"nothing there", nil, []string{"bob/manifest.yaml: there is no manifest.yaml"}},
		{"several files", map[string]string{
			"bob/manifest.yaml": "name: Bob\nbrain: {kind: magic}", "bob/rules.yaml": "otherwise: {sya: a}", "bob/prompts/brain/system.txt": "a\xff",
		}, []string{
			`bob/manifest.yaml:2: brain.kind must be model or rules or composite, not "magic"`,
			"bob/prompts/brain/system.txt: the text is not UTF-8",
			"bob/rules.yaml:1: say is missing: write the answer",
			`bob/rules.yaml:1: unknown key "sya" in otherwise: did you mean "say"?`,
		}},
		{"no rules to try or to think with", map[string]string{"bob/manifest.yaml": "tests: \n- {say: a, rule: b}"},
			[]string{"bob/manifest.yaml:2: tests try the rules, but there is no rules.yaml"}},
		{"composite without rules", map[string]string{"bob/manifest.yaml": "brain: {kind: composite}"},
			[]string{"bob/manifest.yaml: brain.kind is composite, but there is no rules.yaml"}},
		{"a rule that is not there", map[string]string{"bob/manifest.yaml": "tests:\n- say: a\n  rule: keep\n  follow:\n  - {say: b, rule: kept}", "bob/rules.yaml": ruled},
			[]string{`bob/manifest.yaml:5: no rule is named "kept": did you mean "keep"?`}},
		{"a denied tool", map[string]string{"bob/manifest.yaml": "permissions: {allow: [remember]}", "bob/rules.yaml": ruled},
			[]string{`bob/rules.yaml:6: rule "keep" calls write_file, which the permissions of the manifest do not allow`}},
		{"hints", map[string]string{
			"bob/manifest.yaml": "slug: rob\nstarter: [a]\npermissions: {deny: [read_files, my_own_tool]}", "bob/prompts/brain/behaviour.txt": "x",
		}, []string{
			`hint: bob/manifest.yaml: slug is "rob", but the folder is "bob": the folder's name counts`,
			`hint: bob/manifest.yaml: the program has no tool "read_files": did you mean "read_file"?`,
			`hint: bob/manifest.yaml:2: unknown key "starter" in the manifest: did you mean "starters"?`,
			"hint: bob/prompts/brain/behaviour.txt: the file is not read: did you mean behavior.txt?",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, lint(t, tt.files)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if _, problems := Lint(os.DirFS(t.TempDir()), "Bob"); len(problems) != 1 || problems[0].Text != badKey {
		t.Errorf("a name that is no key: %v", problems)
	}
}

// A hint keeps nobody from working, and goes to the log.
func TestHintsDoNotBreak(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{"bob/manifest.yaml": "name: Bob\nstarter: [a]\n"})
	r := open(t, Options{Dir: dir, Builtin: none})
	if r.Get("bob") == nil || r.Find("bob") == nil || len(r.Problems()) != 0 {
		t.Errorf("%+v, problems %v", r.Get("bob"), r.Problems())
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = root.Close() }()
	if tm, problems := ReadFolder(root.FS(), "bob"); tm == nil || len(problems) > 0 {
		t.Errorf("%+v, %v", tm, problems)
	}
}

func TestEmbeddedTmatesPassTheirTests(t *testing.T) {
	t.Parallel()
	for _, tm := range embedded(t).All() {
		if _, problems := Lint(Embedded(), tm.Key); len(problems) > 0 {
			t.Errorf("lint: %v", problems)
		}
		if len(tm.Tests) < 10 {
			t.Errorf("%s has %d tests", tm.Key, len(tm.Tests))
		}
		for _, o := range rules.Test(tm) {
			if len(o.Faults) > 0 {
				t.Errorf("%s, line %d: %q: %v\nit said: %s %v", tm.Key, o.Test.Line, o.Test.Say, o.Faults, o.Answer, o.Calls)
			}
		}
	}
}

func TestScaffold(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "not", "there")
	for _, key := range []string{"gardener", "tax-helper_2", "a"} {
		if err := Scaffold(dir, key); err != nil {
			t.Fatal(err)
		}
		tm, problems := Lint(os.DirFS(dir), key)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		for _, o := range rules.Test(tm) {
			if len(o.Faults) > 0 {
				t.Errorf("%s: %q: %v\nit said: %s %v", key, o.Test.Say, o.Faults, o.Answer, o.Calls)
			}
		}
	}
	if tm, _ := Lint(os.DirFS(dir), "tax-helper_2"); tm.Name != "Tax Helper 2" || len(tm.Tests) < 4 || tm.Permissions.Allow == nil {
		t.Errorf("%+v", tm)
	}
	for key, kind := range map[string]tmates.Kind{"gardener": tmates.Conflict, "../out": tmates.Invalid, "": tmates.Invalid} {
		err := Scaffold(dir, key)
		if e, ok := errors.AsType[*tmates.Error](err); !ok || e.Kind != kind {
			t.Errorf("%q: %v", key, err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".new-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
