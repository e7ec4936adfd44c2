package rules

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/agents"
)

const shopRules = `
rules:
  - name: help
    match: "help"
    say: "Ask me for a table."
  - name: hours
    match: ["when are you open", "for us people"]
    say: "Always."
  - name: invoice
    intent: {keywords: {"(invoice|bill)": 0.4, pay: 0.3, "due date": 0.3}, threshold: 0.6}
    say: "About the invoice."
  - name: delivery
    intent: {keywords: [deliver, "(late|missing)"], threshold: 0.5}
    say: "About the delivery."
  - name: same
    intent: {keywords: [deliver]}
    say: "Never said."
  - name: table
    match: ["book a table", "book a table for {people}"]
    intent: {keywords: [table, tonight], threshold: 1}
    slots:
      people: {ask: "For how many, {user}?", match: ["[for] {people} people", "for {people} *"]}
      day: {ask: "For {people}. On which day?", match: "* on {day}"}
      wish: {match: "* by the {wish}"}
    call: {tool: remember, args: {fact: "{people} on {day}"}}
    say: "Booked: {result}"
  - name: window
    match: "a seat *"
    score: 0.9
    when: {has: wish}
    slots: {wish: {match: "* by the {wish}"}}
    say: "By the {wish}."
  - name: seat
    match: "a seat *"
    say: "Any seat."
  - name: anything
    match: "*"
    when: {group: true}
    say: "In the group I listen."
otherwise: {say: "No idea."}
`

// talk says one thing after the other and returns the answers; a call is answered
// with "noted".
func talk(t *testing.T, b *Brain, turn agents.Turn, lines ...string) (answers []string) {
	t.Helper()
	turn.Messages = nil
	for _, line := range lines {
		turn.Messages = append(turn.Messages, agents.Message{Author: agents.AuthorUser, Name: "Mia", Text: line})
		text, calls, _ := think(t, b, turn)
		if len(calls) > 0 {
			made := agents.Message{Author: agents.AuthorSelf, Calls: calls}
			ran := append(turn.Messages, made, agents.Message{Author: agents.AuthorTool, CallID: calls[0].ID, Text: "noted"})
			after := turn
			after.Messages = ran
			text, _, _ = think(t, b, after)
			text = string(calls[0].Args) + " " + text
		}
		answers = append(answers, text)
		turn.Messages = append(turn.Messages, agents.Message{Author: agents.AuthorSelf, Text: text})
	}
	return answers
}

func TestIntentsAndScores(t *testing.T) {
	t.Parallel()
	b := compile(t, shopRules)
	for _, tt := range []struct {
		say, rule string
		score     float64
	}{
		{"help", "help", 1},
		{"When are you open?", "hours", 1},
		{"must I pay this bill now", "invoice", 0.7},
		{"the due date of the invoice, and how to pay", "invoice", 1},
		{"what about the bill", "otherwise", 0},
		{"pay by the due date", "invoice", 0.6}, // 0.3 twice, in floating point
		{"Did you deliver it?", "delivery", 0.5},
		{"why is what you deliver late", "delivery", 1},
		{"pay the bill for what you deliver late", "delivery", 1}, // the best score, not the first
		{"a seat by the window", "window", 0.9},
		{"a seat somewhere", "seat", 0.5}, // a * has not seen all of it
		{"nothing of the kind", "otherwise", 0},
	} {
		turn := asked(tt.say)
		if got, score := b.Rule(turn), b.Score(turn); got != tt.rule || score != tt.score {
			t.Errorf("%q: rule %q, score %v; want %q, %v", tt.say, got, score, tt.rule, tt.score)
		}
	}
	turn := asked("nothing of the kind")
	turn.Group = true
	if got, score := b.Rule(turn), b.Score(turn); got != "anything" || score != 0 {
		t.Errorf("a pattern without words: rule %q, score %v", got, score)
	}
	turn = asked("did you deliver it")
	turn.Group = true
	if got := b.Rule(turn); got != "delivery" {
		t.Errorf("a pattern without words below an intent: rule %q", got)
	}
}

