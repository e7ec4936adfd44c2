package rules

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"iter"
	"maps"
	"slices"
	"strconv"
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
	callPrefix  = "call_"
	emptyResult = "The tool gave no answer."
	noAnswer    = "I have no answer to that."
	missingTool = "I cannot do that here: it needs the tool %s, which is not available. Nothing was done."
)

// Brain answers by rules. It is safe for use by several goroutines.
type Brain struct {
	rules     []rule
	otherwise rule
}

// rule is one entry of the file. A condition that is nil is not asked for.
type rule struct {
	name                 string
	patterns             []pattern
	online, group, facts *bool
	call                 *call
	say                  []template
}

// call is a tool and its arguments.
type call struct {
	tool  string
	args  map[string]template
	fixed map[string]any
}

func (c *call) has(name string) bool {
	_, isTemplate := c.args[name]
	_, isFixed := c.fixed[name]
	return isTemplate || isFixed
}

// Think yields a call when the rule that matches has one, and the answer once
// the last message of the turn is the result of that call. Other answers, and
// every answer after a tool, are text in groups of words. The only error is the
// cause of ctx.
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
func (b *Brain) Rule(t agents.Turn) string {
	_, r, _ := b.find(t, newQuestion(t))
	return r.name
}

// answer returns the call to make or, when that is nil, the text to say.
func (b *Brain) answer(t agents.Turn) (string, *agents.Call) {
	q := newQuestion(t)
	if last := len(t.Messages) - 1; last >= 0 && t.Messages[last].Author == agents.AuthorTool {
		return b.afterTool(t, q), nil
	}
	i, r, slots := b.find(t, q)
	v := values{turn: t, question: q, slots: slots}
	if r.call == nil {
		return cmp.Or(r.text(v), b.otherwise.text(v), noAnswer), nil
	}
	if !slices.ContainsFunc(t.Tools, func(tool agents.Tool) bool { return tool.Name == r.call.tool }) {
		return fmt.Sprintf(missingTool, r.call.tool), nil
	}
	return "", &agents.Call{ID: callPrefix + strconv.Itoa(i+1), Name: r.call.tool, Args: r.call.json(v)}
}

// afterTool phrases the result that ends the turn. It never calls again, also
// when the call was not one of these rules, so that no turn goes in circles.
func (b *Brain) afterTool(t agents.Turn, q question) string {
	result := t.Messages[len(t.Messages)-1]
	v := values{turn: t, question: q, result: strings.ToValidUTF8(strings.TrimSpace(result.Text), "\uFFFD")}
	n, err := strconv.Atoi(strings.TrimPrefix(result.CallID, callPrefix))
	if err == nil && n >= 1 && n <= len(b.rules) && called(t.Messages, result.CallID, b.rules[n-1].call) {
		if slots, ok := b.rules[n-1].match(q); ok {
			v.slots = slots
			return cmp.Or(b.rules[n-1].text(v), emptyResult)
		}
	}
	return cmp.Or(v.result, emptyResult)
}

// called reports whether the tmate made the call c under the id.
func called(history []agents.Message, id string, c *call) bool {
	return c != nil && slices.ContainsFunc(history, func(m agents.Message) bool {
		return m.Author == agents.AuthorSelf && slices.ContainsFunc(m.Calls, func(made agents.Call) bool {
			return made.ID == id && made.Name == c.tool
		})
	})
}

// find returns the first rule that matches, its place and its slots, or
// otherwise and -1.
func (b *Brain) find(t agents.Turn, q question) (int, rule, map[string]string) {
	for i, r := range b.rules {
		if !holds(r.online, t.Online) || !holds(r.group, t.Group) || !holds(r.facts, len(t.Memory) > 0) {
			continue
		}
		if slots, ok := r.match(q); ok {
			return i, r, slots
		}
	}
	return -1, b.otherwise, nil
}

func holds(want *bool, is bool) bool { return want == nil || *want == is }

func (r rule) match(q question) (map[string]string, bool) {
	for _, p := range r.patterns {
		if slots, ok := p.match(q); ok {
			return slots, true
		}
	}
	return nil, false
}

// text fills in one of the rule's answers. Which one follows from the question
// and the job alone, so that a retry of the turn says the same.
func (r rule) text(v values) string {
	h := fnv.New64a()
	h.Write([]byte(v.question.whole + "\x00" + v.turn.JobID))
	return strings.TrimSpace(r.say[h.Sum64()%uint64(len(r.say))].fill(v.lookup))
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
	case "facts":
		return factList(v.turn.Memory)
	case "result":
		return v.result
	}
	return ""
}

// now is the turn's time in the person's time zone. A zone that is empty or
// unknown leaves it as it is; "Local" would be the machine's.
func (v values) now() time.Time {
	if v.turn.TimeZone != "" && v.turn.TimeZone != "Local" {
		if zone, err := time.LoadLocation(v.turn.TimeZone); err == nil {
			return v.turn.Now.In(zone)
		}
	}
	return v.turn.Now
}

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
