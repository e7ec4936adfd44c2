package dispatch

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/store/tmates"
)

var update = flag.Bool("update", false, "rewrite the golden file")

// crew is a team as manifests describe one. Two of the names are also words.
func crew() []*agents.Tmate {
	tools := agents.Weights{Keywords: 0.7, Patterns: 0.6, TaskTypes: 0.2}
	return []*agents.Tmate{
		{
			Key: "adam", Name: "Adam", Role: "Starter", Description: "Knows the product and introduces the team.",
			Abilities: []agents.Ability{{Name: "list_teammates", Keywords: []string{"what can this team do", "who is here", "help"}, Weights: tools}},
		},
		{
			Key: "nora", Name: "Nora", Role: "Organiser", Description: "Keeps the list: to-dos, decisions and notes.",
			Abilities: []agents.Ability{
				{Name: "remember", Keywords: []string{"todo", "to-do", "task", "note", "decided", "decision"}, Patterns: []string{`\bremind (me|us)\b`}, Weights: tools},
				{Name: "recall", Keywords: []string{"list", "agenda", "shopping"}, Weights: tools},
			},
		},
		{
			Key: "tax-desk", Name: "Mark", Role: "Bookkeeper", Description: "Files receipts and answers questions about taxes.",
			Team: agents.TeamPolicy{Aliases: []string{"Herr Müller", "Bookkeeper"}},
			Abilities: []agents.Ability{
				{Name: "invoice", Keywords: []string{"invoice", "Rechnung", "receipt"}, Patterns: []string{`(€|\beur\b) ?\d+|\d+ ?(€|\beur\b)`}, Weights: tools},
				{Name: "tax_advice", Keywords: []string{"tax", "VAT", "expense", "deduct"}, Weights: tools},
			},
		},
		{
			Key: "wordsmith", Name: "Will", Role: "Writer", Description: "Writes, shortens and translates texts.",
			Capabilities: []string{"Translate between twelve languages", "Write headlines and letters"},
			Abilities: []agents.Ability{
				{Name: "translate", Keywords: []string{"translate", "übersetze"}, Patterns: []string{`\binto (german|french|dutch|english)\b`}, Weights: tools},
				{Name: "write", Keywords: []string{"blog post", "headline", "letter", "proofread"}, Weights: tools},
			},
		},
		{
			Key: "trip-planner", Name: "Zoë", Role: "Travel", Description: "Plans journeys and books trains and rooms.",
			Keywords: []string{"hotel", "train", "flight", "ticket"},
		},
	}
}

// said is a tmate's message in Team Chat.
func said(key string) tmates.Message {
	return tmates.Message{Role: tmates.MessageAssistant, Payload: map[string]any{"agent_key": key}}
}

// row is one entry of the table.
type row struct {
	Say       string `yaml:"say"`
	After     string `yaml:"after,omitempty"`
	Want      string `yaml:"want"`
	Undecided bool   `yaml:"undecided,omitempty"`
	How       How    `yaml:"how"`
	Why       string `yaml:"why"`
}

const enough = 50 // of the table are to be decided rightly without a model

// TestTeamChat holds the choice against a table of messages a person could
// write: who answers, by what, and why.
func TestTeamChat(t *testing.T) {
	t.Parallel()
	path := filepath.Join("testdata", "team_chat.yaml")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var rows []row
	if err := yaml.Unmarshal(data, &rows); err != nil {
		t.Fatal(err)
	}
	if len(rows) < 60 {
		t.Errorf("the table has %d messages", len(rows))
	}
	right := 0
	for i, r := range rows {
		var history []tmates.Message
		if r.After != "" {
			history = []tmates.Message{said("adam"), said(r.After), {Role: tmates.MessageUser, Content: "ok"}}
		}
		c := Choose(r.Say, crew(), history)
		t.Logf("%-60q %s", r.Say, c)
		switch {
		case c.Decided == r.Undecided:
			t.Errorf("%q after %q: decided is %v (%s)", r.Say, r.After, c.Decided, c)
		case c.Decided && c.Tmate.Key != r.Want:
			t.Errorf("%q after %q: want %s, got %s", r.Say, r.After, r.Want, c)
		case c.Decided:
			right++
		}
		if !*update && (c.How != r.How || c.Reason != r.Why) {
			t.Errorf("%q after %q: want %s: %s; got %s", r.Say, r.After, r.How, r.Why, c)
		}
		rows[i].How, rows[i].Why = c.How, c.Reason
	}
	t.Logf("%d of %d are decided rightly without a model", right, len(rows))
	if right < enough {
		t.Errorf("only %d of %d are decided rightly", right, len(rows))
	}
	if *update {
		rewrite(t, path, data, rows)
	}
}

