package registry

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/tmates/tmates/agents"
)

const (
	maxName   = 100   // code points of a tmate's name
	maxDepth  = 50    // nested values of a manifest
	maxValues = 20000 // values of a manifest once its aliases are expanded
	maxFaults = 20    // problems reported for one manifest
)

// kind is the type a known key of a manifest must have. Any of them may be
// empty (null), which means the key is not there.
type kind string

const (
	aText    kind = "text"
	aMapping kind = "a mapping"
	aList    kind = "a list"
	texts    kind = "a list of texts"
	entries  kind = "a list of mappings or texts"
)

// field is a known key: its kind and, for mappings and entries, the known keys
// inside.
type field struct {
	kind kind
	in   map[string]field
}

// manifestFields are the keys with a meaning. They come from upstream's manifests
// (docs: inputs, outputs and keywords of a tool; reference tmate:
// input_requirements, output_format and task_matching); greeting, team_greeting
// and the top-level keywords are ours. Other keys are kept unread.
var manifestFields = map[string]field{
	"name": {kind: aText}, "slug": {kind: aText}, "version": {kind: aText}, "description": {kind: aText},
	"role": {kind: aText}, "category": {kind: aText}, "author": {kind: aText}, "last_updated": {kind: aText},
	"developer_website": {kind: aText}, "privacy_policy": {kind: aText}, "icon": {kind: aText},
	"greeting": {kind: aText}, "team_greeting": {kind: aText},
	"capabilities": {kind: texts}, "keywords": {kind: texts},
	"branding": {kind: aMapping, in: map[string]field{
		"avatar_url": {kind: aText}, "emoji": {kind: aText}, "color": {kind: aText}, "accent_color": {kind: aText},
	}},
	"playbook": {kind: aMapping, in: map[string]field{"required_params": {kind: aList}, "optional_params": {kind: aList}}},
	"outputs":  {kind: aList},
	"tasks":    {kind: aList},
	"tools": {kind: entries, in: map[string]field{
		"name": {kind: aText}, "display_name": {kind: aText}, "description": {kind: aText}, "keywords": {kind: texts},
		"input_requirements": {kind: aMapping}, "output_format": {kind: aMapping},
		"task_matching": {kind: aMapping, in: map[string]field{"keywords": {kind: texts}}},
		"routing":       {kind: aMapping, in: map[string]field{"keywords": {kind: texts}}},
	}},
	"env": {kind: aMapping, in: map[string]field{
		"required": {kind: entries, in: map[string]field{"name": {kind: aText}}},
		"optional": {kind: entries, in: map[string]field{"name": {kind: aText}}},
	}},
	"ui":       {kind: aMapping},
	"audience": {kind: aMapping},
}

var envName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// parseManifest reads a manifest. The tmate is never nil, so that the rest of
// the folder can be checked as well; it must not be used when there are
// problems. Prompt and Rules are left to the caller.
func parseManifest(key string, src []byte) (*agents.Tmate, []Problem) {
	d := &manifestReader{key: key, file: path.Join(key, manifestFile)}
	t := &agents.Tmate{Key: key, Name: key}
	root := d.document(src)
	if root == nil {
		return t, d.problems
	}
	d.tidy(root, 0)
	d.check(root, "the manifest", field{kind: aMapping, in: manifestFields})
	if len(d.problems) > 0 {
		return t, d.problems
	}
	var raw any
	if err := root.Decode(&raw); err != nil {
		d.fail(nil, "%s", strings.TrimPrefix(err.Error(), "yaml: "))
		return t, d.problems
	}
	left := maxValues
	t.Manifest, _ = plain(raw, &left).(map[string]any)
	if left < 0 {
		d.fail(nil, "more than %d values", maxValues)
		return t, d.problems
	}
	d.fill(t, root)
	return t, d.problems
}

// manifestReader collects what is wrong with one manifest.
type manifestReader struct {
	key, file string
	problems  []Problem
}

func (d *manifestReader) fail(n *yaml.Node, format string, args ...any) {
	if len(d.problems) == maxFaults {
		return
	}
	p := Problem{Key: d.key, File: d.file, Text: fmt.Sprintf(format, args...)}
	if n != nil {
		p.Line = n.Line
	}
	d.problems = append(d.problems, p)
}

// parserLine finds the line in the YAML parser's message: it offers no other
// way to learn it.
var parserLine = regexp.MustCompile(`^(?:yaml: )?(?:line ([0-9]+): )?`)

// document parses the first YAML document; nil when there is none.
func (d *manifestReader) document(src []byte) *yaml.Node {
	var doc yaml.Node
	err := yaml.NewDecoder(bytes.NewReader(src)).Decode(&doc)
	if errors.Is(err, io.EOF) || err == nil && len(doc.Content) != 1 {
		d.fail(nil, "the manifest is empty")
		return nil
	}
	if err != nil {
		m := parserLine.FindStringSubmatch(err.Error())
		line, _ := strconv.Atoi(m[1])
		d.fail(&yaml.Node{Line: line}, "not YAML: %s", err.Error()[len(m[0]):])
		return nil
	}
	return doc.Content[0]
}

