package rules

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"iter"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/tmates/tmates/agents"
)

const (
	maxFacts    = 50  // newest facts in {facts}
	maxFact     = 300 // code points of each
	groupWords  = 3   // words in one streamed part
	maxParts    = 400 // parts of one answer; longer answers have longer parts
	emptyResult = "The tool gave no answer."
	noAnswer    = "I have no answer to that."
	missingTool = "I cannot do that here: it needs the tool %s, which is not available. Nothing was done."
	missingNext = "I had to stop half-way: the next step needs the tool %s, which is not available."
	leftAlone   = "All right, I leave it."
)

// Brain answers by rules. It is safe for use by several goroutines.
type Brain struct {
	rules     []rule
	otherwise rule
}

// Think yields a call when the rule that matches has one, and the answer once
// the last message of the turn is the result of its last call. Other answers, and
// every answer after a tool of somebody else, are text in groups of words. The
// only error is the cause of ctx.
func (b *Brain) Think(ctx context.Context, t agents.Turn) iter.Seq2[agents.Part, error] {
	return func(yield func(agents.Part, error) bool) {
		for part := range parts(b.answer(t)) {
			if ctx.Err() != nil {
				yield(agents.Part{}, context.Cause(ctx))
				return
			}
			if !yield(part, nil) {
				return
			}
		}
	}
}

// Rule returns the name of the rule that answers the turn: the name in the
// file, "rule 3" for the third when it has none, or "otherwise".
func (b *Brain) Rule(t agents.Turn) string { return b.find(t, newQuestion(t)).rule.name }

// Score says how sure the rules are of their answer, from 0 (none of them
// matches) to 1. Once a turn has a call, it belongs to whoever made it: 1 for these
// rules, 0 for another brain.
func (b *Brain) Score(t agents.Turn) float64 {
	if id, made := lastCall(t.Messages); made {
		if _, _, mine := b.made(t.Messages, id); mine {
			return 1
		}
		return 0
	}
	return b.find(t, newQuestion(t)).score
}

// lastCall returns the id of the call that was made last for the question.
func lastCall(history []agents.Message) (id string, made bool) {
	for _, m := range slices.Backward(history) {
		if m.Author == agents.AuthorUser {
			return "", false
		}
		if n := len(m.Calls); n > 0 {
			return m.Calls[n-1].ID, true
		}
	}
	return "", false
}

// found is the rule that answers a turn.
type found struct {
	at    int // place of the rule; -1: otherwise
	rule  *rule
	slots map[string]string
	score float64
	left  bool // the person does not want to go on with the rule
}

// answer returns the call to make or, when that is nil, the text to say.
func (b *Brain) answer(t agents.Turn) (string, *agents.Call) {
	q := newQuestion(t)
	if last := len(t.Messages) - 1; last >= 0 && t.Messages[last].Author == agents.AuthorTool {
		return b.afterTool(t, q)
	}
	f := b.find(t, q)
	v := values{turn: t, question: q, slots: f.slots}
	if f.left {
		return leftAlone, nil
	}
	if s := f.rule.missing(f.slots); s != nil {
		return strings.TrimSpace(s.ask.fill(v.lookup)), nil
	}
	if len(f.rule.calls) == 0 {
		return cmp.Or(f.rule.text(v), b.otherwise.text(v), noAnswer), nil
	}
	return f.call(0, v)
}

// call makes the rule's call number step, from 0.
func (f found) call(step int, v values) (string, *agents.Call) {
	c := f.rule.calls[step]
	if !slices.ContainsFunc(v.turn.Tools, func(tool agents.Tool) bool { return tool.Name == c.tool }) {
		if step > 0 {
			return fmt.Sprintf(missingNext, c.tool), nil
		}
		return fmt.Sprintf(missingTool, c.tool), nil
	}
	return "", &agents.Call{ID: callID(f.at, step), Name: c.tool, Args: c.json(v)}
}

// afterTool makes the rule's next call or phrases the result that ends the turn.
// A result of a call that was not one of these rules is only passed on, so that
// no turn goes in circles.
func (b *Brain) afterTool(t agents.Turn, q question) (string, *agents.Call) {
	result := t.Messages[len(t.Messages)-1]
	v := values{turn: t, question: q, result: tidy(result.Text)}
	at, step, mine := b.made(t.Messages, result.CallID)
	if !mine {
		return cmp.Or(v.result, emptyResult), nil
	}
	f := b.find(t, q)
	if f.at != at { // a condition changed since the call, as facts does after remember
		f = found{at: at, rule: &b.rules[at]}
		var ok bool
		if f.slots, _, _, ok = f.rule.match(q); !ok {
			return cmp.Or(v.result, emptyResult), nil
		}
	}
	v.slots = f.rule.withResults(f, t.Messages)
	if step+1 < len(f.rule.calls) {
		return f.call(step+1, v)
	}
	return cmp.Or(f.rule.text(v), emptyResult), nil
}

