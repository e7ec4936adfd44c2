package cmd_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/registry"
	"github.com/tmates/tmates/agents/tools"
)

// put writes a file and the folders above it.
func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// What is scaffolded passes, in the data folder and elsewhere, under both names.
func TestNewTmate(t *testing.T) {
	data, work := t.TempDir(), t.TempDir()
	t.Setenv("TMATES_DATA", data)
	t.Chdir(work)
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"tmate", "lint"}, 3, "tmates tmate new KEY"},
		{[]string{"tmate", "new", "gardener"}, 0, filepath.Join(data, "tmates", "gardener")},
		{[]string{"tmate", "new", "gardener"}, 1, "already"},
		{[]string{"tmate", "new", "Gardener"}, 1, "is not a key"},
		{[]string{"tmate", "new"}, 2, "tmates tmate new KEY"},
		{[]string{"tmate", "lint", "gardener"}, 0, "1 tmate: no problem"},
		{[]string{"tmate", "test", "gardener"}, 0, "could you announce"},
		{[]string{"tmate", "test"}, 0, "gardener"},
		{[]string{"agents", "new", "tax-helper", "-o", "."}, 0, "tmates tmate lint ./tax-helper"},
		{[]string{"agents", "check", "./tax-helper"}, 0, "tax-helper"},
		{[]string{"agents", "check", "tax-helper"}, 0, "no problem"},
		{[]string{"agents", "check", "."}, 0, "Tax Helper, note"},
		{[]string{"tmate", "test", "adam"}, 0, "What is 12 * 7?"},
		{[]string{"tmate", "lint", "nobody"}, 1, `no tmate "nobody"`},
		{[]string{"tmate", "lint", "./nobody"}, 1, "no such file"},
		{[]string{"tmate", "lint", data}, 1, "there is no manifest.yaml"},
	} {
		r := tmates("", c.args...)
		if r.code != c.code || !strings.Contains(r.out+r.err, c.says) {
			t.Errorf("%v: exit %d\n%s%s\nwant %d and %q", c.args, r.code, r.out, r.err, c.code, c.says)
		}
	}
	if left, err := os.ReadDir(data); err != nil || len(left) != 1 {
		t.Errorf("the commands opened the data folder: %v, %v", left, err)
	}
}

func TestLintAndTestTell(t *testing.T) {
	work := t.TempDir()
	t.Chdir(work)
	put(t, "bob/manifest.yaml", "name: Bob\ntests:\n- {say: hello, expect: hi}\n- {say: keep it, call: remember, expect: it}\nstarter: [a]\n")
	put(t, "bob/rules.yaml", "rules:\n- {name: keep, match: \"keep {x}\", call: {tool: remember, args: {fact: \"{x}\"}}, say: \"{result}\"}\notherwise: {say: \"Good\\nday.\"}\n")
	put(t, "_draft/manifest.yaml", "name: [")
	r := tmates("", "tmate", "lint", "./bob")
	if want := "hint: ./bob/manifest.yaml:5: unknown key \"starter\" in the manifest: did you mean \"starters\"?\n1 tmate: no problem\n"; r.code != 0 || strings.ReplaceAll(want, "./", "") != r.out {
		t.Errorf("lint: %+v", r)
	}
	r = tmates("", "tmate", "test", "./bob")
	if r.code != 1 || r.err != "tmates: 1 of 2 tests failed\n" ||
		!strings.Contains(r.out, "bob    3     hello    otherwise  FAILED") || !strings.Contains(r.out, "bob    4     keep it  keep       ok") ||
		!strings.HasSuffix(r.out, "\nbob/manifest.yaml:3: \"hi\" is not in the answer\n  it said: Good\n           day.\n") {
		t.Errorf("test: %+v", r)
	}
	r = tmates("", "tmate", "test", "bob", "--json")
	var outcomes []map[string]any
	if err := json.Unmarshal([]byte(r.out), &outcomes); err != nil || r.code != 1 || len(outcomes) != 2 || outcomes[0]["passed"] != false || outcomes[1]["line"] != 4.0 {
		t.Errorf("test --json: %+v, %v", r, err)
	}
	put(t, "bob/manifest.yaml", "name: Bob\nbrain:\n  temprature: 1\n")
	r = tmates("", "tmate", "lint", ".")
	if r.code != 1 || !strings.HasPrefix(r.out, "bob/manifest.yaml:3: unknown key \"temprature\" in brain: did you mean \"temperature\"?") {
		t.Errorf("lint of a broken one: %+v", r)
	}
	r = tmates("", "tmate", "lint", ".", "--json")
	var found []map[string]any
	if err := json.Unmarshal([]byte(r.out), &found); err != nil || r.code != 1 || len(found) != 1 || found[0]["file"] != "bob/manifest.yaml" || found[0]["line"] != 3.0 {
		t.Errorf("lint --json: %+v, %v", r, err)
	}
	if r = tmates("", "tmate", "test", "bob"); r.code != 1 || !strings.Contains(r.err, "bob cannot be loaded: bob/manifest.yaml:3:") {
		t.Errorf("test of a broken one: %+v", r)
	}
	if r = tmates("", "tmate", "schema"); r.code != 0 || r.out != string(registry.ManifestSchema) {
		t.Errorf("schema: %d, %d bytes", r.code, len(r.out))
	}
}

