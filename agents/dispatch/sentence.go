package dispatch

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxRead bounds what is read of a text, in bytes: whoever writes a book says at
// its beginning for whom.
const maxRead = 8 << 10

// token is one word of a text.
type token struct {
	word   string // folded
	upper  bool   // begins with a capital
	before string // what stands between the word before and this one
	quoted bool   // somebody else's words
}

// sentence is a text as words.
type sentence struct {
	text   string
	tokens []token
	tail   string // after the last word
}

// read splits a text into words.
func read(text string) sentence {
	if len(text) > maxRead {
		text = strings.ToValidUTF8(text[:maxRead], "")
	}
	text = norm.NFC.String(text)
	s := sentence{text: text}
	quoted := quotes(text)
	from := 0 // where the separator begins
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			i += size
			continue
		}
		end := i + size
		for end < len(text) {
			r, size := utf8.DecodeRuneInString(text[end:])
			if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r) {
				break
			}
			end += size
		}
		s.tokens = append(s.tokens, token{
			word: fold(text[i:end]), upper: unicode.IsUpper(r), before: text[from:i],
			quoted: slices.ContainsFunc(quoted, func(q span) bool { return q.from <= i && i < q.to }),
		})
		i, from = end, end
	}
	s.tail = text[from:]
	return s
}

// after returns what stands behind the i-th word.
func (s sentence) after(i int) string {
	if i+1 < len(s.tokens) {
		return s.tokens[i+1].before
	}
	return s.tail
}

// word returns the i-th word; "" when there is none.
func (s sentence) word(i int) string {
	if i < 0 || i >= len(s.tokens) {
		return ""
	}
	return s.tokens[i].word
}

// starts reports whether the i-th word begins a sentence.
func (s sentence) starts(i int) bool {
	return i == 0 || strings.ContainsAny(s.tokens[i].before, ".!?…\n;:")
}

// index finds a run of words from a place on; -1 when there is none.
func (s sentence) index(run []string, from int) int {
	if len(run) == 0 {
		return -1
	}
	for i := from; i+len(run) <= len(s.tokens); i++ {
		found := true
		for k, w := range run {
			if s.tokens[i+k].word != w {
				found = false
				break
			}
		}
		if found {
			return i
		}
	}
	return -1
}

// special letters that no decomposition takes apart.
var special = strings.NewReplacer("ß", "ss", "ø", "o", "ł", "l", "đ", "d", "æ", "ae", "œ", "oe", "ı", "i", "þ", "th", "ð", "d")

// fold makes words comparable that people write with and without marks: "Zoë"
// and "zoe".
func fold(word string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(word)) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(r)
		}
	}
	return special.Replace(b.String())
}

// umlauts are also written without the key for them.
var umlauts = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue", "å", "aa", "Å", "Aa")

// runs returns the ways a name is written, as words.
func runs(name string) (all [][]string) {
	name = norm.NFC.String(name)
	for _, spelling := range []string{name, umlauts.Replace(name)} {
		var run []string
		for _, t := range read(spelling).tokens {
			run = append(run, t.word)
		}
		if len(run) > 0 && !slices.ContainsFunc(all, func(r []string) bool { return slices.Equal(r, run) }) {
			all = append(all, run)
		}
	}
	return all
}

// span is a part of a text, in bytes; to is excluded.
type span struct{ from, to int }

// closing are the marks that end a quotation, by the one that begins it.
var closing = map[rune]string{'"': `"`, '“': `”`, '„': `“”`, '«': `»`, '»': `«`, '`': "`"}

// quotes finds what a text quotes: between quotation marks or backticks, and
// lines that begin with ">". What is opened and never closed is no quotation.
func quotes(text string) (all []span) {
	at := 0
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), ">") {
			all = append(all, span{at, at + len(line)})
		}
		at += len(line)
	}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		open := text[i : i+size]
		if strings.HasPrefix(text[i:], "```") {
			open = "```"
		}
		i += len(open)
		marks, ok := closing[r]
		if !ok {
			continue
		}
		var end int
		width := len(open)
		if open == "```" {
			end = strings.Index(text[i:], open)
		} else if end = strings.IndexAny(text[i:], marks); end >= 0 {
			_, width = utf8.DecodeRuneInString(text[i+end:])
		}
		if end < 0 {
			continue
		}
		all = append(all, span{i, i + end})
		i += end + width
	}
	return all
}
