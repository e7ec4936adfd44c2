package rules

import (
	"maps"
	"slices"

	"github.com/tmates/tmates/agents"
)

// rule is one entry of the file.
type rule struct {
	name     string
	patterns []pattern
	intent   *intent  // nil: patterns only
	score    *float64 // of a pattern that matches; nil: the pattern's own
	when     conditions
	asks     []slot // declared slots, in the order they are asked for
	calls    []call // made one after the other
	say      []template
}

// match returns the slots a question fills and how sure the rule is. exact tells
// that it was a pattern that matched.
func (r *rule) match(q question) (slots map[string]string, score float64, exact, ok bool) {
	for _, p := range r.patterns {
		if slots, ok = p.match(q); ok {
			score, exact = p.score(), true
			if r.score != nil {
				score = *r.score
			}
			break
		}
	}
	if !ok && r.intent != nil {
		score, ok = r.intent.match(q)
	}
	if !ok {
		return nil, 0, false, false
	}
	return r.collect(slots, q), score, exact, true
}

// collect adds what the declared slots find in a question.
func (r *rule) collect(slots map[string]string, q question) map[string]string {
	if slots == nil {
		slots = map[string]string{}
	}
	for _, s := range r.asks {
		if slots[s.name] == "" {
			if value := s.find(q); value != "" {
				slots[s.name] = value
			}
		}
	}
	return slots
}

// missing returns the first slot that has to be asked for, or nil.
func (r *rule) missing(slots map[string]string) *slot {
	for i, s := range r.asks {
		if s.ask != nil && slots[s.name] == "" {
			return &r.asks[i]
		}
	}
	return nil
}

// withResults returns the slots and the answers of the calls that have a name.
func (r *rule) withResults(f found, history []agents.Message) map[string]string {
	all := maps.Clone(f.slots)
	if all == nil {
		all = map[string]string{}
	}
	for step, c := range r.calls {
		if c.as == "" {
			continue
		}
		id := callID(f.at, step)
		for _, m := range slices.Backward(history) {
			if m.Author == agents.AuthorUser {
				break
			}
			if m.Author == agents.AuthorTool && m.CallID == id {
				all[c.as] = tidy(m.Text)
				break
			}
		}
	}
	return all
}
