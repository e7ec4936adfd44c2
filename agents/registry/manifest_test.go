package registry

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/agents"
)

func TestManifest(t *testing.T) {
	t.Parallel()
	got, problems := parseManifest("dana", []byte(`
name: "  Dana\n  Scully "
slug: dana
version: 1.10
description: Counts.
role: Analyst
category: Numbers
last_updated: 2026-11-22
capabilities: [Count, 7, null]
keywords: [Sums]
branding: {emoji: "🔢", color: "#123456", glow: true}
tools:
  - name: old
    keywords: [Budget, sums]
  - name: new
    task_matching: {keywords: [Forecast, tax], patterns: ['how (much|many)\b'], task_types: [x]}
    confidence_weights: {keywords: 0.5, task_types: 0}
  - {name: other, routing: {keywords: [tax]}}
  - bare_name
env: {required: [API_KEY], optional: []}
ui: {settings: [a]}
greeting: Hello.
team_greeting: Hello all.
custom: {at: 2026-11-22T10:00:00Z, weird: .nan, big: 1e3, 5: five, bytes: !!binary aGk=, list: [true, ~, 3]}
base: &base {x: 1}
copy: {<<: *base, y: *base}
`))
	if len(problems) > 0 {
		t.Fatalf("problems: %v", problems)
	}
	manifest := got.Manifest
	got.Manifest = nil
	want := &agents.Tmate{
		Key: "dana", Name: "Dana Scully", Description: "Counts.", Icon: "🔢", Color: "#123456", Role: "Analyst", Category: "Numbers",
		Capabilities: []string{"Count", "7"}, Keywords: []string{"sums", "budget", "forecast", "tax"},
		RequiredEnv: []string{"API_KEY"}, Greeting: "Hello.", TeamGreeting: "Hello all.",
		Abilities: []agents.Ability{
			{Name: "old", Keywords: []string{"budget", "sums"}, Weights: agents.Weights{Keywords: 0.6, Patterns: 0.3, TaskTypes: 0.1}},
			{Name: "new", Keywords: []string{"forecast", "tax"}, Patterns: []string{`how (much|many)\b`}, Weights: agents.Weights{Keywords: 0.5, Patterns: 0.3}},
			{Name: "other", Keywords: []string{"tax"}, Weights: agents.Weights{Keywords: 0.6, Patterns: 0.3, TaskTypes: 0.1}},
			{Name: "bare_name", Weights: agents.Weights{Keywords: 0.6, Patterns: 0.3, TaskTypes: 0.1}},
		},
		Thinking: agents.Thinking{Sure: 0.7},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tmate (-want +got):\n%s", diff)
	}
	for key, want := range map[string]any{
		"version": "1.10", "last_updated": "2026-11-22",
		"branding": map[string]any{"emoji": "🔢", "color": "#123456", "glow": true},
		"custom": map[string]any{
			"at": "2026-11-22T10:00:00Z", "weird": ".nan", "big": 1000.0, "5": "five", "bytes": "aGk=", "list": []any{true, nil, 3},
		},
		"copy": map[string]any{"x": 1, "y": map[string]any{"x": 1}},
	} {
		if diff := cmp.Diff(want, manifest[key]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", key, diff)
		}
	}
}

