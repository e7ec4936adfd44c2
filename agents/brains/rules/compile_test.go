package rules

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tmates/tmates/agents"
)

func TestCompileErrors(t *testing.T) {
	t.Parallel()
	const tail = "\notherwise: {say: x}\n"
	tests := []struct{ name, src, want string }{
		{"empty", "", "f.yaml:1:1: the file is empty"},
		{"comment only", "# nothing\n", "f.yaml:1:1: the file is empty"},
		{"not a mapping", "- a", "f.yaml:1:1: the file is a list: write keys and values (rules, otherwise)"},
		{"second document", "otherwise: {say: x}\n---\na: b\n", "f.yaml:2:1: a second document: a rules file has one"},
		{"unknown key", "rule: []" + tail, `f.yaml:1:1: unknown key "rule" in the file: did you mean "rules"?`},
		{"unknown key of a rule", "rules:\n  - mach: a\n    match: b\n    say: c" + tail, `f.yaml:2:5: unknown key "mach" in rule 1: did you mean "match"?`},
		{"twice", "rules: []\nrules: []" + tail, `f.yaml:2:1: "rules" appears twice in the file`},
		{"otherwise missing", "rules: []", "f.yaml:1:1: otherwise is missing: say what to answer when no rule matches"},
		{"rules not a list", "rules: {a: b}" + tail, "f.yaml:1:8: rules is a mapping: write a list, each item with match and say"},
		{"no match", "rules: [{say: x}]" + tail, "f.yaml:1:9: rule 1 has no match: write at least one pattern, or an intent"},
		{"no say", "rules: [{match: x}]" + tail, "f.yaml:1:9: say is missing: write the answer"},
		{"empty say", "rules: [{match: x, say: []}]" + tail, "f.yaml:1:25: say needs 1 to 30 answers, not 0"},
		{"blank say", `rules: [{match: x, say: " "}]` + tail, "f.yaml:1:25: say: the text is empty"},
		{"null say", "rules: [{match: x, say: }]" + tail, "f.yaml:1:25: say is empty: write text"},
		{"same name", "rules: [{name: a, match: x, say: y}, {name: a, match: x, say: y}]" + tail, `f.yaml:1:38: two rules are named "a"`},
		{"condition", "rules: [{match: x, when: {online: 1}, say: y}]" + tail, "f.yaml:1:35: a condition is true or false"},
		{"unknown name", `rules: [{match: "pin {text...}", say: "{txt}"}]` + tail, "f.yaml:1:39: say: unknown name {txt}: did you mean {text}?"},
		{"slot of one pattern only", `rules: [{match: ["a {x}", b], say: "{x}"}]` + tail, "f.yaml:1:36: say: unknown name {x}: did you mean {user}?"},
		{"result without call", `rules: [{match: a, say: "{result}"}]` + tail, "f.yaml:1:25: say: unknown name {result}: did you mean {user}?"},
		{"result in args", `rules: [{match: a, call: {tool: t, args: {x: "{result}"}}, say: b}]` + tail, "f.yaml:1:46: args.x: unknown name {result}: did you mean {user}?"},
		{"unknown filter", `otherwise: {say: "{user|lowr}"}`, `f.yaml:1:18: say: unknown filter "lowr": did you mean "lower"?`},
		{"filter without number", `otherwise: {say: "{user|first}"}`, `f.yaml:1:18: say: unknown filter "first": did you mean "first(60)"?`},
		{"open brace", `otherwise: {say: "a { b"}`, "f.yaml:1:18: say: a { in the text is never closed: write {{ for a brace"},
		{"lone brace", `otherwise: {say: "a } b"}`, "f.yaml:1:18: say: a lone } in the text: write }} for a brace"},
		{"reserved slot", `rules: [{match: "a {user}", say: b}]` + tail, "f.yaml:1:17: a slot cannot be called {user}: the name is taken"},
		{"slot twice", `rules: [{match: "{a} {a}", say: b}]` + tail, "f.yaml:1:17: the slot {a} appears twice"},
		{"bad slot", `rules: [{match: "{A b}", say: b}]` + tail, `f.yaml:1:17: "{A b}" is not a slot: write {name} or {name...} in lower case`},
		{"unquoted slot", "rules: [{match: {text...}, say: b}]" + tail, `f.yaml:1:18: unknown key "text..." in a pattern (quote one that begins with {): did you mean "regex"?`},
		{"star inside", `rules: [{match: "a * b", say: b}]` + tail, "f.yaml:1:17: * may stand only first or last"},
		{"star beside rest", `rules: [{match: "{a...} *", say: b}]` + tail, "f.yaml:1:17: * and {name...} need words between them"},
		{"no words", `rules: [{match: "?!", say: b}]` + tail, "f.yaml:1:17: the pattern has no words"},
		{"open choice", `rules: [{match: "(a|b", say: b}]` + tail, `f.yaml:1:17: "(" is never closed with ")"`},
		{"stray bracket", `rules: [{match: "a]", say: b}]` + tail, `f.yaml:1:17: "]" closes nothing`},
		{"empty choice", `rules: [{match: "(a|)", say: b}]` + tail, `f.yaml:1:17: "a|" has an empty choice`},
		{"slot in choice", `rules: [{match: "(a|{b})", say: b}]` + tail, `f.yaml:1:17: "a|{b}" may hold words only`},
		{"bad regex", `rules: [{match: {regex: "("}, say: b}]` + tail, "f.yaml:1:25: not a regex: error parsing regexp: missing closing ): `(?i)(`"},
		{"large regex", `rules: [{match: {regex: "(abc){900}"}, say: b}]` + tail, "f.yaml:1:25: the regex is too large: repeat less"},
		{"group in capitals", `rules: [{match: {regex: "(?P<A>x)"}, say: b}]` + tail, `f.yaml:1:25: group "A": name each group once, in lower case`},
		{"no tool", "rules: [{match: a, call: {}, say: b}]" + tail, "f.yaml:1:26: call names no tool"},
		{"bad tool", "rules: [{match: a, call: {tool: a b}, say: b}]" + tail, `f.yaml:1:33: "a b" is not the name of a tool`},
		{"nested arg", "rules: [{match: a, call: {tool: t, args: {x: [1]}}, say: b}]" + tail, "f.yaml:1:46: args.x is a list: write text"},
		{"nan arg", "rules: [{match: a, call: {tool: t, args: {x: .nan}}, say: b}]" + tail, ""},
		{"long pattern", `rules: [{match: "` + strings.Repeat("a", 501) + `", say: b}]` + tail, "f.yaml:1:17: the pattern is longer than 500 bytes"},
		{"alias", "rules: [{match: &a x, say: *a}]" + tail, "f.yaml:1:28: say is an alias (quote text that begins with *): write text"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Compile("f.yaml", []byte(tt.src))
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestRegexSlots(t *testing.T) {
	t.Parallel()
	b := compile(t, `
rules: [{match: {regex: '^(no|yes) (?P<a>\w+)(?: (?P<b>\w+))?$'}, say: "[{a}][{b}]"}]
otherwise: {say: none}
`)
	for question, want := range map[string]string{
		"YES Tea now":   "[Tea][now]",
		"no tea":        "[tea][]",
		"Adam, yes tea": "[tea][]",
		"maybe tea":     "none",
	} {
		if got, _, _ := think(t, b, asked(question)); got != want {
			t.Errorf("%q: %q, want %q", question, got, want)
		}
	}
}

func TestCompileSyntaxError(t *testing.T) {
	t.Parallel()
	_, err := Compile("f.yaml", []byte("rules: []\notherwise: {say: x}\nbad: a: b\n"))
	errs, ok := errors.AsType[Errors](err)
	if !ok || len(errs) != 1 || errs[0].Line != 3 || !strings.HasPrefix(errs[0].Text, "not YAML: ") {
		t.Fatalf("got %v", err)
	}
}

func TestCompileListsAtMostTwentyErrorsInOrder(t *testing.T) {
	t.Parallel()
	var src strings.Builder
	src.WriteString("oops: 1\nrules:\n")
	for range 30 {
		src.WriteString("  - {match: a}\n")
	}
	_, err := Compile("f.yaml", []byte(src.String()))
	errs, ok := errors.AsType[Errors](err)
	if !ok || len(errs) != 20 || errs[0].Line != 1 || errs[19].Line != 20 {
		t.Fatalf("got %d: %v", len(errs), err)
	}
	var one *Error
	if !errors.As(err, &one) || one.Line != 1 {
		t.Errorf("single mistake: %v", one)
	}
}

func TestCompileBounds(t *testing.T) {
	t.Parallel()
	item := "  - {match: a, say: b}\n"
	tests := []struct{ name, src, want string }{
		{"size", strings.Repeat("#", MaxSize+1), "f.yaml:1:1: the file is larger than 256 KiB"},
		{"rules", "rules:\n" + strings.Repeat(item, 501) + "otherwise: {say: x}\n", "f.yaml:2:3: more than 500 rules"},
		{"template", "otherwise: {say: " + strings.Repeat("a", 4001) + "}", "f.yaml:1:18: say: the text is longer than 4000 bytes"},
		{"names", "otherwise: {say: '" + strings.Repeat("{user}", 31) + "'}", "f.yaml:1:18: say: the text uses more than 30 names"},
	}
	for _, tt := range tests {
		if _, err := Compile("f.yaml", []byte(tt.src)); fmt.Sprint(err) != tt.want {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
}

func FuzzCompile(f *testing.F) {
	for _, seed := range []string{
		pinRules, "", "rules:\n- a\n", "rules: &a [*a]\notherwise: {say: x}", "{{{{", "? [a]: b",
		"rules: [{match: {regex: '(?P<a>.*)'}, say: '{a|first(3)}'}]\notherwise: {say: ['{facts}']}",
		"rules: [{match: ['* [a|b] {x...} (c)'], when: {facts: true}, say: '{x|trim}'}]\notherwise: {say: a}",
		"rules: [{match: a, call: {tool: t, args: {n: 0x10, f: 1e3, b: true, s: !!str 5}}, say: '{result}'}]\notherwise: {say: a}",
		"<<: {rules: []}\notherwise: {say: a}", "otherwise: {say: !!binary aGk=}",
	} {
		f.Add([]byte(seed), "hello a b c")
	}
	f.Fuzz(func(t *testing.T, src []byte, question string) {
		b, err := Compile("f.yaml", src)
		if err != nil {
			if errs, ok := errors.AsType[Errors](err); !ok || len(errs) == 0 || len(errs) > maxErrors {
				t.Fatalf("error of the wrong kind: %v", err)
			}
			return
		}
		turn := asked(question)
		turn.Tools = []agents.Tool{{Name: "t"}}
		if text, calls, _ := think(t, b, turn); (text == "") != (len(calls) == 1) {
			t.Fatalf("text %q, calls %v", text, calls)
		}
	})
}
