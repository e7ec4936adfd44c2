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

// parseManifest reads a manifest. The tmate is never nil, so that the rest of
// the folder can be checked as well; it must not be used when there are problems
// other than hints. Prompt and Rules are left to the caller.
func parseManifest(key string, src []byte) (*agents.Tmate, []Problem) {
	d := &manifestReader{key: key, file: path.Join(key, manifestFile)}
	t := &agents.Tmate{Key: key, Name: key}
	root := d.document(src)
	if root == nil {
		return t, d.problems
	}
	d.tidy(root, 0)
	d.strict = root.Kind == yaml.MappingNode && resolved(valueOf(root, "schema")).Value == Schema
	d.check(root, "the manifest", field{kind: aMapping, in: manifestFields})
	if broken(d.problems) {
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
	delete(t.Manifest, "tests") // long, and of no use to a client
	return t, d.problems
}

// broken reports whether any of the problems keeps a tmate from working.
func broken(problems []Problem) bool {
	return slices.ContainsFunc(problems, func(p Problem) bool { return !p.Hint })
}

// manifestReader collects what is wrong with one manifest.
type manifestReader struct {
	key, file string
	strict    bool // the manifest names its schema
	problems  []Problem
	checked   int // values, those of aliases each time
	taken     int // keys that mappings took over from others
}

func (d *manifestReader) fail(n *yaml.Node, format string, args ...any) {
	d.note(n, false, format, args...)
}

func (d *manifestReader) note(n *yaml.Node, hint bool, format string, args ...any) {
	if len(d.problems) == maxFaults {
		return
	}
	p := Problem{Key: d.key, File: d.file, Text: fmt.Sprintf(format, args...), Hint: hint}
	if n != nil {
		p.Line, p.Col = n.Line, n.Column
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
		d.tidyMapping(n, depth)
		return
	}
	for _, child := range n.Content {
		d.tidy(child, depth+1)
	}
}

func (d *manifestReader) tidyMapping(n *yaml.Node, depth int) {
	seen := make(map[string]bool, len(n.Content)/2)
	var merged []*yaml.Node
	own := n.Content[:0:0]
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		switch {
		case k.Kind != yaml.ScalarNode:
			d.fail(k, "a key must be text")
		case seen[k.Value]:
			d.fail(k, "%q appears twice", clip(k.Value))
		case k.ShortTag() == "!!merge":
			merged = append(merged, v)
		default:
			k.Tag = "!!str"
			own = append(own, k, v)
		}
		seen[k.Value] = true
		d.tidy(v, depth+1)
	}
	n.Content = own
	for _, from := range merged {
		d.takeOver(n, from, seen)
	}
}

// takeOver adds what << takes over from other mappings, as if it were written out:
// the keys that are not there yet. Their values are aliases, so that the decoder
// goes on to refuse loops and to count what aliases multiply.
func (d *manifestReader) takeOver(n, from *yaml.Node, seen map[string]bool) {
	switch from = resolved(from); from.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(from.Content); i += 2 {
			k, v := from.Content[i], from.Content[i+1]
			if d.taken++; d.taken > maxValues {
				d.fail(n, "more than %d keys are taken over", maxValues)
				return
			}
			if seen[k.Value] {
				continue
			}
			seen[k.Value] = true
			if v.Kind != yaml.AliasNode {
				v = &yaml.Node{Kind: yaml.AliasNode, Value: from.Anchor, Alias: v, Line: v.Line, Column: v.Column}
			}
			n.Content = append(n.Content, k, v)
		}
	case yaml.SequenceNode:
		for _, item := range from.Content {
			if resolved(item).Kind == yaml.SequenceNode {
				d.fail(item, "<< takes over mappings only")
				return
			}
			d.takeOver(n, item, seen)
		}
	default:
		d.fail(from, "<< takes over mappings only")
	}
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