func TestManifestSections(t *testing.T) {
	t.Parallel()
	got, problems := parseManifest("dana", []byte(`
schema: tmates/v1
starters: ['What is new?', 7]
quick: &quick {steps: 3, timeout: 1m30s}
brain:
  {kind: composite, provider: big, fallbacks: [small, local], model: m-7, temperature: 0, effort: low, max_output_tokens: 500, context_window: 8192, sure: 0.9}
memory: {enabled: false, max_facts: 20}
permissions: {allow: [recall], deny: [remember]}
limits: {<<: *quick, steps: 5, tokens_per_turn: 100, tokens_per_day: 1000, cost_per_day: 0.5}
team: {aliases: [Scully], silent: true, hands: []}
tests:
  - say: hello
    expect: hi
  - {say: "how many?", rule: count, call: sum, expect: [a, 7], facts: [b], group: true, at: 2026-11-28T20:15, results: {sum: 12},
     follow: [{say: again, rule: count}]}
`))
	if len(problems) > 0 {
		t.Fatalf("problems: %v", problems)
	}
	if limits := got.Manifest["limits"].(map[string]any); limits["steps"] != 5 || limits["timeout"] != "1m30s" {
		t.Errorf("manifest %v", limits)
	}
	got.Manifest = nil
	cold := 0.0
	want := &agents.Tmate{
		Key: "dana", Name: "dana", Starters: []string{"What is new?", "7"},
		Thinking: agents.Thinking{
			Kind: agents.ThinkComposite, Provider: "big", Fallbacks: []string{"small", "local"}, Sure: 0.9,
			Asking: agents.Asking{Model: "m-7", Temperature: &cold, Effort: "low", MaxOutputTokens: 500, Window: 8192},
		},
		Memory:      agents.MemoryPolicy{Off: true, MaxFacts: 20},
		Permissions: agents.Permissions{Allow: []string{"recall"}, Deny: []string{"remember"}},
		Limits:      agents.Limits{Steps: 5, Timeout: 90 * time.Second, TokensPerTurn: 100, TokensPerDay: 1000, CostPerDay: 0.5},
		Team:        agents.TeamPolicy{Aliases: []string{"Scully"}, Silent: true, Hands: []string{}},
		Tests: []agents.Test{
			{Say: "hello", Line: 12, Expect: []string{"hi"}},
			{
				Say: "how many?", Line: 14, Rule: "count", Call: "sum", Expect: []string{"a", "7"}, Facts: []string{"b"}, Group: true,
				At: time.Date(2026, 11, 28, 20, 15, 0, 0, time.UTC), Results: map[string]string{"sum": "12"},
				Follow: []agents.Test{{Say: "again", Line: 15, Rule: "count"}},
			},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tmate (-want +got):\n%s", diff)
	}
	if p := got.Permissions; !p.Allows("recall") || p.Allows("remember") || p.Allows("write_file") {
		t.Error("permissions")
	}
	got, _ = parseManifest("dana", []byte("permissions: {allow: []}"))
	if got.Permissions.Allows("recall") {
		t.Error("an empty allow allows nothing")
	}
	got, _ = parseManifest("dana", []byte("permissions: {allow: }"))
	if !got.Permissions.Allows("recall") {
		t.Error("an allow that is not there allows all")
	}
}

// A misspelt key of upstream's is only worth a hint, because upstream keeps any key;
// whoever names the schema wants to know.
func TestManifestHints(t *testing.T) {
	t.Parallel()
	const src = "permission: {allow: [a]}\nGreeting: hi\ntone: warm\nbranding: {colour: red, glow: x}\ntools:\n- {name: a, task_matching: {keyword: [b]}}\n"
	want := []string{
		`bob/manifest.yaml:1: unknown key "permission" in the manifest: did you mean "permissions"?`,
		`bob/manifest.yaml:2: unknown key "Greeting" in the manifest: did you mean "greeting"?`,
		`bob/manifest.yaml:4: unknown key "colour" in branding: did you mean "color"?`,
		`bob/manifest.yaml:6: unknown key "keyword" in tools[0].task_matching: did you mean "keywords"?`,
	}
	for schema, hint := range map[string]bool{"": true, "schema: tmates/v1\n": false} {
		tm, problems := parseManifest("bob", []byte(src+schema))
		var got []string
		for _, p := range problems {
			if p.Hint != hint {
				t.Errorf("%q: %+v", schema, p)
			}
			got = append(got, p.String())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", schema, diff)
		}
		if hint && (tm.Manifest["Greeting"] != "hi" || tm.Manifest["tone"] != "warm") {
			t.Errorf("kept: %v", tm.Manifest)
		}
	}
}

func TestManifestDefaults(t *testing.T) {
	t.Parallel()
	got, problems := parseManifest("bob", []byte("name: ~\nicon: X\nbranding: {emoji: Y}\ntools: ~\n"))
	if len(problems) > 0 || got.Name != "bob" || got.Description != "" || got.Icon != "X" || got.Keywords != nil {
		t.Errorf("got %+v, %v", got, problems)
	}
}

func TestManifestProblems(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, src, want string }{
		{"not a mapping", "- a", "bob/manifest.yaml:1: the manifest must be a mapping, not a list"},
		{"text", "just text", "bob/manifest.yaml:1: the manifest must be a mapping, not text"},
		{"null", "~", "bob/manifest.yaml:1: the manifest must be a mapping, not empty"},
		{"name", "\nname: {a: b}", "bob/manifest.yaml:2: name must be text, not a mapping"},
		{"long name", "role: x\nname: " + strings.Repeat("ä", 101), "bob/manifest.yaml:2: name must be at most 100 printable characters"},
		{"control", "name: \"a\\u0007b\"", "bob/manifest.yaml:1: name must be at most 100 printable characters"},
		{"branding", "branding: blue", "bob/manifest.yaml:1: branding must be a mapping, not text"},
		{"capability", "capabilities:\n  - a\n  - {b: c}", "bob/manifest.yaml:3: capabilities[1] must be text, not a mapping"},
		{"tools", "tools: {a: b}", "bob/manifest.yaml:1: tools must be a list of mappings or texts, not a mapping"},
		{"tool keywords", "tools:\n- name: a\n  task_matching:\n    keywords: x", "bob/manifest.yaml:4: tools[0].task_matching.keywords must be a list of texts, not text"},
		{"alias", "a: &a [x]\nname: *a", "bob/manifest.yaml:1: name must be text, not a list"},
		{"env", "env:\n  required: [A-B]", `bob/manifest.yaml:2: env.required: "A-B" is not the name of an environment variable`},
		{"key", "name: a\n? [b]\n: c", "bob/manifest.yaml:2: a key must be text"},
		{"nested twice", "ui:\n  a: 1\n  a: 2", `bob/manifest.yaml:3: "a" appears twice`},
		{"depth", "a: " + strings.Repeat("[", 60) + strings.Repeat("]", 60), "bob/manifest.yaml:1: more than 50 values inside one another"},
		{"schema", "schema: tmates/v3", `bob/manifest.yaml:1: schema must be tmates/v1, not "tmates/v3": did you mean "tmates/v1"?`},
		{"own key", "brain:\n  temprature: 1", `bob/manifest.yaml:2: unknown key "temprature" in brain: did you mean "temperature"?`},
		{"secret", "memory: {api_key: x}", `bob/manifest.yaml:1: unknown key "api_key" in memory: it may have enabled, max_facts`},
		{"kind", "brain:\n  kind: rule", `bob/manifest.yaml:2: brain.kind must be model or rules or composite, not "rule": did you mean "rules"?`},
		{"range", "brain:\n  temperature: 3", `bob/manifest.yaml:2: brain.temperature must be a number from 0 to 2, not "3"`},
		{"whole", "limits:\n  steps: 2.5", `bob/manifest.yaml:2: limits.steps must be a whole number from 1 to 100, not "2.5"`},
		{"switch", "team: {silent: [x]}", "bob/manifest.yaml:1: team.silent must be true or false, not a list"},
		{"duration", "limits:\n  timeout: 90", `bob/manifest.yaml:2: limits.timeout must be a duration such as 90s or 5m, not "90"`},
		{"long duration", "limits:\n  timeout: 48h", "bob/manifest.yaml:2: limits.timeout must be from 1s to 24h, not 48h"},
		{"pattern", "tools:\n- name: a\n  task_matching:\n    patterns:\n    - ok\n    - 'a(?=b)'", "bob/manifest.yaml:6: tools[0].task_matching.patterns[1] is not a regular expression of RE2: invalid or unsupported Perl syntax: `(?=`"},
		{"long pattern", "tools: [{routing: {patterns: ['" + strings.Repeat("a", 501) + "']}}]", "bob/manifest.yaml:1: tools[0].routing.patterns[0] is longer than 500 bytes"},
		{"weight", "tools:\n- confidence_weights:\n    keywords: 60", `bob/manifest.yaml:3: tools[0].confidence_weights.keywords must be a number from 0 to 1, not "60"`},
		{"tool name", "permissions:\n  allow: [read file]", `bob/manifest.yaml:2: permissions: "read file" is not the name of a tool`},
		{"provider", "brain:\n  provider: a b", `bob/manifest.yaml:2: brain.provider: "a b" is not the name of a provider`},
		{"hands", "team:\n  hands: [Adam]", `bob/manifest.yaml:2: team.hands: "Adam" is not the key of a teammate`},
		{"starters", "starters: [a, b, c, d, e, f, g, h, i]", "bob/manifest.yaml:1: starters are at most 8 texts of at most 200 characters"},
		{"test says nothing", "tests:\n- expect: a", "bob/manifest.yaml:2: the test says nothing: write say"},
		{"test expects nothing", "tests:\n- {say: a, rule: x}\n- say: b\n  rule: c\n  follow:\n  - say: d", "bob/manifest.yaml:6: the test expects nothing: write rule, call or expect"},
		{"test at", "tests:\n- {say: a, rule: b, at: noon}", `bob/manifest.yaml:2: at must be a time such as 2026-11-25 18:30, not "noon"`},
		{"test key", "tests:\n- {say: a, rule: b, fact: x}", `bob/manifest.yaml:2: unknown key "fact" in tests[0]: did you mean "facts"?`},
		{"test loop", "tests: &t [{say: a, rule: b, follow: *t}]", "bob/manifest.yaml:1: tests[0].follow[0].follow[0].follow[0].follow[0].follow[0].follow[0].follow[0].follow[0]: a conversation goes on at most 8 times"},
		{"merge", "a: &a 7\nb: {<<: *a}", "bob/manifest.yaml:1: << takes over mappings only"},
		{"merge of itself", "a: &a {b: {<<: *a}}", "bob/manifest.yaml: anchor 'a' value contains itself"},
		{"merged", "a: &a {brain: {kind: magic}}\n<<: *a", `bob/manifest.yaml:1: brain.kind must be model or rules or composite, not "magic"`},
		{"loop", "a: &a [*a]", "bob/manifest.yaml: anchor 'a' value contains itself"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := parseManifest("bob", []byte(tt.src))
			if len(problems) != 1 || problems[0].String() != tt.want {
				t.Errorf("got %v\nwant %s", problems, tt.want)
			}
		})
	}
}

