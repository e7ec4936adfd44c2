package rules

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxTemplate = 4000     // bytes of one template
	maxPieces   = 60       // texts and names in one template
	maxAnswer   = 64 << 10 // bytes a template may grow to
)

// builtins are the names every template may use; a slot may not be called so.
var builtins = []string{"user", "tmate", "date", "time", "question", "facts", "attached", "result"}

// filterNames are the filters that take no argument; first(n) is the other one.
var filterNames = []string{"title", "lower", "upper", "trim"}

// template is a text with names to fill in.
type template []piece

// piece is literal text, or a name with filters when name is set.
type piece struct {
	text    string
	name    string
	filters []func(string) string
}

// parseTemplate reads a template in which the given names may appear.
func parseTemplate(src string, names []string) (template, error) {
	if len(src) > maxTemplate {
		return nil, fmt.Errorf("the text is longer than %d bytes", maxTemplate)
	}
	if strings.TrimSpace(src) == "" {
		return nil, errors.New("the text is empty")
	}
	var (
		t    template
		text strings.Builder
	)
	for rest := src; rest != ""; {
		i := strings.IndexAny(rest, "{}")
		if i < 0 {
			i = len(rest)
		}
		text.WriteString(rest[:i])
		rest = rest[i:]
		switch {
		case rest == "":
		case strings.HasPrefix(rest, "{{"), strings.HasPrefix(rest, "}}"):
			text.WriteByte(rest[0])
			rest = rest[2:]
		case rest[0] == '}':
			return nil, errors.New("a lone } in the text: write }} for a brace")
		default:
			body, after, found := strings.Cut(rest[1:], "}")
			if !found {
				return nil, errors.New("a { in the text is never closed: write {{ for a brace")
			}
			p, err := parseName(body, names)
			if err != nil {
				return nil, err
			}
			t = append(t, piece{text: text.String()}, p)
			text.Reset()
			rest = after
		}
	}
	t = append(t, piece{text: text.String()})
	if len(t) > maxPieces {
		return nil, fmt.Errorf("the text uses more than %d names", maxPieces/2)
	}
	return t, nil
}

// parseName reads "name|filter|filter(n)".
func parseName(body string, names []string) (piece, error) {
	parts := strings.Split(body, "|")
	p := piece{name: strings.TrimSpace(parts[0])}
	if !slices.Contains(names, p.name) {
		return piece{}, fmt.Errorf("unknown name {%s}: did you mean {%s}?", p.name, nearest(p.name, names))
	}
	for _, src := range parts[1:] {
		f, err := parseFilter(strings.TrimSpace(src))
		if err != nil {
			return piece{}, err
		}
		p.filters = append(p.filters, f)
	}
	return p, nil
}

var firstFilter = regexp.MustCompile(`^first\(([0-9]{1,5})\)$`)

func parseFilter(src string) (func(string) string, error) {
	switch src {
	case "title":
		return headline, nil
	case "lower":
		return strings.ToLower, nil
	case "upper":
		return strings.ToUpper, nil
	case "trim":
		return unquote, nil
	}
	if m := firstFilter.FindStringSubmatch(src); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil && n > 0 {
			return func(s string) string { return first(s, n) }, nil
		}
	}
	name, _, _ := strings.Cut(src, "(")
	near := nearest(name, append(slices.Clone(filterNames), "first"))
	if near == "first" {
		near = "first(60)"
	}
	return nil, fmt.Errorf("unknown filter %q: did you mean %q?", src, near)
}

// lineMarks are what Markdown puts in front of a line: headings, lists, quotes.
var lineMarks = regexp.MustCompile(`^(?:[#>*•-]+\s+)+`)

// headline makes a title of a text: its first line without Markdown's marks in
// front, with the first letter raised and one final full stop dropped.
func headline(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	line = strings.TrimSpace(lineMarks.ReplaceAllString(line, ""))
	if !strings.HasSuffix(line, "..") {
		line = strings.TrimSuffix(line, ".")
	}
	r, n := utf8.DecodeRuneInString(line)
	if n == 0 {
		return line
	}
	return string(unicode.ToTitle(r)) + line[n:]
}

const quotes = " \t\r\n\"'`“”„‘’«»"

// unquote drops white space and quotes around a text, and the punctuation that
// ends it.
func unquote(s string) string {
	return strings.TrimRight(strings.TrimLeft(s, quotes), quotes+".,;:!?…")
}

// first shortens a text to at most n code points, the last of them an ellipsis
// when something was cut off, between two words where there is a blank in the
// second half.
func first(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	runes := []rune(s)
	cut := string(runes[:n-1])
	if i := strings.LastIndexFunc(cut, unicode.IsSpace); i > len(cut)/2 && !unicode.IsSpace(runes[n-1]) {
		cut = cut[:i]
	}
	return strings.TrimRightFunc(cut, unicode.IsSpace) + "…"
}

// fill renders the template. lookup gives the value of a name.
func (t template) fill(lookup func(name string) string) string {
	var b strings.Builder
	for _, p := range t {
		s := p.text
		if p.name != "" {
			s = lookup(p.name)
			for _, f := range p.filters {
				s = f(s)
			}
		}
		if room := maxAnswer - b.Len(); len(s) > room {
			b.WriteString(strings.ToValidUTF8(s[:room], ""))
			b.WriteString("…")
			break
		}
		b.WriteString(s)
	}
	return b.String()
}