// A folder as upstream's authors write it has no problem, and says nothing about its
// Python.
func TestUpstreamFolder(t *testing.T) {
	work := t.TempDir()
	t.Chdir(work)
	put(t, "baker/manifest.yaml", `
name: Baker
slug: baker
version: 2.3.10
description: Knows flour.
role: Baker
category: Food
author: Somebody
last_updated: 2025-11-01
developer_website: https://example.com
privacy_policy: https://example.com/privacy
docs: {guide: https://example.com/guide}
capabilities: [Bake, Advise]
branding: {avatar_url: /a.png, emoji: "🥖", color: "#aa7700", accent_color: "#000000"}
playbook: {required_params: [], optional_params: [{name: message, description: What to bake}]}
outputs: [{type: text, description: A reply}]
tasks: [{name: bake}]
tools:
  - {name: oven, inputs: [{name: degrees}], outputs: [{name: bread}], keywords: [bread]}
  - name: shop
    display_name: Shop
    description: Buys flour.
    categories: [food]
    input_requirements: {required: [amount], optional: []}
    output_format: {type: text, fields: [receipt]}
    task_matching: {keywords: [flour], patterns: ['\bbuy\b'], task_types: [purchase]}
    confidence_weights: {keywords: 0.6, task_types: 0.3, patterns: 0.1}
env: {required: [], optional: [OVEN_KEY]}
ui: {settings: [{key: crust}]}
audience: {organization_allowlist: []}
house_rules: {smoking: false}
`)
	for _, name := range []string{"agent.py", "brain.py", "interface/api.py", "tests/test_agent.py", "prompts/brain/system.txt", "prompts/brain/cognition.txt", "prompts/brain/affect.txt", "prompts/brain/behavior.txt"} {
		put(t, filepath.Join("baker", name), "You bake.\n")
	}
	if r := tmates("", "agents", "check", "./baker"); r.code != 0 || r.out != "1 tmate: no problem\nThere are no tests: write some into the manifest, under tests.\n" || r.err != "" {
		t.Errorf("%+v", r)
	}
}

// The names by which lint knows the program's tools are those of the tools.
func TestLintKnowsTheTools(t *testing.T) {
	for _, tool := range tools.All(nil, agents.Scope{ThreadID: "x"}) {
		folder := t.TempDir()
		put(t, filepath.Join(folder, "bob", "manifest.yaml"), "permissions: {allow: ["+tool.Name+"]}\n")
		if r := tmates("", "tmate", "lint", filepath.Join(folder, "bob")); r.code != 0 || strings.Contains(r.out, "hint") {
			t.Errorf("%s: %+v", tool.Name, r)
		}
	}
}

// The tmate the README shows works as it is written there.
func TestReadmeTmate(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for name, mark := range map[string]string{"manifest.yaml": "# manifest.yaml\n", "rules.yaml": "# rules.yaml: "} {
		_, after, found := strings.Cut(string(readme), mark)
		text, _, closed := strings.Cut(after, "```")
		if !found || !closed {
			t.Fatalf("the README shows no %s", name)
		}
		if name == "rules.yaml" {
			_, text, _ = strings.Cut(text, "\n")
		}
		put(t, filepath.Join("gardener", name), text)
	}
	if r := tmates("", "agents", "check", "./gardener"); r.code != 0 || strings.Contains(r.out, "hint") || !strings.Contains(r.out, "pin water the roses") {
		t.Errorf("%+v", r)
	}
}

// A tmate whose environment is not set is listed with what it needs, does not run,
// and is in nobody's way.
func TestMissingEnvironment(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMATES_DATA", dir)
	put(t, filepath.Join(dir, "tmates", "needy", "manifest.yaml"), "name: Needy\nenv: {required: [NEEDY_KEY, HOME]}\n")
	put(t, filepath.Join(dir, "tmates", "needy", "rules.yaml"), "otherwise: {say: \"I run.\"}\n")
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"user", "add", "ada@example.com"}, 0, "an owner"},
		{[]string{"tmate", "list"}, 0, "needs NEEDY_KEY in the server's environment"},
		{[]string{"tmate", "hire", "needy"}, 0, "needy is on the team"},
		{[]string{"chat", "needy", "hello"}, 1, "not set up yet"},
		{[]string{"chat", "adam", "thanks"}, 0, "."},
	} {
		r := tmates("", c.args...)
		if r.code != c.code || !strings.Contains(r.out+r.err, c.says) || strings.Contains(r.out, "I run.") {
			t.Errorf("%v: exit %d\n%s%s\nwant %d and %q", c.args, r.code, r.out, r.err, c.code, c.says)
		}
	}
	t.Setenv("NEEDY_KEY", "x")
	if r := tmates("", "chat", "needy", "hello"); r.code != 0 || !strings.Contains(r.out, "I run.") {
		t.Errorf("with its environment: %+v", r)
	}
}

// What a rule asks for is answered by the next message, also when another process
// answers it.
func TestScaffoldTalks(t *testing.T) {
	t.Setenv("TMATES_DATA", t.TempDir())
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"user", "add", "ada@example.com", "--name", "Ada"}, "an owner"},
		{[]string{"tmate", "new", "gardener"}, "gardener"},
		{[]string{"tmate", "hire", "gardener"}, "on the team"},
		{[]string{"chat", "gardener", "could you announce something to everybody?"}, "What shall the post say?"},
		{[]string{"chat", "gardener", "Lunch is at noon."}, `Published "Lunch is at noon"`},
		{[]string{"chat", "gardener", "Lunch is at noon."}, "only know a few things, Ada"},
	} {
		r := tmates("", c.args...)
		if r.code != 0 || !strings.Contains(r.out, c.says) {
			t.Errorf("%v: exit %d\n%s%s\nwant %q", c.args, r.code, r.out, r.err, c.says)
		}
	}
}