// A few lines of aliases must not grow into a manifest that fills the memory or
// takes for ever to check.
func TestManifestBombs(t *testing.T) {
	t.Parallel()
	ten := func(item string) string { return strings.Repeat(item+", ", 9) + item }
	var nested, tests strings.Builder
	nested.WriteString("a0: &a0 [" + ten("x") + "]\n")
	tests.WriteString("t0: &t0 {say: a, rule: b}\n")
	for i := range 8 {
		if i < 5 {
			fmt.Fprintf(&nested, "a%d: &a%d [%s]\n", i+1, i+1, ten(fmt.Sprintf("*a%d", i)))
		}
		fmt.Fprintf(&tests, "t%d: &t%d {say: a, rule: b, follow: [%s]}\n", i+1, i+1, ten(fmt.Sprintf("*t%d", i)))
	}
	tests.WriteString("tests: [*t8]\n")
	var keys strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&keys, "k%d: 1, ", i)
	}
	for name, c := range map[string]struct{ src, want string }{
		"nested": {nested.String(), ""},
		"tests":  {tests.String(), "more than 20000 values"},
		"merged": {"base: &b {" + keys.String() + "}\nall:\n" + strings.Repeat("- {<<: *b}\n", 30), "more than 20000 keys are taken over"},
	} {
		_, problems := parseManifest("bob", []byte(c.src))
		if len(problems) == 0 || !strings.Contains(problems[0].Text, c.want) {
			t.Errorf("%s: %v", name, problems)
		}
	}
}

