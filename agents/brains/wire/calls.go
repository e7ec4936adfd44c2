package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tmates/tmates/agents"
)

const (
	// maxCalls bounds the tool calls of one answer, maxArgs the arguments of one
	// call in bytes.
	maxCalls = 128
	maxArgs  = 1 << 20
	// invalidKey holds arguments that are not a JSON object (see the package
	// comment).
	invalidKey = "_invalid"
)

var errManyCalls = errors.New("the provider sent too many tool calls")

// Fragment is a piece of a tool call.
type Fragment struct {
	Index *int // of the call; nil when the server gives none
	ID    string
	Name  string
	Args  string
}

// Call adds a piece of a tool call to the answer.
func (a *Answer) Call(f Fragment) error { return a.calls.add(f) }

// call is a tool call in the making.
type call struct {
	index *int
	id    string
	name  string
	args  strings.Builder
}

// calls puts fragments together, oldest call first. The index alone cannot be
// trusted: some servers send all parallel calls at index 0, some send none.
type calls []*call

// add takes a fragment to the call it belongs to, or opens a new one.
func (c *calls) add(f Fragment) error {
	target := c.find(f)
	if target == nil {
		if len(*c) == maxCalls {
			return errManyCalls
		}
		target = &call{index: f.Index, id: f.ID, name: f.Name}
		*c = append(*c, target)
	}
	if target.name == "" {
		target.name = f.Name
	}
	if target.args.Len()+len(f.Args) > maxArgs {
		return ErrTooMuch
	}
	target.args.WriteString(f.Args)
	return nil
}

// find returns the call a fragment continues; nil means it begins one.
//
// With an id: the call of that id, unless both carry different indexes. Without
// one: the latest call at its index, or the latest of all when it has no index;
// but one that cannot belong there begins a call (parallel calls without ids, all
// at index 0).
func (c calls) find(f Fragment) *call {
	for _, known := range slices.Backward(c) {
		sameIndex := f.Index == nil || known.index == nil || *f.Index == *known.index
		if !sameIndex {
			continue
		}
		if f.ID != "" {
			if f.ID == known.id {
				return known
			}
			continue
		}
		if known.endsBefore(f) {
			return nil
		}
		return known
	}
	return nil
}

// endsBefore reports whether a fragment without an id cannot belong to k: it
// names another tool, or begins an object after k's has ended.
func (k *call) endsBefore(f Fragment) bool {
	name, args := f.Name, f.Args
	if name == "" || k.name == "" {
		return false
	}
	return name != k.name || strings.HasSuffix(k.args.String(), "}") && strings.HasPrefix(args, "{")
}

// finished returns the calls as the loop wants them. A call without an id of
// its own gets "call_" and a number that continues the turn's history, so that ids stay
// unique within a turn and the same stream always gives the same ids.
func (c calls) finished(history []agents.Message) ([]agents.Call, error) {
	used := map[string]bool{}
	n := 0
	for _, m := range history {
		for _, earlier := range m.Calls {
			used[earlier.ID] = true
			n++
		}
	}
	for _, known := range c {
		used[known.id] = true
	}
	given := map[string]bool{"": true}
	out := make([]agents.Call, 0, len(c))
	for _, known := range c {
		if known.name == "" {
			return nil, errNoName
		}
		id := known.id
		if given[id] {
			for id = ""; id == "" || used[id]; n++ {
				id = fmt.Sprintf("call_%d", n+1)
			}
			used[id] = true
		}
		given[id] = true
		out = append(out, agents.Call{ID: id, Name: known.name, Args: Object(known.args.String())})
	}
	return out, nil
}

// Object turns what a model sent as arguments into a JSON object (see the package
// comment).
func Object(args string) json.RawMessage {
	args = strings.TrimSpace(args)
	switch {
	case args == "" || args == "null":
		return json.RawMessage(`{}`)
	case args[0] == '{' && json.Valid([]byte(args)):
		return json.RawMessage(args)
	}
	out, _ := json.Marshal(map[string]string{invalidKey: args}) // strings always encode
	return out
}
