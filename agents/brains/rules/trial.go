package rules

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tmates/tmates/agents"
)

const (
	variants  = 16 // times each test runs, so that the variants of an answer get their turn
	testSteps = maxCalls + 2
	testUser  = "Ann"
)

// testTime is when a test runs that names no time, a Wednesday.
var testTime = time.Date(2026, 11, 25, 9, 30, 0, 0, time.UTC)

// Outcome is what a test came to.
type Outcome struct {
	Test   agents.Test
	Rule   string   // that answered
	Calls  []string // "tool {arguments}", in order
	Answer string   // of the variant that failed, else of the first
	Faults []string // what is not as the test has it; nil: it passed
}

// Test tries the tests of a tmate's manifest on its rules, offline, and returns
// one outcome for each of them and of what follows in the same conversation, in
// the order of the file. Each runs several times, because a rule may have variants of
// its answer; all of them must pass. Every tool the manifest lets the tmate use is
// there and answers what the test says, or its own call, "tool {arguments}". The
// person is Ann, the time zone UTC.
func Test(t *agents.Tmate) []Outcome {
	b, ok := t.Rules.(*Brain)
	if !ok {
		b = &Brain{otherwise: rule{name: "no rules", say: []template{{{text: noAnswer}}}}}
	}
	var all []Outcome
	for _, test := range t.Tests {
		var first []Outcome
		for n := range variants {
			run := &trial{brain: b, tools: b.testTools(t), turn: agents.Turn{
				Tmate: t, UserName: testUser, JobID: fmt.Sprintf("test-%d", n), Group: test.Group, Memory: test.Facts, TimeZone: "UTC",
			}}
			run.say(test)
			first = merge(first, run.outcomes)
		}
		all = append(all, first...)
	}
	return all
}

// Called is one place where the rules use a tool.
type Called struct {
	Rule, Tool string
	Line       int // of the file, from 1
}

// Calls returns where the rules use tools, in the order of the file.
func (b *Brain) Calls() (all []Called) {
	for _, r := range b.rules {
		for _, c := range r.calls {
			all = append(all, Called{Rule: r.name, Tool: c.tool, Line: c.line})
		}
	}
	return all
}

// Names returns the names of the rules in the order of the file, and "otherwise".
func (b *Brain) Names() []string {
	names := make([]string, 0, len(b.rules)+1)
	for _, r := range b.rules {
		names = append(names, r.name)
	}
	return append(names, b.otherwise.name)
}

func (b *Brain) testTools(t *agents.Tmate) (tools []agents.Tool) {
	for _, c := range b.Calls() {
		if t.Permissions.Allows(c.Tool) {
			tools = append(tools, agents.Tool{Name: c.Tool})
		}
	}
	return tools
}

// merge keeps the outcomes of the first run and puts in what failed in another.
func merge(first, again []Outcome) []Outcome {
	if first == nil {
		return again
	}
	for i, o := range again {
		if first[i].Faults == nil {
			first[i].Faults = o.Faults
			if o.Faults != nil {
				first[i] = o
			}
		}
	}
	return first
}

// trial is one conversation.
type trial struct {
	brain    *Brain
	tools    []agents.Tool
	turn     agents.Turn
	outcomes []Outcome
}

// say puts a test's question and goes on with what follows it.
func (r *trial) say(test agents.Test) {
	r.turn.Now = cmp.Or(test.At, testTime)
	r.turn.Tools = r.tools
	r.turn.Messages = append(r.turn.Messages, agents.Message{Author: agents.AuthorUser, Name: testUser, Text: test.Say})
	o := Outcome{Test: test, Rule: r.brain.Rule(r.turn)}
	for range testSteps {
		text, calls := r.step()
		o.Answer += text
		r.turn.Messages = append(r.turn.Messages, agents.Message{Author: agents.AuthorSelf, Text: text, Calls: calls})
		if len(calls) == 0 {
			break
		}
		for _, c := range calls {
			made := c.Name + " " + string(c.Args)
			o.Calls = append(o.Calls, made)
			r.turn.Messages = append(r.turn.Messages, agents.Message{
				Author: agents.AuthorTool, Name: c.Name, CallID: c.ID, Text: cmp.Or(test.Results[c.Name], made),
			})
		}
	}
	o.judge()
	r.outcomes = append(r.outcomes, o)
	for _, next := range test.Follow {
		r.say(next)
	}
}

func (r *trial) step() (text string, calls []agents.Call) {
	for part, err := range r.brain.Think(context.Background(), r.turn) {
		if err != nil { // of the context alone, which does not end
			break
		}
		text += part.Text
		calls = append(calls, part.Calls...)
	}
	return text, calls
}

// judge notes what is not as the test has it. What is expected may stand in the
// answer or in a call.
func (o *Outcome) judge() {
	if o.Test.Rule != "" && o.Test.Rule != o.Rule {
		o.Faults = append(o.Faults, fmt.Sprintf("rule %q answered, not %q", o.Rule, o.Test.Rule))
	}
	if want := o.Test.Call; want != "" && !slices.ContainsFunc(o.Calls, func(c string) bool { return strings.HasPrefix(c, want+" ") }) {
		o.Faults = append(o.Faults, fmt.Sprintf("%s was not called", want))
	}
	said := o.Answer + "\n" + strings.Join(o.Calls, "\n")
	for _, want := range o.Test.Expect {
		if !strings.Contains(strings.ToLower(said), strings.ToLower(want)) {
			o.Faults = append(o.Faults, fmt.Sprintf("%q is not in the answer", want))
		}
	}
}
