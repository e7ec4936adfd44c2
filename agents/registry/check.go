package registry

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/tmates/tmates/store/tmates"
)

// check compares a value with its field. Where text is expected, a number or
// true is taken as it was written: "version: 1.10" stays 1.10.
func (d *manifestReader) check(n *yaml.Node, what string, f field) {
	if d.checked++; d.checked > maxValues { // aliases can make a few lines into many values, or into a loop
		if d.checked == maxValues+1 {
			d.fail(nil, "more than %d values", maxValues)
		}
		return
	}
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	switch {
	case f.kind == anything, isNull(n) && what != "the manifest":
	case n.Kind == yaml.ScalarNode && f.scalar():
		d.checkScalar(n, what, f)
	case n.Kind == yaml.MappingNode && f.kind == aMapping:
		d.checkMapping(n, what, f)
	case n.Kind == yaml.MappingNode && f.kind == textMap:
		for i := 0; i+1 < len(n.Content); i += 2 {
			d.check(n.Content[i+1], what+"."+n.Content[i].Value, field{kind: aText})
		}
	case n.Kind == yaml.SequenceNode && f.kind == aList:
	case n.Kind == yaml.SequenceNode && slices.Contains([]kind{texts, oneOrMore, entries, mappings}, f.kind):
		for i, item := range n.Content {
			d.checkItem(item, fmt.Sprintf("%s[%d]", what, i), f)
		}
	default:
		d.fail(n, "%s must be %s, not %s", what, f.need(), nodeKind(n))
	}
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

func (f field) scalar() bool {
	return slices.Contains([]kind{aText, oneOrMore, aSwitch, aNumber, aCount, aDuration}, f.kind)
}

// need says what a value must be, for people.
func (f field) need() string {
	switch {
	case f.oneOf != nil:
		return strings.Join(f.oneOf, " or ")
	case f.kind == aNumber || f.kind == aCount:
		return fmt.Sprintf("%s from %v to %v", f.kind, f.min, int64(f.max))
	}
	return string(f.kind)
}

func (d *manifestReader) checkItem(n *yaml.Node, what string, f field) {
	item := n
	if n.Kind == yaml.AliasNode {
		item = n.Alias
	}
	switch {
	case f.kind == mappings, f.kind == entries && item.Kind == yaml.MappingNode:
		d.check(item, what, field{kind: aMapping, in: f.in, own: f.own})
	default:
		d.check(item, what, field{kind: aText})
	}
}

// checkMapping checks the known keys of a mapping, and those that look like one.
func (d *manifestReader) checkMapping(n *yaml.Node, what string, f field) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		inner, known := f.in[k.Value]
		switch {
		case known && what == "the manifest":
			d.check(v, k.Value, inner)
		case known:
			d.check(v, what+"."+k.Value, inner)
		default:
			d.unknown(k, what, f)
		}
	}
}

// unknown notes a key without a meaning: a mistake in a section of ours. Elsewhere
// the key is kept, unless it is so near to a known one that it must be misspelt.
func (d *manifestReader) unknown(k *yaml.Node, what string, f field) {
	if len(f.in) == 0 {
		return
	}
	known := slices.Sorted(maps.Keys(f.in))
	near, edits := tmates.Nearest(strings.ToLower(k.Value), known)
	if _, isTest := f.in["say"]; isTest && k.Value == "follow" {
		d.fail(k, "%s: a conversation goes on at most %d times", what, maxFollow)
		return
	}
	switch {
	case f.own && edits > max(2, len(near)/3):
		d.fail(k, "unknown key %q in %s: it may have %s", clip(k.Value), what, strings.Join(known, ", "))
	case f.own:
		d.fail(k, "unknown key %q in %s: did you mean %q?", clip(k.Value), what, near)
	case edits <= len(near)/4:
		d.note(k, !d.strict, "unknown key %q in %s: did you mean %q?", clip(k.Value), what, near)
	}
}

// checkScalar checks a text, number, switch or duration.
func (d *manifestReader) checkScalar(n *yaml.Node, what string, f field) {
	tag := n.ShortTag()
	ok := true
	switch f.kind {
	case aText, oneOrMore:
		n.Tag = "!!str"
		ok = f.oneOf == nil || slices.Contains(f.oneOf, n.Value)
	case aSwitch:
		ok = tag == "!!bool"
	case aNumber, aCount:
		var v float64
		ok = (tag == "!!int" || tag == "!!float") && n.Decode(&v) == nil && v >= f.min && v <= f.max &&
			(f.kind == aNumber || v == math.Trunc(v))
	case aDuration:
		n.Tag = "!!str"
		v, valid := duration(n.Value)
		ok = valid && v.Seconds() >= f.min && v.Seconds() <= f.max
		if valid && !ok {
			d.fail(n, "%s must be from %gs to %gh, not %s", what, f.min, f.max/3600, clip(n.Value))
			return
		}
	}
	if ok {
		return
	}
	if near, edits := tmates.Nearest(n.Value, f.oneOf); near != "" && edits <= 2 {
		d.fail(n, "%s must be %s, not %q: did you mean %q?", what, f.need(), clip(n.Value), near)
		return
	}
	d.fail(n, "%s must be %s, not %q", what, f.need(), clip(n.Value))
}

var durationForm = regexp.MustCompile(`^([0-9]+h)?([0-9]+m)?([0-9]+s)?$`)

// duration reads whole hours, minutes and seconds.
func duration(s string) (time.Duration, bool) {
	d, err := time.ParseDuration(s)
	return d, err == nil && durationForm.MatchString(s)
}

func nodeKind(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	if isNull(n) {
		return "empty"
	}
	return "text"
}
