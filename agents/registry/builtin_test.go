package registry

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/brains/rules"
)

// toolArgs are the built-in tools with the arguments they know; a star marks
// those they require.
var toolArgs = map[string][]string{
	"create_pinboard_post": {"*title", "*content_md", "excerpt", "priority"},
	"list_pinboard_posts":  {"limit"},
	"read_pinboard_post":   {"*slug", "part"},
	"list_files":           {"limit"},
	"write_file":           {"*name", "*content"},
	"remember":             {"*fact"},
	"recall":               {"query"},
	"list_teammates":       {},
	"read_file":            {"*name", "part"},
	"forget":               {"*query"},
	"read_history":         {"limit"},
	"calculate":            {"*expression"},
	"now":                  {},
	"ask_teammate":         {"*teammate", "*request"},
}

func embedded(t *testing.T) *Registry {
	t.Helper()
	r, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if p := r.Problems(); len(p) > 0 {
		t.Fatalf("problems: %v", p)
	}
	return r
}

// turnOf is a turn of the tmate, offline, with every tool.
func turnOf(t *agents.Tmate, question string) agents.Turn {
	turn := agents.Turn{
		Tmate: t, UserName: "Mia", JobID: "job-1", Now: time.Date(2026, 11, 22, 8, 5, 0, 0, time.UTC),
		Messages: []agents.Message{{Author: agents.AuthorUser, Text: question}},
	}
	for name := range toolArgs {
		turn.Tools = append(turn.Tools, agents.Tool{Name: name})
	}
	return turn
}

// step asks the brain once and returns the text, or the call as "tool {args}".
func step(t *testing.T, turn agents.Turn) (string, []agents.Call) {
	t.Helper()
	var (
		text  strings.Builder
		calls []agents.Call
	)
	for part, err := range turn.Tmate.Rules.Think(context.Background(), turn) {
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString(part.Text)
		calls = append(calls, part.Calls...)
	}
	for _, c := range calls {
		text.WriteString(c.Name + " " + string(c.Args))
		checkArgs(t, c)
	}
	return text.String(), calls
}

// checkArgs holds a call against the tool it names.
func checkArgs(t *testing.T, c agents.Call) {
	t.Helper()
	var args map[string]any
	if err := json.Unmarshal(c.Args, &args); err != nil {
		t.Fatal(err)
	}
	known, ok := toolArgs[c.Name]
	if !ok {
		t.Errorf("no tool %q", c.Name)
	}
	for name := range args {
		if !slices.Contains(known, name) && !slices.Contains(known, "*"+name) {
			t.Errorf("%s has no argument %q", c.Name, name)
		}
	}
	for _, name := range known {
		if required, ok := strings.CutPrefix(name, "*"); ok && args[required] == "" {
			t.Errorf("%s: %q is empty", c.Name, required)
		}
	}
}

func TestEmbeddedTmates(t *testing.T) {
	t.Parallel()
	color := regexp.MustCompile(`^#[0-9a-f]{6}$`)
	r := embedded(t)
	for _, key := range []string{"adam", "milo", "nora", "vera"} {
		tm := r.Get(key)
		if tm == nil {
			t.Fatalf("%s is missing", key)
		}
		if tm.Name == "" || tm.Description == "" || tm.Icon == "" || tm.Role == "" || tm.Category == "" ||
			tm.Greeting == "" || len(tm.Starters) == 0 || tm.Permissions.Allow == nil || tm.TeamGreeting == "" || len(tm.Capabilities) == 0 || len(tm.Keywords) == 0 || tm.Rules == nil {
			t.Errorf("%s: something is empty: %+v", key, tm)
		}
		if !color.MatchString(tm.Color) {
			t.Errorf("%s: color %q", key, tm.Color)
		}
		if tm.Manifest["slug"] != key || tm.Manifest["version"] == nil || tm.Manifest["author"] != "Tmates" {
			t.Errorf("%s: manifest %v", key, tm.Manifest)
		}
		for _, section := range promptSections {
			if !strings.Contains(tm.Prompt, "<"+section+">\n") {
				t.Errorf("%s: prompt has no %s", key, section)
			}
		}
		tools, _ := tm.Manifest["tools"].([]any)
		for _, tool := range tools {
			if name := text(mapping(tool)["name"]); toolArgs[name] == nil {
				t.Errorf("%s: the manifest names the tool %q, which does not exist", key, name)
			}
		}
		if len(tools) == 0 || len(r.MissingEnv(key)) > 0 {
			t.Errorf("%s: %d tools, missing %v", key, len(tools), r.MissingEnv(key))
		}
	}
}

