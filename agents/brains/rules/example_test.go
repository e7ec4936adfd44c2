package rules_test

import (
	"context"
	"fmt"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/brains/rules"
)

func ExampleCompile() {
	brain, err := rules.Compile("rules.yaml", []byte(`
rules:
  - name: pin
    match:
      - "[please] (pin|post) {text...}"
      - regex: '^(?P<text>.+) goes to the board$'
    when: {online: false}
    call:
      tool: create_pinboard_post
      args: {title: "{text|title|first(60)}", content_md: "{text}"}
    say: "{result}"
otherwise:
  say: ["I can pin things, {user}. Try: pin buy milk"]
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	ask := func(text string) {
		turn := agents.Turn{
			UserName: "Mia",
			Messages: []agents.Message{{Author: agents.AuthorUser, Text: text}},
			Tools:    []agents.Tool{{Name: "create_pinboard_post"}},
		}
		for part := range brain.Think(context.Background(), turn) {
			fmt.Print(part.Text)
			for _, call := range part.Calls {
				fmt.Print(call.Name, " ", string(call.Args))
			}
		}
		fmt.Println()
	}
	ask("Please pin: lunch is at noon.")
	ask("Good morning!")
	// Output:
	// create_pinboard_post {"content_md":"lunch is at noon.","title":"Lunch is at noon"}
	// I can pin things, Mia. Try: pin buy milk
}
