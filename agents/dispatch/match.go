package dispatch

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tmates/tmates/agents"
)

// usual are the weights of an ability that names none.
var usual = agents.Weights{Keywords: 0.6, Patterns: 0.8, TaskTypes: 0.3}

const (
	maxReasons = 4  // words a reason names
	maxQuote   = 40 // code points a reason quotes of a text
)

// matching collects what of a manifest fits a text.
type matching struct {
	sentence sentence
	score    float64
	words    []string        // for the reason
	seen     map[string]bool // keywords that counted already
}

// match weighs how well a tmate's manifest fits a text, 0 to 1, and names what
// fits: the keywords, patterns and names of its abilities with their weights,
// its other keywords, and the words it shares with description, role and
// capabilities. Those alone never decide.
func match(s sentence, tm *agents.Tmate) (float64, []string) {
	m := &matching{sentence: s.own(), seen: map[string]bool{}}
	p := profileOf(tm)
	for _, a := range p.abilities {
		for _, k := range a.keywords {
			m.keyword(k, a.weights.Keywords)
		}
		for _, re := range a.patterns {
			m.pattern(re, a.weights.Patterns)
		}
		m.keyword(a.name, a.weights.TaskTypes)
	}
	for _, k := range p.keywords {
		m.keyword(k, usual.Keywords)
	}
	m.overlap(p.about)
	return m.score, m.words
}

// own leaves out what a text quotes, unless that is all there is: "translate
// 'the invoice'" is no question about invoices.
func (s sentence) own() sentence {
	mine := slices.DeleteFunc(slices.Clone(s.tokens), func(t token) bool { return t.quoted })
	if len(mine) > 0 {
		s.tokens = mine
	}
	return s
}

// add counts one hit; a further one adds half, so that a long list of synonyms
// does not win by its length.
func (m *matching) add(weight float64, word string) {
	if weight <= 0 {
		return
	}
	if m.score > 0 {
		weight /= 2
	}
	m.score = 1 - (1-m.score)*(1-weight)
	if len(m.words) < maxReasons {
		m.words = append(m.words, word)
	}
}

func (m *matching) keyword(k keyword, weight float64) {
	if m.seen[k.text] || weight <= 0 {
		return
	}
	if slices.ContainsFunc(k.runs, m.holds) {
		m.seen[k.text] = true
		m.add(weight, k.text)
	}
}

// holds finds a run of words, singular or plural.
func (m *matching) holds(run []string) bool {
	tokens := m.sentence.tokens
	for i := 0; i+len(run) <= len(tokens); i++ {
		if equal(tokens[i:i+len(run)], run) {
			return true
		}
	}
	return false
}

func equal(tokens []token, run []string) bool {
	for i, w := range run {
		if !same(tokens[i].word, w) {
			return false
		}
	}
	return true
}

// endings that make a plural of a word, or bend it.
var endings = []string{"s", "es", "n", "en", "e"}

// same compares two words but for a plural's ending.
func same(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	rest, ok := strings.CutPrefix(b, a)
	switch {
	case a == b:
		return true
	case len(a) < 3:
		return false
	case ok:
		return slices.Contains(endings, rest)
	}
	return strings.HasSuffix(a, "y") && b == a[:len(a)-1]+"ies"
}

// pattern counts a regular expression that finds something.
func (m *matching) pattern(re *regexp.Regexp, weight float64) {
	if weight <= 0 {
		return
	}
	if at := re.FindStringIndex(m.sentence.text); at != nil {
		m.add(weight, cmp.Or(quote(m.sentence.text[at[0]:at[1]]), "its pattern"))
	}
}

// quote shortens what a reason repeats of a text.
func quote(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) > maxQuote {
		text = string([]rune(text)[:maxQuote]) + "…"
	}
	return text
}

// overlap counts the words a text shares with what the manifest says besides.
func (m *matching) overlap(about []token) {
	left := mostWords
	counted := map[string]bool{}
	for _, t := range m.sentence.tokens {
		if utf8.RuneCountInString(t.word) <= 3 || common[t.word] || counted[t.word] || left < singleWord {
			continue
		}
		if slices.ContainsFunc(about, func(a token) bool { return same(a.word, t.word) }) {
			counted[t.word] = true
			left -= singleWord
			m.score = 1 - (1-m.score)*(1-singleWord)
			if len(m.words) < maxReasons && !slices.Contains(m.words, t.word) {
				m.words = append(m.words, t.word)
			}
		}
	}
}