// rewrite keeps the comment on top and puts each message on one line.
func rewrite(t *testing.T, path string, old []byte, rows []row) {
	t.Helper()
	var b bytes.Buffer
	for line := range bytes.Lines(old) {
		if !bytes.HasPrefix(line, []byte("#")) {
			break
		}
		b.Write(line)
	}
	for _, r := range rows {
		fmt.Fprintf(&b, "- {say: %q", r.Say)
		if r.After != "" {
			fmt.Fprintf(&b, ", after: %s", r.After)
		}
		fmt.Fprintf(&b, ", want: %s, ", r.Want)
		if r.Undecided {
			b.WriteString("undecided: true, ")
		}
		fmt.Fprintf(&b, "how: %s, why: %q}\n", r.How, r.Why)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestEdgesOfAChoice(t *testing.T) {
	t.Parallel()
	team := crew()
	silent := *team[4]
	silent.Team.Silent = true
	quiet := append(team[:4:4], &silent)
	stopped := tmates.Message{Role: tmates.MessageSystem, Payload: map[string]any{"event": EventHopBudget, "next": "tax-desk"}}
	for _, c := range []struct {
		name    string
		text    string
		roster  []*agents.Tmate
		history []tmates.Message
		want    string // of Choice.String, from the beginning
	}{
		{"the only one", "book a hotel", team[:1], nil, "adam by only, decided, 1.00 ahead by 1.00: the only one on the team"},
		{"the only one, by name", "Adam?", team[:1], nil, "adam by address, decided, 1.00 ahead by 1.00: addressed by name"},
		{"silent and not addressed", "book a hotel and a train", quiet, nil, "adam by first, undecided"},
		{"silent and addressed", "Zoë, book a hotel", quiet, nil, "trip-planner by address, decided"},
		{"silent, but it spoke last", "and for two nights?", quiet, []tmates.Message{said("trip-planner")}, "trip-planner by follow-up, decided"},
		{"silent, and it spoke before", "and for two nights?", quiet, []tmates.Message{said("trip-planner"), said("nora")}, "nora by follow-up, decided"},
		{"only silent ones", "book a hotel", []*agents.Tmate{&silent}, nil, "nobody by , decided, 0.00 ahead by 0.00: Zoë speaks only when addressed"},
		{"going on after the budget", "go on", team, []tmates.Message{said("nora"), stopped}, "tax-desk by follow-up, decided, 1.00 ahead by 1.00: goes on where the team stopped"},
		{"the budget is old", "go on", team, []tmates.Message{stopped, said("nora")}, "nora by follow-up"},
		{"something else after the budget", "book a hotel", team, []tmates.Message{said("nora"), stopped}, "trip-planner by match"},
		{"whoever goes on has left", "go on", team[:2], []tmates.Message{said("nora"), stopped}, "nora by follow-up"},
		{"a greeting is nobody's turn", "and now?", team, []tmates.Message{{
			Role: tmates.MessageAssistant, Payload: map[string]any{"agent_key": "nora", "onboarding": true},
		}}, "adam by first, undecided"},
		{"a tmate that left is nobody's turn", "and now?", team[:2], []tmates.Message{said("trip-planner")}, "adam by first, undecided"},
		{"a book", strings.Repeat("x ", 1<<20) + "@nora", team, nil, "adam by first, undecided"},
		{"no text at all", "", team, nil, "adam by first, undecided"},
		{"broken text", "\xff\xfe@nora\xff", team, nil, "nora by address, decided"},
	} {
		if got := Choose(c.text, c.roster, c.history).String(); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	var also []string
	for _, tm := range Choose("Nora, Mark and Zoë: who is in tomorrow?", team, nil).Also {
		also = append(also, tm.Key)
	}
	if diff := cmp.Diff([]string{"tax-desk", "trip-planner"}, also); diff != "" {
		t.Errorf("also addressed (-want +got):\n%s", diff)
	}
}

func TestCalled(t *testing.T) {
	t.Parallel()
	team := crew()
	for reply, want := range map[string]string{
		"@tax-desk, can you look at the VAT?":                        "tax-desk",
		"That is for @Trip-Planner.":                                 "trip-planner",
		"Done. Over to you, @wordsmith and @tax-desk!":               "wordsmith",
		"I asked Mark and Zoë already.":                              "",
		"@nora will write it down.":                                  "", // itself
		"@nora and @adam know more.":                                 "adam",
		"Write to mark@tax-desk or to me@adam.example":               "",
		"Type `@tax-desk hello` to talk to Mark.":                    "",
		"He said \"@adam, wait\" and left.":                          "",
		"> @adam, wait\nI think so, too.":                            "",
		"```\n@adam\n```\n":                                          "",
		"@tax-desks and @adam-west are nobody; neither is @adam.org": "",
		"@everyone, please read this":                                "",
		"":                                                           "",
	} {
		got := ""
		if tm := Called(reply, team[1], team); tm != nil {
			got = tm.Key
		}
		if got != want {
			t.Errorf("%q calls %q, want %q", reply, got, want)
		}
	}
}

func FuzzChoose(f *testing.F) {
	team := crew()
	for _, text := range []string{"Nora, hi", "@adam", "„Zoë\"", "> x\n```", "\xff@", "ẞ ǅ ﬁ"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := Choose(text, team, []tmates.Message{said("nora")})
		if c.Tmate == nil || c.Reason == "" || c.Score < 0 || c.Score > 1 || c.Margin < 0 {
			t.Errorf("%q: %s", text, c)
		}
		Called(text, team[0], team)
	})
}

func BenchmarkChoose(b *testing.B) {
	team := crew()
	for b.Loop() {
		Choose("and which of the expenses in the list can I deduct from what the hotel cost?", team, []tmates.Message{said("nora")})
	}
}