func TestSlots(t *testing.T) {
	t.Parallel()
	b := compile(t, shopRules)
	turn := asked("")
	turn.Tools = []agents.Tool{{Name: "remember"}}
	for _, tt := range []struct {
		name        string
		lines, want []string
	}{
		{"both asked", []string{"book a table", "4", "Friday"},
			[]string{"For how many, Mia?", "For 4. On which day?", `{"fact":"4 on Friday"} Booked: noted`}},
		{"one in the question", []string{"Adam, book a table for 4", "Adam, next Friday!"},
			[]string{"For 4. On which day?", `{"fact":"4 on next Friday!"} Booked: noted`}},
		{"by intent, found by the slot's own pattern", []string{"a table tonight on Friday", "for 2 people"},
			[]string{"For how many, Mia?", `{"fact":"2 on Friday"} Booked: noted`}},
		{"an answer that fills two", []string{"book a table", "for 3 on Monday"},
			[]string{"For how many, Mia?", `{"fact":"3 on Monday"} Booked: noted`}},
		{"never mind", []string{"book a table", "never mind", "Friday"},
			[]string{"For how many, Mia?", "All right, I leave it.", "No idea."}},
		{"a command instead", []string{"book a table", "help", "4"},
			[]string{"For how many, Mia?", "Ask me for a table.", "No idea."}},
		{"a command that the slot knows better", []string{"book a table", "for us people", "Friday"},
			[]string{"For how many, Mia?", "For us. On which day?", `{"fact":"us on Friday"} Booked: noted`}},
		{"asked anew", []string{"book a table", "4", "book a table"},
			[]string{"For how many, Mia?", "For 4. On which day?", "For how many, Mia?"}},
		{"done is done", []string{"book a table for 4", "Friday", "Monday"},
			[]string{"For 4. On which day?", `{"fact":"4 on Friday"} Booked: noted`, "No idea."}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, talk(t, b, turn, tt.lines...)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Who asked what is read from the messages: nothing else may be taken for it.
func TestSlotsNeedTheirQuestion(t *testing.T) {
	t.Parallel()
	b := compile(t, shopRules)
	user := func(name, text string) agents.Message {
		return agents.Message{Author: agents.AuthorUser, Name: name, Text: text}
	}
	self := func(text string) agents.Message { return agents.Message{Author: agents.AuthorSelf, Text: text} }
	for _, tt := range []struct {
		name     string
		messages []agents.Message
		rule     string
	}{
		{"as asked", []agents.Message{user("Mia", "book a table"), self("For how many, Mia?"), user("Mia", "4")}, "table"},
		{"a label before it", []agents.Message{user("Mia", "book a table"), self("Offline.\n\nFor how many, Mia?"), user("Mia", "4")}, "table"},
		{"an event between", []agents.Message{user("Mia", "book a table"), self("For how many, Mia?"), {Author: agents.AuthorEvent, Text: "Nora joined"}, user("Mia", "4")}, "table"},
		{"somebody else answers", []agents.Message{user("Mia", "book a table"), self("For how many, Mia?"), user("Tom", "4")}, "otherwise"},
		{"somebody spoke between", []agents.Message{user("Mia", "book a table"), self("For how many, Mia?"), user("Nora", "hm"), user("Mia", "4")}, "otherwise"},
		{"no question of the rules", []agents.Message{user("Mia", "book a table"), self("How many shall it be?"), user("Mia", "4")}, "otherwise"},
		{"nobody asked for a table", []agents.Message{user("Mia", "hello"), self("For how many, Mia?"), user("Mia", "4")}, "otherwise"},
		{"the beginning is gone", []agents.Message{self("For how many, Mia?"), user("Mia", "4")}, "otherwise"},
		{"the question of the next slot", []agents.Message{user("Mia", "book a table"), self("For 4. On which day?"), user("Mia", "4")}, "otherwise"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			turn := asked("")
			turn.Messages = tt.messages
			if got := b.Rule(turn); got != tt.rule {
				t.Errorf("rule %q, want %q", got, tt.rule)
			}
		})
	}
}

func TestWhen(t *testing.T) {
	t.Parallel()
	b := compile(t, `
rules:
  - {name: weekend, match: "open", when: {weekday: [Saturday, sun]}, say: a}
  - {name: night, match: "open", when: {hour: [22-6, "12-13"]}, say: b}
  - {name: file, match: "read [this]", when: {attached: true}, say: "I read {attached}."}
  - {name: no file, match: "read", when: {attached: false}, say: c}
otherwise: {say: d}
`)
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 59, 0, 0, time.UTC) }
	for _, tt := range []struct {
		say, zone, rule string
		at              time.Time
	}{
		{"open", "", "weekend", at(21, 9)}, // a Saturday
		{"open", "", "otherwise", at(23, 9)},
		{"open", "Asia/Tokyo", "weekend", at(20, 16)}, // still Friday in Greenwich
		{"open", "", "night", at(23, 22)},
		{"open", "", "night", at(23, 5)},
		{"open", "", "otherwise", at(23, 6)},
		{"open", "", "night", at(23, 12)},
		{"open", "", "otherwise", at(23, 13)},
		{"read this\n[attached: plan.md, b.txt]", "", "file", at(23, 9)},
		{"read", "", "no file", at(23, 9)},
		{"read [attached: x]", "", "otherwise", at(23, 9)}, // not a line of its own
	} {
		turn := asked(tt.say)
		turn.Now, turn.TimeZone = tt.at, tt.zone
		if got := b.Rule(turn); got != tt.rule {
			t.Errorf("%q at %s %s: rule %q, want %q", tt.say, tt.at, tt.zone, got, tt.rule)
		}
	}
	if got, _, _ := think(t, b, asked("read\n[attached: plan.md, b.txt]")); got != "I read plan.md." {
		t.Errorf("got %q", got)
	}
}

