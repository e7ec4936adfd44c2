package wire_test

import (
	"strings"
	"testing"

	"github.com/tmates/tmates/agents/brains/wire"
)

// strip plays text in pieces of n bytes.
func strip(text string, n int) string {
	var t wire.Thoughts
	var out strings.Builder
	for text != "" {
		k := min(n, len(text))
		out.WriteString(t.Strip(text[:k]))
		text = text[k:]
	}
	return out.String() + t.Rest()
}

func TestThoughts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                      "",
		"plain":                                 "plain",
		"  plain":                               "  plain",
		"a < b, c <= d and <th> is a tag":       "a < b, c <= d and <th> is a tag",
		"<think>secret</think>answer":           "answer",
		"<think>\nsecret\n</think>\n\nanswer":   "answer",
		"\n<think>secret</think>\n\nanswer":     "answer",
		"<thinking>secret</thinking> answer":    "answer",
		"<thought>secret</thought>answer":       "answer",
		"[THINK]secret[/THINK]answer":           "answer",
		" \n ":                                  " \n ",
		" \n <think>x</think> \n ":              "",
		"one<think>secret</think> two":          "one two",
		"<think>a</think><think>b</think>c":     "c",
		"<think></think>":                       "",
		"<think>a</thinking>b</think>c":         "c",
		"<think>a<think>b</think>c":             "c",
		"<think>never ends":                     "",
		"said<think>never ends":                 "said",
		"<think>secret</thi":                    "",
		"an end </think>of nothing":             "an end of nothing",
		"a word about `<think>` and `</think>`": "a word about `<think>` and `</think>`",
		"cut at <thin":                          "cut at <thin",
		"cut at <":                              "cut at <",
		"<think>é🦊</think>ü":                    "ü",
		"<<think>x</think>>":                    "<>",
	} {
		for n := 1; n <= len(text)+1; n++ {
			if got := strip(text, n); got != want {
				t.Errorf("%q in pieces of %d: got %q, want %q", text, n, got, want)
			}
		}
	}
}

// FuzzThoughts proves that where a text is cut changes nothing, and that nothing
// inside a block at its beginning is shown.
func FuzzThoughts(f *testing.F) {
	f.Add("<think>secret</think>answer", 3)
	f.Add("`<think>` [THINK]x[/THINK]", 1)
	f.Add("<think", 2)
	f.Fuzz(func(t *testing.T, text string, n int) {
		whole := strip(text, len(text)+1)
		if got := strip(text, max(1, n)); got != whole {
			t.Errorf("in pieces %q, at once %q", got, whole)
		}
		if len(whole) > len(text) {
			t.Errorf("%q grew to %q", text, whole)
		}
		if !strings.Contains(text, "</think>") && strip("<think>"+text, max(1, n)) != "" {
			t.Errorf("%q leaked", text)
		}
	})
}
