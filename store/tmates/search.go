package tmates

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of a search, whatever is typed.
const (
	maxTerms    = 16
	leastPrefix = 2 // code points of a last word that also finds longer ones
)

// Term is what must occur: a word, or words in a row. With Prefix the last of them
// may be the beginning of a longer one.
type Term struct {
	Text   string // as it was typed, with single blanks and without signs; never empty
	Prefix bool
	words  []string // lower case, without accents
}

// Query is what somebody searches for. Every term must occur.
type Query struct{ Terms []Term }

// ParseQuery reads what somebody typed: words, and phrases in quotes. The last word
// also finds longer ones, because it may not be typed to its end. Signs only set
// words apart, so that nothing is an error; text without a word finds nothing.
func ParseQuery(text string) (q Query) {
	text = strings.Map(func(r rune) rune {
		if strings.ContainsRune("“”„«»", r) {
			return '"'
		}
		return r
	}, strings.ToValidUTF8(text, " "))
	parts := strings.Split(text, `"`)
	for i, part := range parts {
		if quoted := i%2 == 1; quoted {
			q.add(part)
			continue
		}
		for field := range strings.FieldsSeq(part) {
			q.add(field)
		}
	}
	last := parts[len(parts)-1] // empty behind a phrase that is closed
	if n := len(q.Terms); n > 0 && strings.TrimSpace(last) != "" {
		t := &q.Terms[n-1]
		w := t.words[len(t.words)-1]
		t.Prefix = utf8.RuneCountInString(w) >= leastPrefix && !IsAlone(w)
	}
	return q
}

// add adds a term unless it has no word or is there already.
func (q *Query) add(text string) {
	var t Term
	for w := range wordsOf(text) {
		if len(t.words) < maxTerms {
			t.Text += " " + text[w.start:w.end]
			t.words = append(t.words, w.folded)
		}
	}
	t.Text = strings.TrimPrefix(t.Text, " ")
	same := func(other Term) bool { return slices.Equal(t.words, other.words) }
	if len(t.words) > 0 && len(q.Terms) < maxTerms && !slices.ContainsFunc(q.Terms, same) {
		q.Terms = append(q.Terms, t)
	}
}

// InARow returns the query that finds its words only in a row; ok is false when
// it is that already.
func (q Query) InARow() (row Query, ok bool) {
	if len(q.Terms) < 2 {
		return q, false
	}
	var t Term
	for _, term := range q.Terms {
		t.Text += " " + term.Text
		t.words, t.Prefix = append(t.words, term.words...), term.Prefix
	}
	t.Text = strings.TrimPrefix(t.Text, " ")
	return Query{[]Term{t}}, true
}

// Names returns the query that finds a name: the beginning of each word is enough.
func (q Query) Names() Query {
	named := Query{slices.Clone(q.Terms)}
	for i := range named.Terms {
		named.Terms[i].Prefix = true
	}
	return named
}

// Segment is a piece of a text, one that was searched for if Match is set.
type Segment struct {
	Text  string
	Match bool
}

// hit is where a term occurs.
type hit struct{ start, end, term int }

// Bounds of looking at a text that was found.
const (
	maxHits    = 1000
	maxScanned = 256 << 10 // bytes
	window     = 200       // bytes of what is shown, about
	lead       = 60        // bytes of it before what was searched for, at most
)

// hits returns where the terms occur, in order, and whether all of them do.
func (q Query) hits(text string) (found []hit, all bool) {
	if len(q.Terms) == 0 {
		return nil, false
	}
	longest := 0
	for _, t := range q.Terms {
		longest = max(longest, len(t.words))
	}
	var last []word // the newest so many words
	seen := make([]bool, len(q.Terms))
	missing := len(q.Terms)
	for w := range wordsOf(text[:min(len(text), maxScanned)]) {
		if len(last) == longest {
			last = append(last[:0], last[1:]...)
		}
		last = append(last, w)
		for i, t := range q.Terms {
			if !t.ends(last) {
				continue
			}
			if !seen[i] {
				seen[i] = true
				missing--
			}
			if len(found) < maxHits {
				found = append(found, hit{last[len(last)-len(t.words)].start, w.end, i})
			}
		}
		if len(found) == maxHits && missing == 0 {
			break
		}
	}
	return found, missing == 0
}

