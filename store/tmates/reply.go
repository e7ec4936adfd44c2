package tmates

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// What a reply says when its text was nothing but links to its attachments.
const (
	oneAttached     = "One file is attached."
	severalAttached = "Several files are attached."
)

var (
	blankRuns = regexp.MustCompile(`[ \t]+`)
	linkEnd   = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(?:[ \t]+(?:"[^"\n]{0,200}"|'[^'\n]{0,200}'))?[ \t]*\)`)
	})

	// callsToAction end a reply that points to its attachments. Longer ones
	// come before those they end with.
	callsToAction = []string{"view attachments", "view attachment", "download here", "download", "view"}
)

// CleanReply takes out of a reply what only repeats its attachments: their
// links, the Markdown links that would be left empty, and one trailing
// "download here". Without text or attachments the text comes back as it is.
//
// Only whole words go, and only links that are absolute or look like a
// download: a uri such as "u" is never cut out of a word (Q-C20). The work is
// linear in the text for each link.
func CleanReply(text string, attachments []Attachment) string {
	if text == "" || len(attachments) == 0 {
		return text
	}
	for _, link := range linksOf(attachments) {
		text = cutLink(text, link)
	}
	text = strings.TrimSpace(blankRuns.ReplaceAllString(text, " "))
	text = cutCallToAction(text)
	if bare(text) || bare(cutCallToAction(text)) {
		if len(attachments) == 1 {
			return oneAttached
		}
		return severalAttached
	}
	return text
}

// bare reports whether nothing but punctuation is left of a text.
func bare(text string) bool { return strings.Trim(text, " \t\r\n.,:;!?-*_`'\"()[]<>") == "" }

// linksOf returns every spelling of the attachments' addresses that may be cut
// from a text, longest first so that no link is cut in half.
func linksOf(attachments []Attachment) []string {
	var links []string
	for _, a := range attachments {
		for _, link := range []string{a.DownloadURL, a.URI} {
			if strings.Contains(link, "://") || strings.Contains(link, "/files/download/") {
				links = append(links, link)
			}
		}
		if a.RelativePath == "" {
			continue
		}
		for _, prefix := range []string{"/files/download/", downloadPrefix, "/api" + downloadPrefix} {
			links = append(links, prefix+a.RelativePath, prefix+EscapePath(a.RelativePath))
		}
	}
	slices.SortFunc(links, func(a, b string) int { return cmp.Or(len(b)-len(a), cmp.Compare(a, b)) })
	return slices.Compact(links)
}

// cutLink removes every occurrence of link that is a whole word, with what
// wraps it and the separator before it.
func cutLink(text, link string) string {
	if !strings.Contains(text, link) {
		return text
	}
	out := make([]byte, 0, len(text))
	for {
		at := strings.Index(text, link)
		if at < 0 {
			return string(append(out, text...))
		}
		out = append(out, text[:at]...)
		rest := text[at+len(link):]
		if continues(rest) || continued(out) {
			_, size := utf8.DecodeRuneInString(link)
			out = append(out, link[:size]...)
			text = text[at+size:]
			continue
		}
		out, text = cutWrapping(out, rest)
		out = trimSpaceRight(out)
		if n := len(out); n > 0 && (out[n-1] == ':' || out[n-1] == '-') {
			out = trimSpaceRight(out[:n-1])
		}
		if next, _ := utf8.DecodeRuneInString(text); text != "" && wordRune(next) {
			out = append(out, ' ') // "see (link)now" must not become one word
		}
	}
}

// continued reports whether a link that follows before is the tail of
// something longer.
func continued(before []byte) bool {
	r, _ := utf8.DecodeLastRune(before)
	return len(before) > 0 && (wordRune(r) || strings.ContainsRune(`/.%@~=&?#+\`, r))
}

// continues reports whether a link goes on with rest: then it is another link.
// Punctuation that may also end a sentence counts when a word follows it.
func continues(rest string) bool {
	r, size := utf8.DecodeRuneInString(rest)
	if rest == "" {
		return false
	}
	if wordRune(r) || strings.ContainsRune(`/%=&~+@#-\`, r) {
		return true
	}
	next, _ := utf8.DecodeRuneInString(rest[size:])
	return strings.ContainsRune("?.:,;!", r) && size < len(rest) && wordRune(next)
}

func wordRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// cutWrapping removes what would be left empty around a link: brackets, quotes
// and marks, and the label of a Markdown link or picture.
func cutWrapping(before []byte, rest string) ([]byte, string) {
	for len(before) > 0 {
		last := len(before) - 1
		if before[last] == '(' && last > 0 && before[last-1] == ']' {
			end := linkEnd().FindString(rest)
			open := labelStart(before[:last])
			if end == "" || open < 0 {
				return before, rest
			}
			return before[:open], rest[len(end):]
		}
		if rest == "" || !slices.Contains([]string{"()", "<>", "[]", `""`, "''", "``", "**"}, string(before[last])+rest[:1]) {
			return before, rest
		}
		before, rest = before[:last], rest[1:]
	}
	return before, rest
}

// maxLabel bounds how far back the start of a Markdown link is looked for, in
// bytes.
const maxLabel = 1000

// labelStart returns where the Markdown label that ends text starts, a
// picture's "!" included; -1 when there is none on the line.
func labelStart(text []byte) int {
	depth := 0
	for i := len(text) - 1; i >= max(0, len(text)-maxLabel) && text[i] != '\n'; i-- {
		switch text[i] {
		case ']':
			depth++
		case '[':
			depth--
		}
		if depth == 0 {
			if i > 0 && text[i-1] == '!' {
				return i - 1
			}
			return i
		}
	}
	return -1
}

func trimSpaceRight(b []byte) []byte {
	for len(b) > 0 {
		r, size := utf8.DecodeLastRune(b)
		if !unicode.IsSpace(r) {
			break
		}
		b = b[:len(b)-size]
	}
	return b
}

// cutCallToAction removes one call to action from the end of a text, with the
// separator before it. A phrase that is the tail of a word or of a link is
// none.
func cutCallToAction(text string) string {
	body := strings.TrimSuffix(text, ".")
	for _, phrase := range callsToAction {
		at := len(body) - len(phrase)
		if at < 0 || !strings.EqualFold(body[at:], phrase) {
			continue
		}
		before := body[:at]
		head := strings.TrimRightFunc(before, unicode.IsSpace)
		spaced := len(head) < len(before)
		switch {
		case strings.HasSuffix(head, ":"):
			return strings.TrimSpace(head[:len(head)-1])
		case strings.HasSuffix(head, "-"):
			dashed := strings.TrimSpace(head[:len(head)-1])
			if spaced || len(dashed) < len(head)-1 || dashed == "" { // else "re-download"
				return dashed
			}
		case spaced || head == "":
			return strings.TrimSpace(head)
		}
	}
	return text
}
