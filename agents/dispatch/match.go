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
	for _, a := range tm.Abilities {
		w := a.Weights
		if w == (agents.Weights{}) {
			w = usual
		}
		for _, k := range a.Keywords {
			m.keyword(k, w.Keywords)
		}
		for _, p := range a.Patterns {
			m.pattern(p, w.Patterns)
		}
		m.keyword(strings.NewReplacer("_", " ", "-", " ").Replace(a.Name), w.TaskTypes)
	}
	for _, k := range tm.Keywords {
		m.keyword(k, usual.Keywords)
	}
	m.overlap(tm)
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

func (m *matching) keyword(k string, weight float64) {
	if m.seen[k] || weight <= 0 {
		return
	}
	if slices.ContainsFunc(runs(k), m.holds) {
		m.seen[k] = true
		m.add(weight, k)
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

// pattern counts a regular expression that finds something. One that cannot be
// read finds nothing: the registry refuses it with its line.
func (m *matching) pattern(p string, weight float64) {
	re, err := regexp.Compile("(?i)" + p)
	if err != nil || weight <= 0 {
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
func (m *matching) overlap(tm *agents.Tmate) {
	about := read(strings.Join(tm.Capabilities, " ") + " " + tm.Description + " " + tm.Role).tokens
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
