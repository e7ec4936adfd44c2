package tmates_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/store/tmates"
)

// shown writes segments with what was found in brackets.
func shown(all []tmates.Segment) string {
	var b strings.Builder
	for _, s := range all {
		if s.Match {
			b.WriteString("[" + s.Text + "]")
			continue
		}
		b.WriteString(s.Text)
	}
	return b.String()
}

func TestParseQuery(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                              "",
		" \t\n":                         "",
		"?!*^-+(){}:\"'\\":              "",
		"door":                          "door*",
		"front door":                    "front|door*",
		"door door":                     "door*",
		`"front door"`:                  "front door",
		`"front door" key`:              "front door|key*",
		`key "front do`:                 "key|front do*",
		"„front door“ key":              "front door|key*",
		"to-do: now":                    "to do|now*",
		"a":                             "a", // so short a beginning finds everything
		"Zoë's":                         "Zoë s",
		"NEAR(a b) OR c AND NOT owner:": "NEAR a|b|OR|c|AND|NOT|owner*",
		"会議 東":                          "会 議|東",
		"한국어":                           "한국어*",
		"\x00\xffdoor":                  "door*",
		"col : x*":                      "col|x",
	} {
		var terms []string
		for _, term := range tmates.ParseQuery(text).Terms {
			if term.Prefix {
				term.Text += "*"
			}
			terms = append(terms, term.Text)
		}
		if got := strings.Join(terms, "|"); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	if n := len(tmates.ParseQuery(strings.Repeat("a b c d ", 5) + strings.Repeat("x y z", 9)).Terms); n > 16 {
		t.Errorf("%d terms", n)
	}
}

func TestFinds(t *testing.T) {
	t.Parallel()
	const text = "The garden report: Zoë’s crème brûlée, 東京で会議, Привет мир, 한국어를 Straße 42."
	for query, want := range map[string]bool{
		"report garden": true, "gard": true, "arden": false, "rep the": false, `"garden report"`: true, `"report garden"`: false,
		"zoe": true, "creme BRULEE": true, "会議": true, "東議": false, "привет": true, "한국": true, "42": true, "strasse": false, "straße": true,
		"garden report nothing": false, "": false, "!": false,
	} {
		if got := tmates.ParseQuery(query).In(text); got != want {
			t.Errorf("%q: %t", query, got)
		}
	}
	if !tmates.ParseQuery("bud rep").Names().In("Q3_budget-report.final.pdf") {
		t.Error("a name is not found by the beginnings of its words")
	}
	row, ok := tmates.ParseQuery("garden rep").InARow()
	if _, again := row.InARow(); !ok || again || !row.In(text) || row.In("a report of the garden") {
		t.Errorf("in a row: %+v", row)
	}
}

func TestSnippet(t *testing.T) {
	t.Parallel()
	filler := strings.Repeat("nothing to see in this line\n", 40)
	for _, c := range []struct{ query, text, want string }{
		{"door", "The door is open.", "The [door] is open."},
		{"do", "Doors and do.", "[Doors] and [do]."},
		{"front door", "A door, the\n\n  front\tdoor.", "A [door], the [front] [door]."},
		{`"front door"`, "A door, the front door.", "A door, the [front door]."},
		{"absent", "The door.", "The door."},
		{"door", "", ""},
		{"door key", filler + "The door.\n" + filler + "The key of the door.\n" + filler, ""},
	} {
		got := tmates.ParseQuery(c.query).Snippet(c.text)
		if c.want != "" || c.text == "" {
			if diff := cmp.Diff(c.want, shown(got)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.query, diff)
			}
			continue
		}
		s := shown(got)
		if !strings.Contains(s, "The [key] of the [door].") || !strings.HasPrefix(s, "…") || !strings.HasSuffix(s, "…") || len(s) > 320 {
			t.Errorf("%s: %q", c.query, s)
		}
	}
	if got := shown(tmates.ParseQuery("port").Mark("A port, and a PORT")); got != "A [port], and a [PORT]" {
		t.Errorf("marked: %s", got)
	}
}

// FuzzQuery: whatever is typed and whatever is said, what is shown is a part of
// it, valid and short.
func FuzzQuery(f *testing.F) {
	f.Add("door key", "The door of the key")
	f.Add(`"a b`, strings.Repeat("a b ", 300))
	f.Add("会議\x00", "東京で会議\xff")
	f.Fuzz(func(t *testing.T, query, text string) {
		q := tmates.ParseQuery(query)
		for _, term := range q.Terms {
			if strings.ContainsAny(term.Text, "\"\x00") || term.Text == "" {
				t.Errorf("term %q", term.Text)
			}
		}
		all := q.Snippet(text)
		n := 0
		for _, s := range all {
			n += len(s.Text)
			if s.Text == "" || utf8.ValidString(text) && !utf8.ValidString(s.Text) {
				t.Errorf("segment %q of %q", s.Text, text)
			}
		}
		if n > 4*256+len(query)*8 {
			t.Errorf("%d bytes are shown", n)
		}
	})
}
