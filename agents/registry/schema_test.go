package registry

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func document(t *testing.T) map[string]any {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(ManifestSchema))
	if err != nil {
		t.Fatal(err)
	}
	return doc.(map[string]any)
}

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("manifest.json", document(t)); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSchemaKnowsEveryField walks the reader's table and the document at once.
func TestSchemaKnowsEveryField(t *testing.T) {
	t.Parallel()
	doc := document(t)
	var walk func(where string, known map[string]field, node map[string]any)
	walk = func(where string, known map[string]field, node map[string]any) {
		node = within(t, doc, node)
		properties, _ := node["properties"].(map[string]any)
		if got, want := slices.Sorted(maps.Keys(properties)), slices.Sorted(maps.Keys(known)); !slices.Equal(got, want) {
			t.Errorf("%s: the schema knows %v, the reader %v", where, got, want)
			return
		}
		for name, f := range known {
			inner := properties[name].(map[string]any)
			if inner["description"] == nil {
				t.Errorf("%s%s has no description", where, name)
			}
			if f.in != nil && name != "follow" {
				walk(where+name+".", f.in, inner)
			}
			if f.kind == aNumber || f.kind == aCount {
				low, high := fmt.Sprint(inner["minimum"]), fmt.Sprint(inner["maximum"])
				if low != fmt.Sprint(f.min) || high != strconv.FormatInt(int64(f.max), 10) {
					t.Errorf("%s%s: %s to %s, in the reader %v to %v", where, name, low, high, f.min, f.max)
				}
			}
			if words, _ := inner["enum"].([]any); len(words) > 0 || f.oneOf != nil {
				if got, want := fmt.Sprint(words), fmt.Sprint(append(anys(f.oneOf), nil)); got != want {
					t.Errorf("%s%s: one of %s, in the reader %s", where, name, got, want)
				}
			}
			if closed := within(t, doc, inner)["additionalProperties"] == false; closed != f.own {
				t.Errorf("%s%s: closed %v, in the reader %v", where, name, closed, f.own)
			}
		}
	}
	walk("", manifestFields, doc)
}

func anys(words []string) (out []any) {
	for _, w := range words {
		out = append(out, w)
	}
	return out
}