func TestAdamAnswers(t *testing.T) {
	t.Parallel()
	adam := embedded(t).Get("adam")
	facts := []string{"Name: Mia"}
	tests := []struct {
		question string
		facts    []string
		rule     string
		want     string // contained in the answer, or in "tool {args}"
	}{
		{"Hi!", nil, "greet", "Mia"},
		{"good morning Adam", nil, "greet", "Mia"},
		{"Adam?", nil, "greet", "Mia"},
		{"How are you doing today?", nil, "how are you", "."},
		{"Thanks a lot, Adam!", nil, "thanks", "."},
		{"ok bye", nil, "bye", "."},
		{"OK", nil, "fine", "."},
		{"help", nil, "help", "list my files"},
		{"Hey Adam, what can you do?", nil, "help", "pin: Lunch - noon on Friday"},
		{"What's your name?", nil, "who are you", "Adam"},
		{"who are you", nil, "who are you", "software"},
		{"Are you a bot?", nil, "offline", "no model is connected"},
		{"which model do you use?", nil, "offline", "no model is connected"},
		{"which LLM are you", nil, "offline", "no model is connected"},
		{"How do I connect a model?", nil, "connect", "OPENAI_BASE_URL"},
		{"where do I put my OpenAI key", nil, "connect", "`providers` in `tmates.yaml`"},
		{"can I use ollama", nil, "connect", "OPENAI_MODEL"},

		{"pin buy milk", nil, "pin", `create_pinboard_post {"content_md":"buy milk","title":"Buy milk"}`},
		{"Please pin: the shop is closed on Monday.", nil, "pin", `{"content_md":"the shop is closed on Monday.","title":"The shop is closed on Monday"}`},
		{"pin this: we moved", nil, "pin", `{"content_md":"we moved","title":"We moved"}`},
		{"pin:\n- milk\n- eggs", nil, "pin", `{"content_md":"- milk\n- eggs","title":"Milk"}`},
		{"post lunch at 12 - 13 to the pinboard", nil, "pin to board", `{"content_md":"lunch at 12 - 13","title":"Lunch at 12 - 13"}`},
		{"Could you put the new opening hours on our board?", nil, "pin to board", `"the new opening hours"`},
		{"pin: Lunch - noon on Friday", nil, "pin with title", `{"content_md":"noon on Friday","title":"Lunch"}`},
		{"pin opening hours — 9 to 5", nil, "pin with title", `{"content_md":"9 to 5","title":"Opening hours"}`},
		{"Post: Party\nSaturday, 8 pm\nBring cake.", nil, "pin with title", `{"content_md":"Saturday, 8 pm\nBring cake.","title":"Party"}`},
		{"pin OpenAI raised its prices", nil, "pin", `"title":"OpenAI raised its prices"`},
		{"pin", nil, "pin nothing", "pin buy milk"},
		{"pin this please", nil, "pin nothing", "pin buy milk"},
		{"my pin code is 1234", nil, "pin code", "secret"},
		{"post office opening times?", nil, "otherwise", "."},
		{"What is on the pinboard?", nil, "list posts", `list_pinboard_posts {"limit":10}`},
		{"show me the latest posts", nil, "list posts", `list_pinboard_posts`},
		{"any news?", nil, "list posts", `list_pinboard_posts`},
		{"pinboard - news", nil, "otherwise", "."},

		{"list my files", nil, "list files", `list_files {"limit":10}`},
		{"What files do I have?", nil, "list files", `list_files`},
		{"how do I upload a file?", nil, "upload", "Files"},
		{"save milk and eggs as shopping list.txt", nil, "save file", `write_file {"content":"milk and eggs","name":"shopping list.txt"}`},
		{"Please write this to plan.md:\n# Plan\n- rest", nil, "save file", `{"content":"# Plan\n- rest","name":"plan.md"}`},
		{"Adam, save a;b as a file called data.csv.", nil, "save file", `{"content":"a;b","name":"data.csv"}`},
		{"save the world as we know it", nil, "otherwise", "."},
		{"Who is on the team?", nil, "list team", `list_teammates {}`},
		{"show me the others", nil, "list team", `list_teammates`},
		{"how can I hire another teammate", nil, "hire", "Teammates"},

		{"remember that I drink tea", nil, "remember", `remember {"fact":"I drink tea"}`},
		{"Please note: the key is at reception.", nil, "remember", `{"fact":"the key is at reception."}`},
		{"don't forget the OpenAI invoice", nil, "remember", `{"fact":"the OpenAI invoice"}`},
		{"remember this", nil, "remember nothing", "one sentence"},
		{"remember my password is hunter2", nil, "secret", "rather not"},
		{"My name is Mia.", nil, "set name", `remember {"fact":"Name: Mia"}`},
		{"you can call me Dr. No", nil, "set name", `{"fact":"Name: Dr. No"}`},
		{"What is my name?", nil, "my name unknown", "Mia"},
		{"What's my name?", facts, "my name", `recall {"query":"name:"}`},
		{"what do you remember?", nil, "recall nothing", "remember that"},
		{"what do you know about me?", nil, "recall nothing", "remember that"},
		{"What do you know about me?", facts, "recall", `recall {}`},
		{"show me your notes", facts, "recall", `recall {}`},
		{"what do you know about the dog?", facts, "recall about", `recall {"query":"dog"}`},
		{"do you remember my birthday?", facts, "recall about", `recall {"query":"birthday"}`},
		{"forget my name", nil, "forget", `forget {"query":"my name"}`},
		{"forget it", nil, "forget nothing", "Clearing"},
		{"What is 3 + 4?", nil, "calculate", `calculate {"expression":"3 + 4"}`},
		{"(12.5-2)*3 =", nil, "calculate", `calculate {"expression":"(12.5-2)*3"}`},
		{"2026", nil, "otherwise", "."},
		{"Can you ask Nora to list the open items?", nil, "pass on", `ask_teammate {"request":"list the open items?","teammate":"Nora"}`},
		{"who is Vera?", nil, "who is vera", "newsroom"},
		{"remind me at 5 to call Tom", nil, "remind", "cannot remind you"},

		{"what time is it?", nil, "time", "08:05 UTC"},
		{"What day is it today?", nil, "date", "Sunday, 22 November 2026"},
		{"what's the date", nil, "date", "Sunday, 22 November 2026"},
		{"write me a poem about the sea", nil, "otherwise", "."},
	}
	for _, tt := range tests {
		t.Run(tt.question, func(t *testing.T) {
			turn := turnOf(adam, tt.question)
			turn.Memory = tt.facts
			if got := adam.Rules.(*rules.Brain).Rule(turn); got != tt.rule {
				t.Errorf("rule %q, want %q", got, tt.rule)
			}
			if got, _ := step(t, turn); !strings.Contains(got, tt.want) {
				t.Errorf("answer %q, want %q in it", got, tt.want)
			}
		})
	}
}

