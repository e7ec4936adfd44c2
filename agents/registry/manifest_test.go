package registry

import (
	"encoding/json"
	"strings"
	"testing"

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
    task_matching: {keywords: [forecast], task_types: [x]}
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

// A few lines of aliases must not grow into a manifest that fills the memory.
func TestManifestBomb(t *testing.T) {
	t.Parallel()
	var src strings.Builder
	src.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := range 5 {
		n := string(rune('0' + i))
		m := string(rune('1' + i))
		src.WriteString("a" + m + ": &a" + m + " [" + strings.Repeat("*a"+n+", ", 9) + "*a" + n + "]\n")
	}
	_, problems := parseManifest("bob", []byte(src.String()))
	if len(problems) != 1 {
		t.Fatalf("problems: %v", problems)
	}
}

func FuzzManifest(f *testing.F) {
	for _, seed := range []string{
		"name: Bob\n", "", "a: &a [*a]", "name: [", "<<: {a: b}\n", "tools: [{name: x, keywords: [a]}, b]\nenv: {required: [A]}",
		"? {a: b}\n: c", "x: !!binary aGk=\ny: 2026-11-22\nz: -.inf", "a: &a {b: c}\nd: {<<: [*a, *a]}", "branding: &b {emoji: *b}",
		"x: !custom {a: 1}\ny: !!int z", "version: 1.10\n---\nname: b",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		tm, problems := parseManifest("bob", src)
		if len(problems) > maxFaults {
			t.Fatalf("%d problems", len(problems))
		}
		if len(problems) > 0 {
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