// tidy makes a tree decode to values that JSON knows: keys become text, and so
// do times, bytes and numbers that are not finite, as they were written. It
// refuses keys that are not text or appear twice, and trees that are too deep.
func (d *manifestReader) tidy(n *yaml.Node, depth int) {
	if depth > maxDepth {
		d.fail(n, "more than %d values inside one another", maxDepth)
		return
	}
	if n.Kind == yaml.ScalarNode {
		switch n.ShortTag() {
		case "!!timestamp", "!!binary":
			n.Tag = "!!str"
		case "!!float":
			if strings.ContainsAny(n.Value, "nN") { // .nan and .inf
				n.Tag = "!!str"
			}
		}
		return
	}
	if n.Kind == yaml.MappingNode {
		seen := make(map[string]bool, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			k := n.Content[i]
			switch {
			case k.Kind != yaml.ScalarNode:
				d.fail(k, "a key must be text")
			case seen[k.Value]:
				d.fail(k, "%q appears twice", clip(k.Value))
			case k.ShortTag() != "!!merge":
				k.Tag = "!!str"
			}
			seen[k.Value] = true
			d.tidy(n.Content[i+1], depth+1)
		}
		return
	}
	for _, child := range n.Content {
		d.tidy(child, depth+1)
	}
}

// check compares a value with its field. Where text is expected, a number or
// true is taken as it was written: "version: 1.10" stays 1.10.
func (d *manifestReader) check(n *yaml.Node, what string, f field) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	isNull := n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
	switch {
	case isNull && what != "the manifest":
	case f.kind == aText && n.Kind == yaml.ScalarNode:
		n.Tag = "!!str"
	case f.kind == aMapping && n.Kind == yaml.MappingNode:
		d.checkMapping(n, what, f.in)
	case f.kind == aList && n.Kind == yaml.SequenceNode:
	case (f.kind == texts || f.kind == entries) && n.Kind == yaml.SequenceNode:
		for i, item := range n.Content {
			d.checkItem(item, fmt.Sprintf("%s[%d]", what, i), f)
		}
	default:
		d.fail(n, "%s must be %s, not %s", what, f.kind, nodeKind(n))
	}
}

func (d *manifestReader) checkItem(n *yaml.Node, what string, f field) {
	item := n
	if n.Kind == yaml.AliasNode {
		item = n.Alias
	}
	if f.kind == entries && item.Kind == yaml.MappingNode {
		d.check(item, what, field{kind: aMapping, in: f.in})
		return
	}
	d.check(item, what, field{kind: aText})
}

// checkMapping checks the known keys of a mapping. Keys it takes over from
// another one with << are not looked at: a value of the wrong type there reads
// as missing.
func (d *manifestReader) checkMapping(n *yaml.Node, what string, known map[string]field) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if f, ok := known[k.Value]; ok {
			name := k.Value
			if what != "the manifest" {
				name = what + "." + name
			}
			d.check(v, name, f)
		}
	}
}

func nodeKind(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	if n.ShortTag() == "!!null" {
		return "empty"
	}
	return "text"
}

// clip shortens what a message quotes.
func clip(s string) string {
	if utf8.RuneCountInString(s) <= 40 {
		return s
	}
	return string([]rune(s)[:39]) + "…"
}

// plain returns v built of maps with text keys, lists, texts, numbers,
// booleans and nil. left is how many values it may still have.
func plain(v any, left *int) any {
	if *left--; *left < 0 {
		return nil
	}
	switch v := v.(type) {
	case map[string]any:
		for key, item := range v {
			v[key] = plain(item, left)
		}
	case []any:
		for i, item := range v {
			v[i] = plain(item, left)
		}
	case nil, string, bool, int, int64, uint64, float64:
	default:
		return fmt.Sprint(v)
	}
	return v
}

// fill takes the fields of the tmate from its manifest.
func (d *manifestReader) fill(t *agents.Tmate, root *yaml.Node) {
	m := t.Manifest
	branding := mapping(m["branding"])
	if name := strings.Join(strings.Fields(text(m["name"])), " "); name != "" {
		t.Name = name
	}
	if utf8.RuneCountInString(t.Name) > maxName || strings.ContainsFunc(t.Name, unicode.IsControl) {
		d.fail(valueOf(root, "name"), "name must be at most %d printable characters", maxName)
	}
	t.Description = text(m["description"])
	t.Icon = text(m["icon"])
	if t.Icon == "" {
		t.Icon = text(branding["emoji"])
	}
	t.Color = text(branding["color"])
	t.Role = text(m["role"])
	t.Category = text(m["category"])
	t.Greeting = text(m["greeting"])
	t.TeamGreeting = text(m["team_greeting"])
	t.Capabilities = textList(m["capabilities"])
	t.Keywords = keywords(m)
	t.RequiredEnv = textList(mapping(m["env"])["required"])
	for _, name := range t.RequiredEnv {
		if !envName.MatchString(name) {
			d.fail(valueOf(root, "env"), "env.required: %q is not the name of an environment variable", clip(name))
		}
	}
}

// keywords collects what routes a question to the tmate, in both styles of
// naming, in lower case and each once.
func keywords(m map[string]any) []string {
	all := textList(m["keywords"])
	tools, _ := m["tools"].([]any)
	for _, item := range tools {
		tool := mapping(item)
		all = append(all, textList(tool["keywords"])...)
		all = append(all, textList(mapping(tool["task_matching"])["keywords"])...)
		all = append(all, textList(mapping(tool["routing"])["keywords"])...)
	}
	var out []string
	for _, word := range all {
		if word = strings.ToLower(word); !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	return out
}

func text(v any) string {
	s, _ := v.(string)
	return strings.TrimSpace(s)
}

func mapping(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// textList returns the texts of a list, and the names of the mappings in it.
func textList(v any) []string {
	items, _ := v.([]any)
	var out []string
	for _, item := range items {
		s := text(item)
		if s == "" {
			s = text(mapping(item)["name"])
		}
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

// valueOf returns the node of a top-level key, or the mapping itself.
func valueOf(root *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value == key {
			return root.Content[i+1]
		}
	}
	return root
}