// within returns the object a node describes: itself, the mapping among its items,
// or what it refers to.
func within(t *testing.T, doc, node map[string]any) map[string]any {
	t.Helper()
	if items, ok := node["items"].(map[string]any); ok {
		return within(t, doc, items)
	}
	if all, ok := node["anyOf"].([]any); ok && node["properties"] == nil {
		for _, one := range all {
			if o := one.(map[string]any); o["properties"] != nil {
				return o
			}
		}
	}
	if ref, ok := node["$ref"].(string); ok {
		return doc["$defs"].(map[string]any)[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
	}
	return node
}

// judge returns what the schema says of a manifest.
func judge(t *testing.T, s *jsonschema.Schema, src []byte) error {
	t.Helper()
	d := &manifestReader{}
	root := d.document(src)
	if root == nil {
		t.Fatalf("%s: %v", src, d.problems)
	}
	d.tidy(root, 0)
	var raw any
	if err := root.Decode(&raw); err != nil {
		t.Fatal(err)
	}
	left := maxValues
	return s.Validate(plain(raw, &left))
}

func TestSchemaAndReaderAgree(t *testing.T) {
	t.Parallel()
	s := schema(t)
	for src, good := range map[string]bool{
		"name: Bob": true, "name: 7": true, "name:": true, "name: [a]": false, "name: {a: b}": false, "- a": false,
		"schema: tmates/v1": true, "schema: tmates/v2": false, "schema: {a: b}": false, "x-own: {a: [1]}": true,
		"capabilities: [a, 7, null]": true, "capabilities: a": false, "capabilities: [{a: b}]": false,
		"branding: {emoji: x, glow: 1}": true, "branding: blue": false, "branding: {emoji: [x]}": false,
		"tools: [{name: a, keywords: [b]}, bare]": true, "tools: {a: b}": false, "tools: [[a]]": false,
		"tools: [{task_matching: {keywords: [a], patterns: ['^b'], task_types: [c]}}]": true,
		"tools: [{task_matching: {keywords: a}}]":                                      false,
		"tools: [{confidence_weights: {keywords: 0.5, patterns: 1, task_types: 0}}]":   true,
		"tools: [{confidence_weights: {keywords: 1.5}}]":                               false,
		"tools: [{confidence_weights: {keywords: much}}]":                              false,
		"env: {required: [A, {name: B}], optional: []}":                                true, "env: {required: A}": false,
		"docs: [1]": true, "pricing: 5": true, "outputs: [{type: text}]": true, "outputs: text": false,
		"playbook: {required_params: [a]}": true, "playbook: {required_params: a}": false,
		"starters: [Hello, 'What now?']": true, "starters: Hello": false, "starters: [1, 2, 3, 4, 5, 6, 7, 8, 9]": false,

		"brain: {kind: composite, provider: big, fallbacks: [small], model: m, temperature: 0.2, effort: low, max_output_tokens: 500, context_window: 8192, sure: 0.9}": true,
		"brain:": true, "brain: model": false, "brain: {kind: magic}": false, "brain: {kinds: model}": false, "brain: {api_key: x}": false,
		"brain: {temperature: 2.1}": false, "brain: {temperature: -1}": false, "brain: {temperature: warm}": false, "brain: {temperature: .nan}": false,
		"brain: {max_output_tokens: 0}": false, "brain: {max_output_tokens: 1.5}": false, "brain: {max_output_tokens: 2.0}": true,
		"brain: {context_window: 100}": false, "brain: {effort: huge}": false, "brain: {sure: 2}": false, "brain: {sure: 0}": false, "brain: {kind: ~}": true,
		"memory: {enabled: false, max_facts: 20}": true, "memory: {enabled: off}": false, "memory: {facts: 1}": false, "memory: false": false,
		"permissions: {allow: [], deny: [a]}": true, "permissions: {allow: all}": false, "permissions: {alow: [a]}": false,
		"limits: {steps: 4, timeout: 1m30s, tokens_per_turn: 1, tokens_per_day: 2, cost_per_day: 0.5}": true,
		"limits: {steps: 0}": false, "limits: {steps: many}": false, "limits: {timeout: 90}": false, "limits: {timeout: soon}": false, "limits: {timeout: 5 m}": false,
		"limits: {cost_per_day: -1}": false, "limits: {tokens_per_week: 1}": false, "limits: {timeout: ''}": false,
		"team: {aliases: [Bobby], silent: true, hands: [adam]}": true, "team: {silent: 1}": false, "team: {alias: [x]}": false, "team: [a]": false,
		"tests: [{say: a, rule: b}, {say: a, expect: [b, c], facts: [d], group: true, at: 2026-11-25 18:30, results: {t: u}}]": true,
		"tests: [{say: a, follow: [{say: b, expect: c}]}]":                                                                     true,
		"tests: [{say: a, follow: [{say: b, expect: c, group: true}]}]":                                                        false,
		"tests: [{say: a}]": false, "tests: [{rule: a}]": false, "tests: [a]": false, "tests: {say: a}": false, "tests: [{say: a, rule: b, wat: c}]": false,
		"tests: [{say: a, rule: b, results: [c]}]": false, "tests: [{say: a, expect: {b: c}}]": false, "tests: ~": true,
		"base: &b {kind: rules}\nbrain: {<<: *b, sure: 1}": true, "base: &b {kind: magic}\nbrain: {<<: *b}": false, "base: &b {brain: {kind: magic}}\n<<: *b": false,
	} {
		_, problems := parseManifest("bob", []byte(src))
		if err := judge(t, s, []byte(src)); (err == nil) != good || broken(problems) == good {
			t.Errorf("%s: want %v\nreader: %v\nschema: %v", src, good, problems, err)
		}
	}
}

func TestSchemaTakesTheEmbeddedTmates(t *testing.T) {
	t.Parallel()
	s := schema(t)
	files, err := fs.Glob(builtinFiles, "builtin/*/manifest.yaml")
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		src, err := builtinFiles.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := judge(t, s, src); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, problems := parseManifest("bob", src); len(problems) > 0 {
			t.Errorf("%s: %v", name, problems)
		}
	}
}