func TestCallsOneAfterAnother(t *testing.T) {
	t.Parallel()
	b := compile(t, `
rules:
  - match: "brief me on {day}"
    call:
      - {tool: list_pinboard_posts, args: {limit: 5}, as: posts}
      - {tool: read_history, as: talk}
      - {tool: create_pinboard_post, args: {title: "{day|title}", content_md: "{posts} / {result}"}}
    say: "{result} ({talk})"
otherwise: {say: x}
`)
	turn := asked("Brief me on friday")
	turn.Tools = []agents.Tool{{Name: "list_pinboard_posts"}, {Name: "read_history"}, {Name: "create_pinboard_post"}}
	var made []string
	for n := range 4 {
		text, calls, _ := think(t, b, turn)
		if len(calls) == 0 {
			made = append(made, text)
			break
		}
		made = append(made, calls[0].ID+" "+calls[0].Name+" "+string(calls[0].Args))
		turn.Messages = append(turn.Messages, agents.Message{Author: agents.AuthorSelf, Calls: calls},
			agents.Message{Author: agents.AuthorTool, CallID: calls[0].ID, Text: []string{"two posts", "some talk", "Published."}[n]})
		if b.Score(turn) != 1 {
			t.Errorf("step %d: score %v", n, b.Score(turn))
		}
	}
	want := []string{
		`call_1 list_pinboard_posts {"limit":5}`,
		`call_1_2 read_history {}`,
		`call_1_3 create_pinboard_post {"content_md":"two posts / some talk","title":"Friday"}`,
		`Published. (some talk)`,
	}
	if diff := cmp.Diff(want, made); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	turn.Messages, turn.Tools = turn.Messages[:3], turn.Tools[:1]
	if text, calls, _ := think(t, b, turn); calls != nil || !strings.HasPrefix(text, "I had to stop half-way") {
		t.Errorf("the second tool is missing: %q, %v", text, calls)
	}
}

// What a call changes, such as what is remembered, does not change whose answer it is.
func TestConditionsThatChangeDuringTheTurn(t *testing.T) {
	t.Parallel()
	b := compile(t, `
rules:
  - {name: first, match: "keep {x}", when: {facts: false}, call: {tool: remember, args: {fact: "{x}"}}, say: "My first note is {x}: {result}"}
  - {name: more, match: "keep {y}", call: {tool: remember, args: {fact: "{y}"}}, say: "And {y}: {result}"}
otherwise: {say: x}
`)
	turn := asked("keep tea")
	turn.Tools = []agents.Tool{{Name: "remember"}}
	_, calls, _ := think(t, b, turn)
	turn.Memory = []string{"tea"}
	turn.Messages = append(turn.Messages, agents.Message{Author: agents.AuthorSelf, Calls: calls},
		agents.Message{Author: agents.AuthorTool, CallID: calls[0].ID, Text: "ok"})
	if text, _, _ := think(t, b, turn); text != "My first note is tea: ok" {
		t.Errorf("got %q", text)
	}
}

// A turn in which another brain called a tool is that brain's.
func TestScoreOfAForeignTurn(t *testing.T) {
	t.Parallel()
	turn := asked("help")
	turn.Messages = append(turn.Messages,
		agents.Message{Author: agents.AuthorSelf, Calls: []agents.Call{{ID: "call_x", Name: "recall"}}},
		agents.Message{Author: agents.AuthorTool, CallID: "call_x", Text: "nothing"})
	if score := compile(t, shopRules).Score(turn); score != 0 {
		t.Errorf("score %v", score)
	}
}