func FuzzManifest(f *testing.F) {
	for _, seed := range []string{
		"name: Bob\n", "", "a: &a [*a]", "name: [", "<<: {a: b}\n", "tools: [{name: x, keywords: [a]}, b]\nenv: {required: [A]}",
		"? {a: b}\n: c", "x: !!binary aGk=\ny: 2026-11-22\nz: -.inf", "a: &a {b: c}\nd: {<<: [*a, *a]}", "branding: &b {emoji: *b}",
		"x: !custom {a: 1}\ny: !!int z", "version: 1.10\n---\nname: b", "tests: &t [{say: a, follow: *t}]", "a: &a {<<: *a}", "a: &a {b: {<<: *a}}",
		"brain: {kind: composite, temperature: 1, sure: .nan}\nlimits: {steps: 3, timeout: 5m}\nteam: {hands: [a]}\nmemory: {enabled: false}",
		"base: &b {tools: [{task_matching: {patterns: [a, '(']}}]}\n<<: *b\ntests: [{say: a, expect: [b], results: {c: d}, at: 2026-11-25 10:00}]",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		tm, problems := parseManifest("bob", src)
		if len(problems) > maxFaults {
			t.Fatalf("%d problems", len(problems))
		}
		if broken(problems) {
			return
		}
		if tm.Name == "" || strings.ContainsAny(tm.Name, "\n\r\t") {
			t.Errorf("name %q", tm.Name)
		}
		if _, err := json.Marshal(tm.Manifest); err != nil {
			t.Errorf("manifest is not JSON: %v", err)
		}
	})
}
