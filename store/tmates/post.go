package tmates

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Lengths of what a post shows in lists, from the contract.
const (
	MaxSlug      = 64  // bytes, all ASCII; a suffix comes on top
	ExcerptRunes = 280 // code points, the ellipsis included
)

// Slug makes the address of a post from its title: lower case, every run of
// other characters than a-z and 0-9 one "-", at most MaxSlug bytes. It never
// starts or ends with "-" and is never empty.
func Slug(title string) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(title) {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteByte('-')
			gap = false
		}
		b.WriteRune(r)
		if b.Len() > MaxSlug {
			break
		}
	}
	if b.Len() == 0 {
		return "post"
	}
	s := b.String()
	// The cut may leave a "-" at the end (Q-P5).
	return strings.TrimRight(s[:min(len(s), MaxSlug)], "-")
}

// SlugWithSuffix tells a post apart from another one whose slug is the same.
// The contract wants six random hex digits, so the result has at most
// MaxSlug + 7 bytes.
func SlugWithSuffix(slug, suffix string) string { return slug + "-" + suffix }

// Priority returns the priority that a word names; "normal" for any other
// word. Case and outer white space do not matter: tmates write "High" too.
func Priority(word string) string {
	word = strings.ToLower(strings.TrimSpace(word))
	if slices.Contains([]string{"low", "high", "urgent"}, word) {
		return word
	}
	return "normal"
}

// LinkKeys are the texts of a post's attachment or source with a meaning. What a
// link is called has several names, by client.
var LinkKeys = []string{"url", "label", "name", "title", "type"}

// NormalizeLinks cleans the attachments or sources of a post: of each entry the
// texts with a meaning stay, and entries without a url are dropped, because a
// link to nowhere helps nobody (Q-P3). The entries of the argument are not
// changed; the result is never nil.
func NormalizeLinks(links []map[string]any) []map[string]any {
	clean := []map[string]any{}
	for _, link := range links {
		if url, ok := link["url"].(string); !ok || strings.TrimSpace(url) == "" {
			continue
		}
		entry := make(map[string]any, len(LinkKeys))
		for _, key := range LinkKeys {
			if text, ok := link[key].(string); ok {
				entry[key] = text
			}
		}
		clean = append(clean, entry)
	}
	return clean
}

// Excerpt returns what lists show of a post: the given text, or when that is
// blank the Markdown source without its marks (Q-P6). White space is
// collapsed, and what is longer than ExcerptRunes ends after its last whole
// word that fits, with an ellipsis. A hyphen between letters ends a word, too;
// when not even the first word fits, only the ellipsis is left.
func Excerpt(given, markdown string) string {
	text := strings.Join(strings.Fields(given), " ")
	if text == "" {
		text = strings.Join(strings.Fields(plainText(markdown)), " ")
	}
	if utf8.RuneCountInString(text) <= ExcerptRunes {
		return text
	}
	r := []rune(text)
	end := 0
	for i := 1; i < ExcerptRunes; i++ {
		hyphen := i > 1 && r[i-1] == '-' && unicode.IsLetter(r[i-2]) && unicode.IsLetter(r[i])
		if r[i] == ' ' || hyphen {
			end = i
		}
	}
	return string(r[:end]) + "…"
}

var (
	linkMark  = regexp.MustCompile(`!?\[([^\[\]]*)\]\((?:[^()\s]|\([^()\s]*\))*(?:\s+(?:"[^"]*"|'[^']*'))?\)`)
	lineMarks = regexp.MustCompile(`^(?:\s|>|#{1,6}(?:\s|$)|[-*+]\s+(?:\[[ xX]\]\s)?)+`)
	headEnd   = regexp.MustCompile(`\s#+\s*$`)
)

// plainText takes the marks out of Markdown and keeps the words. It need not
// be exact: an excerpt is a glance, not a rendering.
func plainText(markdown string) string {
	var lines []string
	fence := ""
	for line := range strings.Lines(markdown) {
		trimmed := strings.TrimSpace(line)
		mark := trimmed[:min(3, len(trimmed))]
		switch {
		case fence != "" && mark == fence:
			fence = ""
		case fence != "":
			lines = append(lines, trimmed)
		case mark == "```" || mark == "~~~":
			fence = mark
		case strings.Trim(trimmed, "-=*_|: \t") == "":
			// A rule, an underlined heading or the head line of a table.
		default:
			lines = append(lines, plainLine(line))
		}
	}
	return strings.Join(lines, "\n")
}

func plainLine(line string) string {
	marks := lineMarks.FindString(line)
	line = line[len(marks):]
	if strings.Contains(marks, "#") {
		line = headEnd.ReplaceAllString(line, "")
	}
	if strings.HasPrefix(line, "|") {
		line = strings.ReplaceAll(line, "|", " ")
	}
	// Twice, for a picture inside a link.
	line = linkMark.ReplaceAllString(linkMark.ReplaceAllString(line, "$1"), "$1")
	return plainWords(line)
}

// plainWords takes the marks of emphasis and code out of a line. Runs that
// belong to the text stay: "2 * 3", "snake_case", "~5".
func plainWords(line string) string {
	r := []rune(line)
	var b strings.Builder
	code := false
	for i := 0; i < len(r); i++ {
		switch {
		case r[i] == '`':
			code = !code
		case code:
			b.WriteRune(r[i])
		case r[i] == '\\' && i+1 < len(r) && r[i+1] < utf8.RuneSelf && (unicode.IsPunct(r[i+1]) || unicode.IsSymbol(r[i+1])):
			i++
			b.WriteRune(r[i])
		case strings.ContainsRune("*_~", r[i]):
			end := i + 1
			for end < len(r) && r[end] == r[i] {
				end++
			}
			if !emphasis(r, i, end) {
				b.WriteString(string(r[i:end]))
			}
			i = end - 1
		default:
			b.WriteRune(r[i])
		}
	}
	return b.String()
}

// emphasis reports whether the run of equal marks r[start:end] formats text.
func emphasis(r []rune, start, end int) bool {
	before, after := ' ', ' '
	if start > 0 {
		before = r[start-1]
	}
	if end < len(r) {
		after = r[end]
	}
	if unicode.IsSpace(before) && unicode.IsSpace(after) {
		return false
	}
	switch r[start] {
	case '~':
		return end-start > 1
	case '_':
		return !wordRune(before) || !wordRune(after)
	}
	return !unicode.IsDigit(before) || !unicode.IsDigit(after)
}
