package rules

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

const (
	maxCalls = 5 // of one rule
	maxArgs  = 16
)

var toolName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]{0,63}$`) })

// call is a tool and its arguments.
type call struct {
	tool  string
	line  int    // of the file
	as    string // name under which templates find the answer; may be empty
	args  map[string]template
	fixed map[string]any
}

// callID names a call so that the answer finds its rule again: place of the rule
// and of the call in it.
func callID(at, step int) string {
	if step == 0 {
		return fmt.Sprintf("call_%d", at+1)
	}
	return fmt.Sprintf("call_%d_%d", at+1, step+1)
}

var callForm = regexp.MustCompile(`^call_([1-9][0-9]{0,3})(?:_([2-9]))?$`)

func parseCallID(id string) (at, step int, ok bool) {
	m := callForm.FindStringSubmatch(id)
	if m == nil {
		return 0, 0, false
	}
	at, _ = strconv.Atoi(m[1])
	if m[2] == "" {
		return at - 1, 0, true
	}
	step, _ = strconv.Atoi(m[2])
	return at - 1, step - 1, true
}

func (c *call) has(name string) bool {
	_, isTemplate := c.args[name]
	_, isFixed := c.fixed[name]
	return isTemplate || isFixed
}

// json returns the arguments as a JSON object.
func (c *call) json(v values) json.RawMessage {
	args := make(map[string]any, len(c.args)+len(c.fixed))
	maps.Copy(args, c.fixed)
	for name, t := range c.args {
		args[name] = strings.TrimSpace(t.fill(v.lookup))
	}
	raw, err := json.Marshal(args)
	if err != nil {
		panic("rules: marshal args: " + err.Error()) // the compiler lets only text, numbers and booleans pass
	}
	return raw
}

// calls reads one call or a list of them. The answer of each is {result} for what
// follows, and its own name for everything after it. It returns the names that
// the say of the rule may use.
func (c *compiler) calls(n *yaml.Node, known []string) (out []call, names []string) {
	items := list(n)
	if len(items) == 0 || len(items) > maxCalls {
		c.fail(n, "call needs 1 to %d tools, not %d", maxCalls, len(items))
		return nil, known
	}
	known = slices.Clone(known)
	for i, item := range items {
		made := c.call(item, known, i > 0)
		if made == nil {
			continue
		}
		if made.as != "" {
			known = append(known, made.as)
		}
		out = append(out, *made)
	}
	return out, known
}

func (c *compiler) call(n *yaml.Node, known []string, result bool) *call {
	f := c.fields(n, "call", "tool", "args", "as")
	if f == nil {
		return nil
	}
	out := &call{line: n.Line, args: map[string]template{}, fixed: map[string]any{}}
	if v := f["tool"]; v == nil {
		c.fail(n, "call names no tool")
	} else if s, ok := c.text(v, "tool"); ok && !toolName().MatchString(s) {
		c.fail(v, "%q is not the name of a tool", clip(s))
	} else {
		out.tool = s
	}
	if v := f["args"]; v != nil {
		c.args(out, v, names(known, result))
	}
	if v := f["as"]; v != nil {
		if s, ok := c.text(v, "as"); ok && (!slotName.MatchString(s) || slices.Contains(builtins, s) || slices.Contains(known, s)) {
			c.fail(v, "%q cannot be a name for the answer: take a new one in lower case", clip(s))
		} else {
			out.as = s
		}
	}
	return out
}

// args reads the arguments of a call: templates, numbers, true and false.
func (c *compiler) args(out *call, n *yaml.Node, names []string) {
	if n.Kind != yaml.MappingNode {
		c.fail(n, "args is %s: write names and values", kindName(n))
		return
	}
	if len(n.Content) > 2*maxArgs {
		c.fail(n, "more than %d args", maxArgs)
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if !toolName().MatchString(key.Value) {
			c.fail(key, "%q is not the name of an argument", clip(key.Value))
			continue
		}
		if out.has(key.Value) {
			c.fail(key, "%q appears twice in args", key.Value)
			continue
		}
		if v, ok := literal(value); ok {
			out.fixed[key.Value] = v
		} else if t, ok := c.template(value, "args."+key.Value, names); ok {
			out.args[key.Value] = t
		}
	}
}

// literal returns the value of a number, true or false.
func literal(n *yaml.Node) (any, bool) {
	if n.Kind != yaml.ScalarNode {
		return nil, false
	}
	switch n.ShortTag() {
	case "!!bool", "!!int", "!!float":
	default:
		return nil, false
	}
	var v any
	if n.Decode(&v) != nil {
		return nil, false
	}
	f, isFloat := v.(float64)
	return v, !isFloat || !math.IsNaN(f) && !math.IsInf(f, 0)
}