func TestTrials(t *testing.T) {
	t.Parallel()
	tm := &agents.Tmate{Name: "Adam", Key: "adam", Rules: compile(t, shopRules), Tests: []agents.Test{
		{Say: "help", Rule: "help", Expect: []string{"TABLE"}},
		{Say: "help", Rule: "hours", Call: "remember", Expect: []string{"chair"}},
		{Say: "book a table", Expect: []string{"for how many, ann"}, Follow: []agents.Test{
			{Say: "4", Follow: []agents.Test{{Say: "Friday", Rule: "table", Call: "remember", Expect: []string{"4 on Friday", "Booked: Yes"}, Results: map[string]string{"remember": "Yes"}}}},
		}},
		{Say: "hm", Group: true, Rule: "anything"},
	}}
	var got [][]string
	for _, o := range Test(tm) {
		got = append(got, o.Faults)
	}
	want := [][]string{nil, {`rule "help" answered, not "hours"`, "remember was not called", `"chair" is not in the answer`}, nil, nil, nil, nil}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	tm.Permissions.Deny = []string{"remember"}
	if all := Test(tm); all[4].Faults == nil {
		t.Error("a tool that the manifest denies was called")
	}
	variants := &agents.Tmate{Rules: compile(t, `otherwise: {say: [one, two, three]}`), Tests: []agents.Test{{Say: "x", Expect: []string{"o"}}, {Say: "x", Expect: []string{"e"}}}}
	all := Test(variants)
	if all[0].Faults == nil || all[1].Faults == nil {
		t.Errorf("a variant got away: %+v", all)
	}
	if all := Test(&agents.Tmate{Tests: []agents.Test{{Say: "x", Rule: "y"}}}); len(all) != 1 || all[0].Faults == nil {
		t.Errorf("without rules: %+v", all)
	}
}

func TestGrownCompileErrors(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		`{intent: {keyword: [a]}, say: b}`:                                              `unknown key "keyword" in intent: did you mean "keywords"?`,
		`{intent: {threshold: 0.5}, say: b}`:                                            `intent has no keywords`,
		`{intent: {keywords: {a: 2}}, say: b}`:                                          `the weight of a must be a number from 0 to 1`,
		`{intent: {keywords: ["a *"]}, say: b}`:                                         `a keyword is words, (choices) and [options]; "a *" is not`,
		`{intent: {keywords: [a], threshold: high}, say: b}`:                            `threshold must be a number from 0 to 1`,
		`{match: a, score: 7, say: b}`:                                                  `score must be a number from 0 to 1`,
		`{match: a, slots: {}, say: b}`:                                                 `slots is a mapping of 1 to 8 names, each with ask, match or both`,
		`{match: a, slots: {day: {}}, say: b}`:                                          `slot day needs ask, match or both`,
		`{match: a, slots: {user: {ask: c}}, say: b}`:                                   `a slot cannot be called {user}: the name is taken`,
		`{match: a, slots: {day: {ask: "{days}?"}}, say: b}`:                            `ask: unknown name {days}: did you mean {user}?`,
		`{match: a, slots: {day: {ask: c, match: "on {d}"}}, say: b}`:                   `a pattern of the slot day does not have {day} in it`,
		`{match: a, slots: {day: {match: "on {day}"}}, say: "{day}"}`:                   `say: unknown name {day}: did you mean {date}?`,
		`{match: a, when: {has: day}, say: b}`:                                          `has names the slot "day", but the rule has no slots`,
		`{match: "a {day}", when: {has: dya}, say: b}`:                                  `has names the unknown slot "dya": did you mean "day"?`,
		`{match: a, when: {weekday: mondy}, say: b}`:                                    `unknown weekday "mondy": did you mean "monday"?`,
		`{match: a, when: {hour: 9}, say: b}`:                                           `hour is a span such as 9-17 (from 9:00 to 16:59) or 22-6, not "9"`,
		`{match: a, call: [], say: b}`:                                                  `call needs 1 to 5 tools, not 0`,
		`{match: a, call: [{tool: t, as: result}], say: b}`:                             `"result" cannot be a name for the answer: take a new one in lower case`,
		`{match: a, call: [{tool: t, args: {x: "{y}"}}, {tool: t, as: y}], say: "{y}"}`: `args.x: unknown name {y}: did you mean {user}?`,
	} {
		_, err := Compile("f.yaml", []byte("rules:\n  - "+src+"\notherwise: {say: x}\n"))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "f.yaml:2:") {
			t.Errorf("%s\ngot  %v\nwant %s", src, err, want)
		}
	}
	if b := compile(t, "rules: [{match: a, when: {has: day}, slots: {day: {match: \"{day}\"}}, say: \"{day}\"}]\notherwise: {say: x}"); b == nil {
		t.Error("a slot named by has may be used")
	}
}
