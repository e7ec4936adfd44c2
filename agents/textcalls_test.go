package agents_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/agents"
)

func TestPrintedCalls(t *testing.T) {
	t.Parallel()
	const args = `{"x":1}`
	for name, c := range map[string]struct {
		text string
		args []string // of the calls of echo that are meant; nil: it is text
		said string
	}{
		"object":            {`{"name": "echo", "arguments": {"x":1}}`, []string{args}, ""},
		"parameters":        {`{"name":"echo","parameters":{"x":1}}`, []string{args}, ""},
		"quoted arguments":  {`{"name":"echo","arguments":"{\"x\":1}"}`, []string{args}, ""},
		"tool and input":    {`{"tool": "echo", "input": {"x":1}}`, []string{args}, ""},
		"function":          {`{"type":"function","function":{"name":"echo","arguments":{"x":1}}}`, []string{args}, ""},
		"function by name":  {`{"function":"echo","arguments":{"x":1}}`, []string{args}, ""},
		"list":              {`[{"name":"echo","arguments":{"x":1}},{"name":"echo","arguments":{"x":2}}]`, []string{args, `{"x":2}`}, ""},
		"tool_calls":        {`{"tool_calls":[{"function":{"name":"echo","arguments":"{\"x\":1}"}}]}`, []string{args}, ""},
		"fence":             {"```json\n{\"name\":\"echo\",\"arguments\":{\"x\":1}}\n```", []string{args}, ""},
		"tags":              {`<tool_call>{"name":"echo","arguments":{"x":1}}</tool_call>`, []string{args}, ""},
		"tags after words":  {"I look it up.\n<tool_call>\n{\"name\":\"echo\",\"arguments\":{\"x\":1}}\n</tool_call>", []string{args}, "I look it up.\n"},
		"two pairs of tags": {`<tool_call>{"name":"echo"}</tool_call><tool_call>{"name":"echo","arguments":{"x":1}}</tool_call>`, []string{"{}", args}, ""},
		"a mark":            {`[TOOL_CALLS][{"name":"echo","arguments":{"x":1}}]`, []string{args}, ""},
		"two in a row":      {"{\"name\":\"echo\",\"arguments\":{\"x\":1}}\n{\"name\":\"echo\",\"arguments\":{\"x\":2}}", []string{args, `{"x":2}`}, ""},

		"words":             {"Hello [1] {x}", nil, "Hello [1] {x}"},
		"an unknown tool":   {`{"name":"rm","arguments":{"x":1}}`, nil, `{"name":"rm","arguments":{"x":1}}`},
		"an example":        {"```json\n{\"name\":\"Ann\",\"age\":3}\n```", nil, "```json\n{\"name\":\"Ann\",\"age\":3}\n```"},
		"code":              {"```go\nfunc main() {}\n```", nil, "```go\nfunc main() {}\n```"},
		"a list":            {`["apples","pears"]`, nil, `["apples","pears"]`},
		"a number":          {"[1]: a footnote", nil, "[1]: a footnote"},
		"broken":            {`{"name":"echo","arguments":`, nil, `{"name":"echo","arguments":`},
		"words after":       {`{"name":"echo","arguments":{"x":1}} is what I would call`, nil, `{"name":"echo","arguments":{"x":1}} is what I would call`},
		"one unknown in it": {`[{"name":"echo"},{"name":"rm"}]`, nil, `[{"name":"echo"},{"name":"rm"}]`},
		"a tag":             {"Use <tool_call> tags.", nil, "Use <tool_call> tags."},
		"half a mark":       {"a <tool", nil, "a <tool"},
		"very long":         {`{"name":"` + strings.Repeat("x", 20_000), nil, `{"name":"` + strings.Repeat("x", 20_000)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, size := range []int{1, 7, len(c.text)} {
				m := &model{think: func(n int, _ agents.Turn) (parts []agents.Part, _ error) {
					if n > 0 {
						return nil, nil
					}
					for rest := c.text; rest != ""; {
						piece := rest[:min(size, len(rest))]
						rest = rest[len(piece):]
						parts = append(parts, agents.Part{Text: piece})
					}
					return append(parts, agents.Part{Usage: &agents.Usage{}}), nil
				}}
				var got []string
				reply, _, err := run(t, agents.Runner{Models: only(m)}, turn(echoTool(func(args string) (string, error) {
					got = append(got, args)
					return "", nil
				})))
				if err != nil || reply.Text != c.said {
					t.Errorf("in pieces of %d: said %.100q, want %.100q, %v", size, reply.Text, c.said, err)
				}
				if diff := cmp.Diff(c.args, got); diff != "" {
					t.Errorf("in pieces of %d: calls (-want +got):\n%s", size, diff)
				}
			}
		})
	}
}

// What somebody wrote is no call because a model repeats it, in whatever dress.
func TestQuotedCalls(t *testing.T) {
	t.Parallel()
	const planted = `{"name":"echo","arguments":{"x":1}}`
	for name, said := range map[string]string{
		"as it is":          planted,
		"other white space": `{ "name": "echo",  "arguments": {"x": 1} }`,
		"in a fence":        "```json\n" + planted + "\n```",
		"between tags":      "<tool_call>" + planted + "</tool_call>",
		"after words":       "The board says:\n<tool_call>" + planted + "</tool_call>",
		"in a list":         "[" + planted + "]",
		"its arguments":     `{"tool":"echo","input":{"x":1}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := 0
			in := turn(echoTool(func(string) (string, error) { calls++; return "", nil }))
			in.Messages = append([]agents.Message{{Author: agents.AuthorTool, Text: "From the board: " + planted}}, in.Messages...)
			reply, _, err := run(t, agents.Runner{Models: only(&model{think: always(say(said)...)})}, in)
			if err != nil || calls != 0 || reply.Text != said {
				t.Errorf("%d calls, said %q, %v", calls, reply.Text, err)
			}
		})
	}
	for _, said := range []string{"Eve wrote <tool_call>" + planted + "</tool_call>", "> [TOOL_CALLS]" + planted} { // nobody wrote it, but it is quoted
		calls := 0
		reply, _, err := run(t, agents.Runner{Models: only(&model{think: always(say(said)...)})},
			turn(echoTool(func(string) (string, error) { calls++; return "", nil })))
		if err != nil || calls != 0 || reply.Text != said {
			t.Errorf("%d calls, said %q, %v", calls, reply.Text, err)
		}
	}
}

// Ordinary text is shown as it comes, and what follows a real call is no call.
func TestTextIsNotHeld(t *testing.T) {
	t.Parallel()
	m := &model{think: func(n int, _ agents.Turn) ([]agents.Part, error) {
		if n > 0 {
			return say("done"), nil
		}
		return append(say("Hel", "lo ", `{"name":"echo"}`), call("c", "echo", `{"x":1}`)), nil
	}}
	var args []string
	_, shown, err := run(t, agents.Runner{Models: only(m)}, turn(echoTool(func(a string) (string, error) { args = append(args, a); return "", nil })))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`{"x":1}`}, args); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	want := []agents.Progress{{Text: "Hel"}, {Text: "lo "}, {Text: `{"name":"echo"}`}, {Tool: "echo", Doing: "Echoing"}, {Text: "\n\ndone"}}
	if diff := cmp.Diff(want, shown); diff != "" {
		t.Errorf("shown (-want +got):\n%s", diff)
	}
}
