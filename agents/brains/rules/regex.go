package rules

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// maxRegex bounds a regex by the instructions of its compiled program: matching
// takes at most that many steps for each byte of the question.
const maxRegex = 1000

// expression is a pattern given as a regular expression.
type expression struct{ *regexp.Regexp }

func parseRegex(src string) (pattern, error) {
	if src == "" || len(src) > maxPattern {
		return nil, fmt.Errorf("a regex has 1 to %d bytes", maxPattern)
	}
	tree, err := syntax.Parse("(?i)"+src, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("not a regex: %w", err)
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return nil, fmt.Errorf("not a regex: %w", err)
	}
	if len(prog.Inst) > maxRegex {
		return nil, errors.New("the regex is too large: repeat less")
	}
	re, err := regexp.Compile("(?i)" + src)
	if err != nil {
		return nil, fmt.Errorf("not a regex: %w", err)
	}
	var seen []string
	for _, name := range re.SubexpNames() {
		if name == "" {
			continue
		}
		if !slotName.MatchString(name) || slices.Contains(seen, name) {
			return nil, fmt.Errorf("group %q: name each group once, in lower case", name)
		}
		seen = append(seen, name)
	}
	return expression{re}, nil
}

func (e expression) slots() []string {
	return slices.DeleteFunc(slices.Clone(e.SubexpNames()), func(name string) bool { return name == "" })
}

func (e expression) score() float64 { return 1 }

func (e expression) fixed() bool { return false }

func (e expression) match(q question) (map[string]string, bool) {
	if q.long {
		return nil, false
	}
	m := e.FindStringSubmatch(q.text)
	if m == nil {
		return nil, false
	}
	slots := map[string]string{}
	for i, name := range e.SubexpNames() {
		if name != "" {
			slots[name] = strings.TrimSpace(m[i])
		}
	}
	return slots, true
}
