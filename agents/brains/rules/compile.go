package rules

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// MaxSize is the largest rules file in bytes.
const MaxSize = 256 << 10

const (
	maxRules    = 500
	maxPatterns = 60 // of one rule
	maxPattern  = 500
	maxVariants = 30
	maxName     = 60
)

// Compile reads a rules file. file is only the name used in messages; src is at
// most [MaxSize] bytes. The error is of type [Errors].
func Compile(file string, src []byte) (*Brain, error) {
	c := &compiler{file: file}
	if len(src) > MaxSize {
		c.fail(nil, "the file is larger than %d KiB", MaxSize>>10)
		return nil, c.errs
	}
	root, ok := c.document(src)
	if !ok {
		return nil, c.errs
	}
	b := c.brain(root)
	if len(c.errs) > 0 {
		slices.SortStableFunc(c.errs, func(a, b *Error) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
		})
		return nil, c.errs[:min(len(c.errs), maxErrors)]
	}
	return b, nil
}

// compiler turns YAML nodes into rules and collects what is wrong with them.
type compiler struct {
	file string
	errs Errors
}

// fail notes a mistake at n, or at the start of the file when n is nil.
func (c *compiler) fail(n *yaml.Node, format string, args ...any) {
	line, col := 1, 1
	if n != nil {
		line, col = max(n.Line, 1), max(n.Column, 1)
	}
	c.errs = append(c.errs, &Error{File: c.file, Line: line, Col: col, Text: fmt.Sprintf(format, args...)})
}

// parserLine finds the line in the YAML parser's message: it offers no other
// way to learn it.
var parserLine = regexp.MustCompile(`^(?:yaml: )?(?:line ([0-9]+): )?`)

// document parses the one YAML document of a file.
func (c *compiler) document(src []byte) (*yaml.Node, bool) {
	dec := yaml.NewDecoder(bytes.NewReader(src))
	var doc, next yaml.Node
	err := dec.Decode(&doc)
	if err == nil {
		if err = dec.Decode(&next); err == nil {
			c.fail(&next, "a second document: a rules file has one")
			return nil, false
		}
	} else if errors.Is(err, io.EOF) {
		c.fail(nil, "the file is empty")
		return nil, false
	}
	if !errors.Is(err, io.EOF) {
		m := parserLine.FindStringSubmatch(err.Error())
		line, _ := strconv.Atoi(m[1])
		c.fail(&yaml.Node{Line: line}, "not YAML: %s", err.Error()[len(m[0]):])
		return nil, false
	}
	if len(doc.Content) != 1 {
		c.fail(nil, "the file is empty")
		return nil, false
	}
	return doc.Content[0], true
}

// fields returns the values of a mapping by key. A key outside known, or one
// that appears twice, is a mistake.
func (c *compiler) fields(n *yaml.Node, what string, known ...string) map[string]*yaml.Node {
	if n.Kind != yaml.MappingNode {
		c.fail(n, "%s is %s: write keys and values (%s)", what, kindName(n), strings.Join(known, ", "))
		return nil
	}
	m := make(map[string]*yaml.Node, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case !slices.Contains(known, key.Value):
			c.fail(key, "unknown key %q in %s: did you mean %q?", clip(key.Value), what, nearest(key.Value, known))
		case m[key.Value] != nil:
			c.fail(key, "%q appears twice in %s", key.Value, what)
		default:
			m[key.Value] = value
		}
	}
	return m
}

// text returns the value of a scalar.
func (c *compiler) text(n *yaml.Node, what string) (string, bool) {
	if n.Kind != yaml.ScalarNode || n.ShortTag() == "!!null" {
		c.fail(n, "%s is %s: write text", what, kindName(n))
		return "", false
	}
	return n.Value, true
}

// list returns the items of a sequence; anything else is a list of one.
func list(n *yaml.Node) []*yaml.Node {
	if n.Kind == yaml.SequenceNode {
		return n.Content
	}
	return []*yaml.Node{n}
}

func kindName(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.AliasNode:
		return "an alias (quote text that begins with *)"
	case n.ShortTag() == "!!null":
		return "empty"
	}
	return "plain text"
}

func clip(s string) string { return first(s, 40) }

func (c *compiler) brain(root *yaml.Node) *Brain {
	b := &Brain{}
	top := c.fields(root, "the file", "rules", "otherwise")
	if top == nil {
		return b
	}
	if n := top["rules"]; n != nil {
		c.rules(b, n)
	}
	if n := top["otherwise"]; n == nil {
		c.fail(root, "otherwise is missing: say what to answer when no rule matches")
	} else {
		b.otherwise.name = "otherwise"
		f := c.fields(n, "otherwise", "say")
		b.otherwise.say = c.say(n, f, nil, false)
	}
	return b
}

