package rules

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tmates/tmates/agents"
)

const (
	maxSlots = 8              // declared by one rule
	maxAsked = 2*maxSlots + 1 // exchanges looked back on
)

// slot is something a rule needs to know.
type slot struct {
	name     string
	patterns []pattern // each binds the name
	ask      template  // nil: never asked for
}

// find returns what a question says of the slot, or "".
func (s *slot) find(q question) string {
	for _, p := range s.patterns {
		if slots, ok := p.match(q); ok && slots[s.name] != "" {
			return slots[s.name]
		}
	}
	return ""
}

// asking is a rule that waits for a slot.
type asking struct {
	at    int
	slots map[string]string // what it knows
	slot  *slot             // what it asked for
}

// goOn returns the rule that waits for this message. A message that is one of the
// fixed phrases of another rule ("help") is no answer, unless the slot's own
// patterns know it.
func (b *Brain) goOn(t agents.Turn, q question) (found, bool) {
	w := b.waiting(t)
	if w == nil {
		return found{}, false
	}
	r := &b.rules[w.at]
	switch {
	case quits(q):
		return found{at: w.at, rule: r, slots: w.slots, score: 1, left: true}, true
	case q.whole == "" || b.elsewhere(w, q):
		return found{}, false
	}
	return found{at: w.at, rule: r, slots: b.answered(w, q), score: 1}, true
}

// quits reports whether the person ends what the tmate asked about.
func quits(q question) bool {
	var said []string
	for _, w := range q.words {
		said = append(said, w.norm)
	}
	switch strings.Join(said, " ") {
	case "never mind", "nevermind", "cancel", "forget it", "leave it", "no thanks", "skip it", "stop":
		return true
	}
	return false
}

// elsewhere reports whether the question is a fixed phrase of a rule and not an
// answer to what was asked.
func (b *Brain) elsewhere(w *asking, q question) bool {
	if w.slot.find(q) != "" {
		return false
	}
	return slices.ContainsFunc(b.rules, func(r rule) bool {
		return slices.ContainsFunc(r.patterns, func(p pattern) bool {
			if !p.fixed() {
				return false
			}
			_, ok := p.match(q)
			return ok
		})
	})
}

// answered returns what the rule knows once q answered what it asked: what the
// patterns find in it, or all of it.
func (b *Brain) answered(w *asking, q question) map[string]string {
	slots := b.rules[w.at].collect(maps.Clone(w.slots), q)
	if slots[w.slot.name] == "" {
		slots[w.slot.name] = cmp.Or(q.text, q.whole)
	}
	return slots
}

// Recalls returns how many messages are enough to answer the last of them, events
// between them included: a handful, or all that questions asked back can take.
func (b *Brain) Recalls() int {
	if b.asks() {
		return 3 * maxAsked
	}
	return 8
}

// asks reports whether some rule asks back.
func (b *Brain) asks() bool {
	return slices.ContainsFunc(b.rules, func(r rule) bool { return r.missing(nil) != nil })
}

// waiting returns the rule whose question is the tmate's last message, right
// before the one to answer; nil when there is none. Nothing is kept between two
// turns, so it is read from the history: who asked, what was asked back, and what
// was said to that.
func (b *Brain) waiting(t agents.Turn) *asking {
	if !b.asks() {
		return nil
	}
	end := len(t.Messages) - 1
	for end >= 0 && t.Messages[end].Author != agents.AuthorUser {
		end--
	}
	if end < 0 {
		return nil
	}
	type exchange struct{ said, asked string }
	var talk []exchange
	for at := end; len(talk) < maxAsked; {
		reply := before(t.Messages, at)
		if reply < 0 || t.Messages[reply].Author != agents.AuthorSelf {
			break
		}
		at = before(t.Messages, reply)
		if at < 0 || t.Messages[at].Author != agents.AuthorUser || t.Messages[at].Name != t.Messages[end].Name {
			break
		}
		talk = append(talk, exchange{t.Messages[at].Text, t.Messages[reply].Text})
	}
	var w *asking
	for _, e := range slices.Backward(talk) {
		w = b.ask(t, w, readQuestion(t.Tmate, e.said), clean(e.asked))
	}
	return w
}

// before returns the place of the message before the one at i, events aside, or
// -1.
func before(history []agents.Message, i int) int {
	for i--; i >= 0 && history[i].Author == agents.AuthorEvent; i-- {
	}
	return i
}

// ask returns the rule that put the question asked, when q was said and w was
// waiting; nil when none did. What stands before the question, such as a note that
// these are the offline rules, does not count.
func (b *Brain) ask(t agents.Turn, w *asking, q question, asked string) *asking {
	puts := func(at int, slots map[string]string) *asking {
		s := b.rules[at].missing(slots)
		if s == nil {
			return nil
		}
		v := values{turn: t, question: q, slots: slots}
		if text := clean(s.ask.fill(v.lookup)); text == "" || !strings.HasSuffix(asked, text) {
			return nil
		}
		return &asking{at: at, slots: slots, slot: s}
	}
	if w != nil && !quits(q) && !b.elsewhere(w, q) {
		if next := puts(w.at, b.answered(w, q)); next != nil {
			return next
		}
	}
	for at := range b.rules {
		if b.rules[at].missing(nil) == nil {
			continue
		}
		if slots, _, _, ok := b.rules[at].match(q); ok {
			if next := puts(at, slots); next != nil {
				return next
			}
		}
	}
	return nil
}

// declared reads the slots of a rule, in the order of the file. bound are the
// names that every pattern of the rule binds. It returns the slots and the names
// that are known once nothing has to be asked any more.
func (c *compiler) declared(n *yaml.Node, bound []string) (out []slot, known []string) {
	known = slices.Clone(bound)
	if n.Kind != yaml.MappingNode || len(n.Content) == 0 || len(n.Content) > 2*maxSlots {
		c.fail(n, "slots is a mapping of 1 to %d names, each with ask, match or both", maxSlots)
		return nil, known
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		s := slot{name: key.Value}
		switch {
		case !slotName.MatchString(s.name):
			c.fail(key, "%q is not the name of a slot: write it in lower case", clip(s.name))
		case slices.Contains(builtins, s.name):
			c.fail(key, "a slot cannot be called {%s}: the name is taken", s.name)
		case slices.ContainsFunc(out, func(o slot) bool { return o.name == s.name }):
			c.fail(key, "%q appears twice in slots", s.name)
		}
		f := c.fields(n.Content[i+1], "slot "+clip(s.name), "ask", "match")
		if f["ask"] == nil && f["match"] == nil && f != nil {
			c.fail(key, "slot %s needs ask, match or both", clip(s.name))
		}
		if v := f["match"]; v != nil {
			s.patterns = c.patterns(v)
			for _, p := range s.patterns {
				if !slices.Contains(p.slots(), s.name) {
					c.fail(v, "a pattern of the slot %s does not have {%s} in it", s.name, s.name)
				}
			}
		}
		if v := f["ask"]; v != nil {
			s.ask, _ = c.template(v, "ask", slices.Concat(known, []string{"user", "tmate"}))
			if !slices.Contains(known, s.name) {
				known = append(known, s.name)
			}
		}
		out = append(out, s)
	}
	return out, known
}
