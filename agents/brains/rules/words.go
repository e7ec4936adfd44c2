package rules

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tmates/tmates/agents"
)

// maxQuestion is the longest question, in bytes, that patterns look at.
const maxQuestion = 16 << 10

// word is one word of a question: its normal form and where it stands.
type word struct {
	norm       string
	start, end int // bytes of the text it was cut from
	chunk      int // words not parted by white space share a chunk
}

// splitWords cuts text into words: runs of letters, digits and marks, with
// apostrophes inside. The normal form is lower case without apostrophes.
func splitWords(text string) []word {
	var (
		words []word
		chunk int
		start = -1
		end   int // after the last letter, so that a closing apostrophe stays out
	)
	flush := func() {
		if start >= 0 {
			words = append(words, word{normal(text[start:end]), start, end, chunk})
			start = -1
		}
	}
	for i, r := range text {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			if start < 0 {
				start = i
			}
			end = i + utf8.RuneLen(r)
		case isApostrophe(r) && start >= 0 && i == end:
		default:
			flush()
			if unicode.IsSpace(r) {
				chunk++
			}
		}
	}
	flush()
	return words
}

func isApostrophe(r rune) bool { return r == '\'' || r == '’' || r == 'ʼ' }

func normal(s string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if isApostrophe(r) {
			return -1
		}
		return r
	}, s))
}

// question is a turn's question, prepared for matching.
type question struct {
	whole    string // as asked, trimmed
	attached string // name of the first file that came with it
	text     string // without the tmate's name in front and the files behind
	words    []word // of text
	long     bool   // too long to look at; text and words are not set
}

// attachedFiles is the line by which a turn's message names its files.
var attachedFiles = regexp.MustCompile(`(?:^|\n)\[attached: ([^\n]+)\]$`)

// openers may stand before the tmate's name when it is addressed.
var openers = []string{"hey", "hi", "hello", "ok", "okay", "dear", "so"}

func newQuestion(t agents.Turn) question { return readQuestion(t.Tmate, t.Question()) }

func readQuestion(tmate *agents.Tmate, text string) question {
	q := question{whole: tidy(text)}
	if q.long = len(q.whole) > maxQuestion; q.long {
		return q
	}
	q.text = q.whole
	if m := attachedFiles.FindStringSubmatchIndex(q.whole); m != nil {
		q.attached, _, _ = strings.Cut(q.whole[m[2]:m[3]], ", ")
		q.text = strings.TrimSpace(q.whole[:m[0]])
	}
	q.words = splitWords(q.text)
	if tmate == nil {
		return q
	}
	for _, name := range []string{tmate.Name, tmate.Key} {
		if n := addressed(q.words, splitWords(name)); n > 0 {
			q.text = trimLead(q.text[q.words[n-1].end:])
			q.words = splitWords(q.text)
			break
		}
	}
	return q
}

// addressed returns how many words in front only call the tmate by its name. It
// is 0 when nothing follows them: "hi adam" is a greeting, not an address.
func addressed(words, name []word) int {
	if len(name) == 0 {
		return 0
	}
	for skip := range 2 {
		n := skip + len(name)
		if n >= len(words) || skip == 1 && !slices.Contains(openers, words[0].norm) {
			return 0
		}
		if slices.EqualFunc(words[skip:n], name, func(a, b word) bool { return a.norm == b.norm }) {
			return n
		}
	}
	return 0
}

// separators part a command from its text, as in "pin: milk" and "pin - milk".
const separators = ":;,.-–—"

// trimLead drops white space and at most one run of separators in front: one
// that clings to the word before, or that stands alone on the same line. So
// "pin:\n- milk" keeps its list and "remember .profile" its dot.
func trimLead(s string) string {
	body := strings.TrimLeftFunc(s, unicode.IsSpace)
	gap := s[:len(s)-len(body)]
	cut := strings.TrimLeft(body, separators)
	alone := cut != "" && unicode.IsSpace(rune(cut[0])) && !strings.Contains(gap, "\n")
	if gap == "" || alone {
		body = cut
	}
	return strings.TrimSpace(body)
}

