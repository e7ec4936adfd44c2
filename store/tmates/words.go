package tmates

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// word is one word of a text, with its place there in bytes.
type word struct {
	start, end int
	folded     string // lower case, without accents
}

// wordsOf yields the words of a text: runs of letters and digits, and each letter
// by itself in a script that sets no blanks. It finds the words that the index of
// the database finds.
func wordsOf(text string) iter.Seq[word] {
	return func(yield func(word) bool) {
		start, plain := -1, true
		for i, r := range text {
			switch {
			case alone(r):
				if start >= 0 && !yield(wordAt(text, start, i, plain)) || !yield(wordAt(text, i, i+utf8.RuneLen(r), false)) {
					return
				}
				start, plain = -1, true
			case inWord(r) || start >= 0 && isAccent(r):
				if start < 0 {
					start = i
				}
				plain = plain && r < utf8.RuneSelf
			case start >= 0:
				if !yield(wordAt(text, start, i, plain)) {
					return
				}
				start, plain = -1, true
			}
		}
		if start >= 0 {
			yield(wordAt(text, start, len(text), plain))
		}
	}
}

func wordAt(text string, start, end int, plain bool) word {
	folded := strings.ToLower(text[start:end])
	if !plain {
		folded = norm.NFC.String(strings.Map(func(r rune) rune { // Korean syllables become whole again
			if isAccent(r) {
				return -1
			}
			return r
		}, norm.NFD.String(folded)))
	}
	return word{start, end, folded}
}

// inWord reports whether a character is part of a word.
func inWord(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
	}
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.Co, r))
}

// isAccent reports whether a character is a mark on the letter before it.
func isAccent(r rune) bool { return r >= 0x0300 && r <= 0x0331 }

// alone reports whether a letter is of a script that sets no blanks between
// words. Each is indexed by itself, so that any part of a text is found.
func alone(r rune) bool {
	return r >= 0x0e00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// IsAlone reports whether a text has letters of such a script.
func IsAlone(text string) bool { return strings.ContainsFunc(text, alone) }

// Spaced writes a text as an index of words needs it, so that it finds the words
// that [Query] finds: letters of scripts without blanks set apart, and a blank for
// each sign beyond ASCII. An index takes some of those for words: its tables are
// older than they are.
func Spaced(text string) string {
	beyond := func(r rune) bool { return r >= utf8.RuneSelf }
	first := strings.IndexFunc(text, beyond)
	if first < 0 {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	b.WriteString(text[:first])
	for _, r := range text[first:] {
		switch {
		case alone(r):
			b.WriteByte(' ')
			b.WriteRune(r)
			b.WriteByte(' ')
		case !beyond(r) || inWord(r) || isAccent(r):
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}
