package dispatch

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tmates/tmates/agents"
)

// level is how clearly a name is an address.
type level uint8

const (
	named    level = iota + 1 // it stands in the text
	asked                     // "ask Nora to", or first word without a comma
	vocative                  // "Nora, …", "thanks Nora", "…, Nora?"
	at                        // "@nora"
)

// call is a tmate whom a text addresses.
type call struct {
	tmate *agents.Tmate
	level level
	place int // of the name among the words
}

func (c call) reason() string {
	switch c.level {
	case at:
		return "addressed as @" + c.tmate.Key
	case asked:
		return "asked for by name"
	}
	return "addressed by name"
}

// occurrence is a name in a text.
type occurrence struct {
	place, end int // words; end is the last one
	key        bool
}

// occurrences finds where a tmate is called by key, name or alias. Words inside
// a longer one, quotations and addresses of mail are not meant.
func (s sentence) occurrences(tm *agents.Tmate) (all []occurrence) {
	for i, name := range profileOf(tm).names {
		for _, run := range name.runs {
			for from := 0; ; {
				p := s.index(run, from)
				if p < 0 {
					break
				}
				from = p + 1
				if end := p + len(run) - 1; !s.tokens[p].quoted && !s.glued(p, end) {
					all = append(all, occurrence{p, end, i == 0})
				}
			}
		}
	}
	slices.SortFunc(all, func(a, b occurrence) int { return a.place - b.place })
	return all
}

// glued reports whether a name is only part of what stands there: "nora-old",
// "nora_2", "me@nora", "@nora.org".
func (s sentence) glued(p, end int) bool {
	before, after := s.tokens[p].before, s.after(end)
	if p > 0 && slices.Contains([]string{"-", "_", "@"}, before) {
		return true
	}
	if end+1 >= len(s.tokens) {
		return false
	}
	return slices.Contains([]string{"-", "_", "@"}, after) || after == "." && strings.HasSuffix(before, "@")
}

// calls returns whom the text addresses: the clearest first, of equals the one
// who stands first.
func (s sentence) calls(roster []*agents.Tmate) (all []call) {
	var found []call
	ends := map[call]int{}
	for _, tm := range roster {
		for _, o := range s.occurrences(tm) {
			c := call{tm, s.level(o), o.place}
			found = append(found, c)
			ends[c] = o.end
		}
	}
	slices.SortStableFunc(found, func(a, b call) int { return a.place - b.place })
	levels := map[int]level{} // by the last word of the name
	for i, c := range found { // "Nora, Mia and Adam: hello"
		found[i].level = max(c.level, levels[s.joinedTo(c.place)])
		levels[ends[c]] = max(levels[ends[c]], found[i].level)
	}
	slices.SortStableFunc(found, func(a, b call) int {
		if a.level != b.level {
			return int(b.level) - int(a.level)
		}
		return a.place - b.place
	})
	for _, c := range found {
		if c.level >= asked && !slices.ContainsFunc(all, func(o call) bool { return o.tmate == c.tmate }) {
			all = append(all, c)
		}
	}
	return all
}

// joinedTo returns the word before the one at p in a list of names, as in "Nora,
// Mia and Adam"; -1 when p goes on with no list.
func (s sentence) joinedTo(p int) int {
	switch {
	case p >= 2 && ands[s.word(p-1)]:
		return p - 2
	case p >= 1 && slices.Contains([]string{",", "&", "/", "+"}, strings.TrimSpace(s.tokens[p].before)):
		return p - 1
	}
	return -1
}

// level judges one occurrence.
func (s sentence) level(o occurrence) level {
	before, after := s.tokens[o.place].before, s.after(o.end)
	plain := ordinary[s.word(o.place)] && o.place == o.end // also a word of the language
	capital := s.tokens[o.place].upper
	first, ends := s.starts(o.place), o.end == len(s.tokens)-1
	pause := ends || strings.ContainsAny(after, ",:!?;…–—\n") || strings.Contains(after, " - ")
	previous := s.word(o.place - 1)
	spoken := strings.TrimFunc(before, unicode.IsSpace) == ""
	switch {
	case strings.HasSuffix(before, "@"):
		return at
	case s.possessive(o):
		return named
	case first && pause && (!plain || capital || strings.ContainsAny(after, ",:")):
		return vocative
	case plain && !capital:
		return 0
	case pause && strings.Contains(before, ","):
		return vocative
	case greetings[previous] && (spoken || strings.TrimSpace(before) == ","):
		return vocative
	case ends && len(s.tokens) <= 3:
		return vocative // "and Nora?", "over to Nora"
	case spoken && asks[previous] && (s.starts(o.place-1) || greetings[s.word(o.place-2)]):
		return asked
	case first && !plain && !reports[s.word(o.end+1)]:
		return asked
	case first && plain:
		return 0
	}
	return named
}

// possessive reports whether something of the tmate is named: "Nora's list".
func (s sentence) possessive(o occurrence) bool {
	after := s.after(o.end)
	if after == "" {
		return false
	}
	r, _ := utf8.DecodeRuneInString(after)
	return (r == '\'' || r == '’') && (s.word(o.end+1) == "s" || len(after) > 1)
}

// mentions weighs a name that is no address.
func (s sentence) mentions(tm *agents.Tmate) (weight float64, how How, reason string) {
	for _, o := range s.occurrences(tm) {
		if s.level(o) != named {
			continue
		}
		w := mentioned
		if s.possessive(o) {
			w = possessed
		}
		weight = max(weight, w)
	}
	return weight, ByAddress, "mentioned by name"
}

// Called returns whom a tmate's reply hands over to: the first other tmate of
// the roster that it names as @key. A name without the @ is only talked about,
// and so is what stands in quotation marks, in code or in a quoted line.
func Called(reply string, self *agents.Tmate, roster []*agents.Tmate) *agents.Tmate {
	s := read(reply)
	var found *agents.Tmate
	place := len(s.tokens)
	for _, tm := range roster {
		if tm.Key == self.Key {
			continue
		}
		for _, o := range s.occurrences(tm) {
			if o.key && o.place < place && strings.HasSuffix(s.tokens[o.place].before, "@") {
				found, place = tm, o.place
			}
		}
	}
	return found
}