func TestNoraAnswers(t *testing.T) {
	t.Parallel()
	nora := embedded(t).Get("nora")
	facts := []string{"To-do: order paper", "Decision: close on Friday"}
	tests := []struct {
		question string
		facts    []string
		rule     string
		want     string
	}{
		{"Hello Nora", nil, "greet", "."},
		{"thank you!", nil, "thanks", "."},
		{"what can you do?", nil, "help", "todo: order paper"},
		{"are you online?", nil, "offline", "no model is connected"},
		{"todo: order paper", nil, "todo", `remember {"fact":"To-do: order paper"}`},
		{"Nora, add milk and eggs to my shopping list please", nil, "todo", `{"fact":"To-do: milk and eggs"}`},
		{"We need to call Tom.", nil, "todo", `{"fact":"To-do: call Tom"}`},
		{"todo", nil, "todo nothing", "What is to be done?"},
		{"done: order paper", facts, "done", `{"fact":"Done: order paper"}`},
		{"I finished the report!", facts, "done", `{"fact":"Done: the report"}`},
		{"what is done?", facts, "otherwise", "."},
		{"we decided to close on Friday", nil, "decision", `{"fact":"Decision: close on Friday"}`},
		{"note: the key is at reception", nil, "note", `{"fact":"Note: the key is at reception"}`},
		{"What is on my list?", facts, "list", `recall {"query":"to-do: done:"}`},
		{"what's on my list?", nil, "list empty", "."},
		{"what did we decide?", facts, "decisions", `recall {"query":"decision:"}`},
		{"show me my notes", facts, "notes", `recall {}`},
		{"show my notes", nil, "list empty", "."},
		{"pin all my notes", facts, "pin summary", `create_pinboard_post {"content_md":"Collected for Mia:\n\n- To-do: order paper\n- Decision: close on Friday","title":"Summary of Sunday, 22 November 2026"}`},
		{"pin all my notes", nil, "pin nothing", "nothing to pin"},
		{"pin my list", facts, "pin list", "whole team"},
		{"pin the shop is closed", facts, "pin", `"title":"The shop is closed"`},
		{"what's on the pinboard?", nil, "board", `list_pinboard_posts`},
		{"my password is hunter2", nil, "secret", "not"},
		{"remind me tomorrow", nil, "remind", "cannot remind"},
		{"what day is it?", nil, "clock", "Sunday, 22 November 2026, 08:05 UTC"},
		{"sing a song", nil, "otherwise", "."},
	}
	for _, tt := range tests {
		t.Run(tt.question, func(t *testing.T) {
			turn := turnOf(nora, tt.question)
			turn.Memory = tt.facts
			if got := nora.Rules.(*rules.Brain).Rule(turn); got != tt.rule {
				t.Errorf("rule %q, want %q", got, tt.rule)
			}
			if got, _ := step(t, turn); !strings.Contains(got, tt.want) {
				t.Errorf("answer %q, want %q in it", got, tt.want)
			}
		})
	}
}

