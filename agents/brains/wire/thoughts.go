package wire

import (
	"strings"
	"unicode"
)

// tags are what models put around their reasoning when they print it: the usual
// ones, and those of Magistral.
var tags = []struct{ open, shut string }{
	{"<think>", "</think>"},
	{"<thinking>", "</thinking>"},
	{"<thought>", "</thought>"},
	{"[THINK]", "[/THINK]"},
}

// maxLead bounds the blank space that is held back at the beginning, in bytes.
const maxLead = 1 << 10

// Thoughts takes a model's reasoning out of its text as it streams by, wherever
// the pieces are cut. A block that never ends holds the rest of the answer. A tag
// right behind a backtick is a word about tags and stays. The zero value is ready.
type Thoughts struct {
	held string // of the text: may be the beginning of a tag
	shut string // the tag that ends the present block; empty: outside
	lead string // blank space before anything was said
	trim bool   // a block came before anything was said, so the lead goes
	said bool
	last byte // of the text handed on
}

// Strip takes the next piece and returns what can be shown by now.
func (t *Thoughts) Strip(piece string) string {
	var out strings.Builder
	rest := t.held + piece
	t.held = ""
	for rest != "" {
		if t.shut != "" {
			_, after, ended := strings.Cut(rest, t.shut)
			if !ended {
				t.held = rest[len(rest)-overlap(rest, t.shut):]
				break
			}
			rest, t.shut, t.trim = after, "", t.trim || !t.said
			continue
		}
		at, length, shut := t.find(rest)
		if length == 0 {
			keep := 0
			for _, tag := range tags {
				keep = max(keep, overlap(rest, tag.open), overlap(rest, tag.shut))
			}
			t.held = rest[len(rest)-keep:]
			out.WriteString(t.say(rest[:len(rest)-keep]))
			break
		}
		out.WriteString(t.say(rest[:at]))
		rest, t.shut = rest[at+length:], shut
	}
	return out.String()
}

// Rest returns what was held back when the answer has ended.
func (t *Thoughts) Rest() string {
	held := t.held
	t.held = ""
	if t.shut != "" {
		return ""
	}
	said := t.say(held)
	if !t.said && !t.trim {
		return t.lead
	}
	return said
}

// find returns place and length of the first tag in s; length 0: there is none.
// shut is what ends the block it opens; a closing tag without a block opens none.
func (t *Thoughts) find(s string) (at, length int, shut string) {
	at = len(s)
	for _, tag := range tags {
		if i := t.index(s, tag.open); i >= 0 && i < at {
			at, length, shut = i, len(tag.open), tag.shut
		}
		if i := t.index(s, tag.shut); i >= 0 && i < at {
			at, length, shut = i, len(tag.shut), ""
		}
	}
	return at, length, shut
}

// index finds a tag that is not quoted.
func (t *Thoughts) index(s, tag string) int {
	for from := 0; ; {
		i := strings.Index(s[from:], tag)
		if i < 0 {
			return -1
		}
		i += from
		before := t.last
		if i > 0 {
			before = s[i-1]
		}
		if before != '`' {
			return i
		}
		from = i + len(tag)
	}
}

// say hands text on. Blank space at the beginning waits for what follows: around a
// first block it goes.
func (t *Thoughts) say(s string) string {
	if !t.said {
		s = t.lead + s
		if strings.TrimSpace(s) == "" && len(s) <= maxLead {
			t.lead = s
			return ""
		}
		if t.trim {
			s = strings.TrimLeftFunc(s, unicode.IsSpace)
		}
		t.said = true
	}
	if s != "" {
		t.last = s[len(s)-1]
	}
	return s
}

// overlap returns the length of the longest end of s that begins tag, the whole
// tag not counted.
func overlap(s, tag string) int {
	for n := min(len(s), len(tag)-1); n > 0; n-- {
		if strings.HasSuffix(s, tag[:n]) {
			return n
		}
	}
	return 0
}