// ends reports whether words end with the term.
func (t Term) ends(words []word) bool {
	n := len(t.words)
	if n > len(words) {
		return false
	}
	for i, w := range words[len(words)-n:] {
		if w.folded != t.words[i] && (i < n-1 || !t.Prefix || !strings.HasPrefix(w.folded, t.words[i])) {
			return false
		}
	}
	return true
}

// In reports whether every term occurs in the first 256 KiB of a text.
func (q Query) In(text string) bool {
	_, all := q.hits(text)
	return all
}

// Mark returns a short text whole, with what was searched for.
func (q Query) Mark(text string) []Segment {
	found, _ := q.hits(text)
	return segments(text, 0, len(text), found)
}

// Snippet returns the part of a text in which most of the terms occur, on one
// line, with what was searched for; the beginning when none of them does.
func (q Query) Snippet(text string) []Segment {
	found, _ := q.hits(text)
	from, to := 0, min(window, len(text))
	if best := densest(found); len(best) > 0 {
		from = max(best[0].start-lead, 0)
		to = min(max(from+window, best[len(best)-1].end), from+2*window, len(text))
	}
	from, to = whole(text, from, to)
	return segments(text, from, to, found)
}

// densest returns the hits that stand within a window and are of most terms.
func densest(found []hit) (best []hit) {
	most, first := 0, 0
	count := map[int]int{}
	for i, h := range found {
		count[h.term]++
		for h.end-found[first].start > window-lead && first < i {
			if count[found[first].term]--; count[found[first].term] == 0 {
				delete(count, found[first].term)
			}
			first++
		}
		if len(count) > most {
			most, best = len(count), found[first:i+1]
		}
	}
	return best
}

// whole widens a part of a text to the words it begins and ends in, within
// reason: a word may be very long.
func whole(text string, from, to int) (int, int) {
	const reason = 24
	blank := func(at int) bool {
		return at == 0 || at == len(text) || text[at] == ' ' || text[at] == '\n' || text[at-1] == ' ' || text[at-1] == '\n'
	}
	for n := 0; n < reason && !blank(from); n++ {
		from--
	}
	for n := 0; n < reason && !blank(to); n++ {
		to++
	}
	for from > 0 && !utf8.RuneStart(text[from]) {
		from--
	}
	for to < len(text) && !utf8.RuneStart(text[to]) {
		to++
	}
	return from, to
}

// segments cuts a part of a text where hits begin and end.
func segments(text string, from, to int, found []hit) (all []Segment) {
	if from > 0 {
		all = append(all, Segment{Text: "…"})
	}
	add := func(start, end int, match bool) {
		piece := oneLine(text[start:end])
		if piece == "" {
			return
		}
		if n := len(all); n > 0 && all[n-1].Match == match {
			all[n-1].Text += piece
			return
		}
		all = append(all, Segment{piece, match})
	}
	at := from
	for _, h := range found {
		if h.end <= at || h.start >= to {
			continue
		}
		start, end := max(h.start, at), min(h.end, to)
		add(at, start, false)
		add(start, end, true)
		at = end
	}
	add(at, to, false)
	if to < len(text) {
		all = append(all, Segment{Text: "…"})
	}
	return all
}

// oneLine makes one blank of each run of white space and control characters.
func oneLine(text string) string {
	var b strings.Builder
	blank := false
	for _, r := range text {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			if !blank {
				b.WriteByte(' ')
			}
			blank = true
			continue
		}
		blank = false
		b.WriteRune(r)
	}
	return b.String()
}