// pattern is one way to ask. match returns the slots, by name.
type pattern interface {
	match(q question) (map[string]string, bool)
	slots() []string
	score() float64 // how sure a match is
	fixed() bool    // nothing but words
}

// item is one element of a pattern of words. Exactly one of choices, slot and
// star says what it is.
type item struct {
	choices  [][]string // normal forms of the words of each choice
	optional bool
	slot     string
	rest     bool // the slot takes one word or more
	star     bool
}

// phrase is a pattern of words.
type phrase []item

const maxItems = 24

var slotName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,30}$`)

// parsePhrase reads a pattern of words.
func parsePhrase(src string) (phrase, error) {
	var p phrase
	for rest := src; rest != ""; {
		it, n, err := parseItem(rest)
		if err != nil {
			return nil, err
		}
		rest = rest[n:]
		if it != nil {
			p = append(p, *it)
		}
	}
	return p, p.check()
}

// parseItem reads the item src begins with and returns its length in bytes. The
// item is nil when src begins with something that does not count.
func parseItem(src string) (*item, int, error) {
	switch src[0] {
	case '*':
		return &item{star: true}, 1, nil
	case '{', '(', '[':
		closing := map[byte]string{'{': "}", '(': ")", '[': "]"}[src[0]]
		body, _, found := strings.Cut(src[1:], closing)
		if !found {
			return nil, 0, fmt.Errorf("%q is never closed with %q", src[:1], closing)
		}
		n := len(body) + 2
		if src[0] == '{' {
			it := item{slot: strings.TrimSuffix(body, "..."), rest: strings.HasSuffix(body, "...")}
			if !slotName.MatchString(it.slot) {
				return nil, 0, fmt.Errorf("%q is not a slot: write {name} or {name...} in lower case", src[:n])
			}
			return &it, n, nil
		}
		it, err := parseChoices(body)
		it.optional = src[0] == '['
		return &it, n, err
	case '}', ')', ']':
		return nil, 0, fmt.Errorf("%q closes nothing", src[:1])
	}
	n := strings.IndexAny(src, "*{}()[]")
	if n < 0 {
		n = len(src)
	}
	words := splitWords(src[:n])
	if len(words) == 0 {
		return nil, n, nil
	}
	return &item{choices: [][]string{norms(words)}}, n, nil
}

func parseChoices(body string) (item, error) {
	var it item
	for choice := range strings.SplitSeq(body, "|") {
		if strings.ContainsAny(choice, "*{}()[]") {
			return item{}, fmt.Errorf("%q may hold words only", body)
		}
		words := splitWords(choice)
		if len(words) == 0 {
			return item{}, fmt.Errorf("%q has an empty choice", body)
		}
		it.choices = append(it.choices, norms(words))
	}
	return it, nil
}

func norms(words []word) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = w.norm
	}
	return out
}

// check refuses what cannot be meant.
func (p phrase) check() error {
	if len(p) == 0 {
		return errors.New("the pattern has no words")
	}
	if len(p) > maxItems {
		return fmt.Errorf("the pattern has more than %d items", maxItems)
	}
	var seen []string
	for i, it := range p {
		if it.star && i > 0 && i < len(p)-1 {
			return errors.New("* may stand only first or last")
		}
		if i > 0 && (it.star || it.rest) && (p[i-1].star || p[i-1].rest) {
			return errors.New("* and {name...} need words between them")
		}
		if it.slot == "" {
			continue
		}
		if slices.Contains(seen, it.slot) {
			return fmt.Errorf("the slot {%s} appears twice", it.slot)
		}
		seen = append(seen, it.slot)
	}
	return nil
}

func (p phrase) slots() []string {
	var names []string
	for _, it := range p {
		if it.slot != "" {
			names = append(names, it.slot)
		}
	}
	return names
}

// score is 0 for a pattern that asks for no word, and half for one with a *,
// which has not looked at all of the question.
func (p phrase) score() float64 {
	switch {
	case !slices.ContainsFunc(p, func(it item) bool { return len(it.choices) > 0 && !it.optional }):
		return 0
	case p[0].star || p[len(p)-1].star:
		return 0.5
	}
	return 1
}

func (p phrase) fixed() bool {
	return !slices.ContainsFunc(p, func(it item) bool { return it.star || it.slot != "" })
}

func (p phrase) match(q question) (map[string]string, bool) {
	m := matcher{items: p, words: q.words, failed: map[[2]int]bool{}, spent: map[int]int{}, found: map[string][2]int{}}
	if q.long || !m.from(0, 0) {
		return nil, false
	}
	slots := make(map[string]string, len(m.found))
	for _, it := range p {
		if it.slot == "" {
			continue
		}
		span := m.found[it.slot]
		if it.rest {
			slots[it.slot] = q.passage(span[0], span[1])
		} else {
			slots[it.slot] = q.text[q.words[span[0]].start:q.words[span[1]-1].end]
		}
	}
	return slots, true
}

// passage returns words from to to as they were written, with the punctuation
// around them unless it parts them from the words of the pattern.
func (q question) passage(from, to int) string {
	text := q.text
	if to < len(q.words) {
		text = strings.TrimRight(text[:q.words[to].start], separators+" \t\r\n")
	}
	if from == 0 {
		return strings.TrimSpace(text)
	}
	return trimLead(text[q.words[from-1].end:])
}

// matcher walks a phrase over the words of a question. What failed once is not
// tried again, so the work is bounded by items times words.
type matcher struct {
	items  phrase
	words  []word
	failed map[[2]int]bool   // item and word
	spent  map[int]int       // item: the first end of a span that need not be tried
	found  map[string][2]int // words of each slot: from, to
}

// from reports whether the items from i on match all the words from w on.
func (m *matcher) from(i, w int) bool {
	if i == len(m.items) {
		return w == len(m.words)
	}
	it := m.items[i]
	if it.star || it.rest {
		return m.span(i, w)
	}
	if m.failed[[2]int{i, w}] {
		return false
	}
	try := m.choice
	if it.slot != "" {
		try = m.one
	}
	ok := try(i, w)
	if !ok && i > 0 { // the first item is tried once anyway
		m.failed[[2]int{i, w}] = true
	}
	return ok
}

// span matches a * or {name...}, the shortest way first. Whether an end fits
// does not depend on the start, so no end is tried for two starts.
func (m *matcher) span(i, w int) bool {
	it := m.items[i]
	if it.star && i == len(m.items)-1 {
		return true
	}
	first := w
	if it.rest {
		first++
	}
	spent, ok := m.spent[i]
	if !ok {
		spent = len(m.words) + 1
	}
	for to := first; to < spent; to++ {
		if m.from(i+1, to) {
			m.found[it.slot] = [2]int{w, to}
			return true
		}
	}
	m.spent[i] = min(first, spent)
	return false
}

// one matches {name}: the words up to the next white space.
func (m *matcher) one(i, w int) bool {
	to := w
	for to < len(m.words) && m.words[to].chunk == m.words[w].chunk {
		to++
	}
	if to == w || !m.from(i+1, to) {
		return false
	}
	m.found[m.items[i].slot] = [2]int{w, to}
	return true
}

// choice matches one of the choices, or nothing when the item is optional.
func (m *matcher) choice(i, w int) bool {
	for _, c := range m.items[i].choices {
		if m.says(c, w) && m.from(i+1, w+len(c)) {
			return true
		}
	}
	return m.items[i].optional && m.from(i+1, w)
}

// says reports whether the words from w on begin with choice.
func (m *matcher) says(choice []string, w int) bool {
	if w+len(choice) > len(m.words) {
		return false
	}
	for i, norm := range choice {
		if m.words[w+i].norm != norm {
			return false
		}
	}
	return true
}