func (c *compiler) rules(b *Brain, n *yaml.Node) {
	if n.Kind != yaml.SequenceNode {
		c.fail(n, "rules is %s: write a list, each item with match and say", kindName(n))
		return
	}
	if len(n.Content) > maxRules {
		c.fail(n, "more than %d rules", maxRules)
		return
	}
	names := map[string]bool{}
	for i, item := range n.Content {
		r := c.rule(item, fmt.Sprintf("rule %d", i+1))
		if names[r.name] {
			c.fail(item, "two rules are named %q", clip(r.name))
		}
		names[r.name] = true
		b.rules = append(b.rules, r)
	}
}

func (c *compiler) rule(n *yaml.Node, name string) rule {
	r := rule{name: name}
	f := c.fields(n, name, "name", "match", "intent", "score", "slots", "when", "call", "say")
	if f == nil {
		return r
	}
	if v := f["name"]; v != nil {
		if s, ok := c.text(v, "name"); ok && (s == "" || len(s) > maxName) {
			c.fail(v, "name must be 1 to %d bytes", maxName)
		} else if ok {
			r.name = s
		}
	}
	if v := f["match"]; v != nil {
		r.patterns = c.patterns(v)
	}
	if v := f["intent"]; v != nil {
		r.intent = c.intent(v)
	}
	if f["match"] == nil && f["intent"] == nil {
		c.fail(n, "%s has no match: write at least one pattern, or an intent", name)
	}
	if v := f["score"]; v != nil {
		score := c.share(v, "score")
		r.score = &score
	}
	c.answer(&r, n, f)
	return r
}

// answer reads what a rule needs to know, asks for, does and says.
func (c *compiler) answer(r *rule, n *yaml.Node, f map[string]*yaml.Node) {
	known, possible := c.bound(f["match"], r.patterns)
	if r.intent != nil {
		known = nil // an intent binds no slot
	}
	if v := f["slots"]; v != nil {
		r.asks, known = c.declared(v, known)
		for _, s := range r.asks {
			possible = append(possible, s.name)
		}
	}
	if v := f["when"]; v != nil {
		r.when = c.when(v, possible)
		known = append(known, r.when.slots...)
	}
	if v := f["call"]; v != nil {
		r.calls, known = c.calls(v, known)
	}
	r.say = c.say(n, f, known, f["call"] != nil)
}

func (c *compiler) patterns(n *yaml.Node) []pattern {
	items := list(n)
	if len(items) == 0 || len(items) > maxPatterns {
		c.fail(n, "match needs 1 to %d patterns, not %d", maxPatterns, len(items))
		return nil
	}
	var out []pattern
	for _, item := range items {
		if p := c.pattern(item); p != nil {
			out = append(out, p)
		}
	}
	return out
}

func (c *compiler) pattern(n *yaml.Node) pattern {
	if n.Kind == yaml.MappingNode {
		v := c.fields(n, "a pattern (quote one that begins with {)", "regex")["regex"]
		if v == nil {
			return nil
		}
		src, ok := c.text(v, "regex")
		if !ok {
			return nil
		}
		re, err := parseRegex(src)
		if err != nil {
			c.fail(v, "%v", err)
			return nil
		}
		return re
	}
	src, ok := c.text(n, "a pattern")
	if !ok {
		return nil
	}
	if len(src) > maxPattern {
		c.fail(n, "the pattern is longer than %d bytes", maxPattern)
		return nil
	}
	p, err := parsePhrase(src)
	if err != nil {
		c.fail(n, "%v", err)
		return nil
	}
	return p
}

// bound returns the names that all patterns of a rule bind, and those that some
// do.
func (c *compiler) bound(n *yaml.Node, patterns []pattern) (all, some []string) {
	for i, p := range patterns {
		names := p.slots()
		for _, name := range names {
			if slices.Contains(builtins, name) {
				c.fail(n, "a slot cannot be called {%s}: the name is taken", name)
			}
		}
		if i == 0 {
			all = slices.Clone(names)
		}
		all = slices.DeleteFunc(all, func(s string) bool { return !slices.Contains(names, s) })
		some = append(some, names...)
	}
	return all, some
}

// names lists what a template may use. {result} exists only after a call.
func names(slots []string, result bool) []string {
	out := slices.Concat(slots, builtins)
	if !result {
		out = slices.DeleteFunc(out, func(s string) bool { return s == "result" })
	}
	return out
}

// say reads the answers of parent, whose fields are f.
func (c *compiler) say(parent *yaml.Node, f map[string]*yaml.Node, slots []string, result bool) []template {
	if f == nil {
		return nil
	}
	n := f["say"]
	if n == nil {
		c.fail(parent, "say is missing: write the answer")
		return nil
	}
	items := list(n)
	if len(items) == 0 || len(items) > maxVariants {
		c.fail(n, "say needs 1 to %d answers, not %d", maxVariants, len(items))
		return nil
	}
	var out []template
	for _, item := range items {
		if t, ok := c.template(item, "say", names(slots, result)); ok {
			out = append(out, t)
		}
	}
	return out
}

func (c *compiler) template(n *yaml.Node, what string, names []string) (template, bool) {
	src, ok := c.text(n, what)
	if !ok {
		return nil, false
	}
	t, err := parseTemplate(src, names)
	if err != nil {
		c.fail(n, "%s: %v", what, err)
		return nil, false
	}
	return t, true
}