// What they claim must hold: with a model connected nobody says that none is,
// and the answer after a tool carries what the tool said.
func TestEmbeddedTmatesAreHonest(t *testing.T) {
	t.Parallel()
	r := embedded(t)
	for _, tm := range r.All() {
		turn := turnOf(tm, "explain gravity to me")
		turn.Online = true
		if got, _ := step(t, turn); strings.Contains(got, "no model") || !strings.Contains(got, "instead of the model") {
			t.Errorf("%s online: %q", tm.Key, got)
		}
		for job := range 8 {
			turn := turnOf(tm, map[bool]string{true: "save milk as list.txt", false: "pin the shop is closed"}[tm.Key == "milo"])
			turn.JobID = strings.Repeat("x", job)
			_, calls := step(t, turn)
			if len(calls) != 1 {
				t.Fatalf("%s: calls %v", tm.Key, calls)
			}
			turn.Messages = append(turn.Messages,
				agents.Message{Author: agents.AuthorSelf, Calls: calls},
				agents.Message{Author: agents.AuthorTool, CallID: calls[0].ID, Text: "The title is longer than 200 characters."})
			got, _ := step(t, turn)
			if !strings.HasPrefix(got, "The title is longer than 200 characters.") {
				t.Errorf("%s: %q hides what the tool said", tm.Key, got)
			}
		}
	}
}