// made returns which call of which rule has the id; mine is false when the tmate
// did not make it by these rules.
func (b *Brain) made(history []agents.Message, id string) (at, step int, mine bool) {
	at, step, ok := parseCallID(id)
	if !ok || at >= len(b.rules) || step >= len(b.rules[at].calls) {
		return 0, 0, false
	}
	tool := b.rules[at].calls[step].tool
	return at, step, slices.ContainsFunc(history, func(m agents.Message) bool {
		return m.Author == agents.AuthorSelf && slices.ContainsFunc(m.Calls, func(made agents.Call) bool {
			return made.ID == id && made.Name == tool
		})
	})
}

// find returns the rule that answers. A rule that asked for something goes on;
// else the file is read from the top to the first pattern that matches, and the
// best score of what was read wins, the higher place among equals.
func (b *Brain) find(t agents.Turn, q question) found {
	if f, ok := b.goOn(t, q); ok {
		return f
	}
	best := found{at: -1, rule: &b.otherwise}
	for i := range b.rules {
		r := &b.rules[i]
		if !r.when.hold(t, q) {
			continue
		}
		slots, score, exact, ok := r.match(q)
		if !ok || !r.when.has(slots) {
			continue
		}
		if best.at < 0 || score > best.score {
			best = found{at: i, rule: r, slots: slots, score: score}
		}
		if exact {
			break
		}
	}
	return best
}

// text fills in one of the rule's answers. Which one follows from the question
// and the job alone, so that a retry of the turn says the same.
func (r rule) text(v values) string {
	h := fnv.New64a()
	h.Write([]byte(v.question.whole + "\x00" + v.turn.JobID))
	return strings.TrimSpace(r.say[h.Sum64()%uint64(len(r.say))].fill(v.lookup))
}

// values are what the names of a template stand for in one turn.
type values struct {
	turn     agents.Turn
	question question
	slots    map[string]string
	result   string
}

func (v values) lookup(name string) string {
	if s, ok := v.slots[name]; ok {
		return s
	}
	switch name {
	case "user":
		return cmp.Or(clean(v.turn.UserName), "there")
	case "tmate":
		if v.turn.Tmate != nil {
			return clean(v.turn.Tmate.Name)
		}
	case "date":
		return v.now().Format("Monday, 2 January 2006")
	case "time":
		return v.now().Format("15:04 MST")
	case "question":
		return v.question.whole
	case "attached":
		return v.question.attached
	case "facts":
		return factList(v.turn.Memory)
	case "result":
		return v.result
	}
	return ""
}

func (v values) now() time.Time { return localTime(v.turn) }

// localTime is the turn's time in the person's time zone. A zone that is empty or
// unknown leaves it as it is; "Local" would be the machine's.
func localTime(t agents.Turn) time.Time {
	if t.TimeZone != "" && t.TimeZone != "Local" {
		if zone, err := time.LoadLocation(t.TimeZone); err == nil {
			return t.Now.In(zone)
		}
	}
	return t.Now
}

// tidy makes a tool's answer fit to be said.
func tidy(s string) string { return strings.ToValidUTF8(strings.TrimSpace(s), "\uFFFD") }

// clean puts a text on one line.
func clean(s string) string {
	return strings.Join(strings.Fields(strings.ToValidUTF8(s, "\uFFFD")), " ")
}

func factList(facts []string) string {
	facts = facts[max(0, len(facts)-maxFacts):]
	lines := make([]string, 0, len(facts))
	for _, f := range facts {
		if f = clean(f); f != "" {
			lines = append(lines, "- "+first(f, maxFact))
		}
	}
	return strings.Join(lines, "\n")
}

// parts streams an answer: the call, or the text in groups of words whose
// concatenation is the text.
func parts(text string, c *agents.Call) iter.Seq[agents.Part] {
	return func(yield func(agents.Part) bool) {
		if c != nil {
			yield(agents.Part{Calls: []agents.Call{*c}})
			return
		}
		size := max(groupWords, len(strings.Fields(text))/maxParts+1)
		start, words, blank := 0, 0, true
		for i, r := range text {
			space := unicode.IsSpace(r)
			if blank && !space {
				if words == size {
					if !yield(agents.Part{Text: text[start:i]}) {
						return
					}
					start, words = i, 0
				}
				words++
			}
			blank = space
		}
		yield(agents.Part{Text: text[start:]})
	}
}
