package wire

import (
	"cmp"
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// maxQuote is how much of a provider's own words is repeated, in code points.
const maxQuote = 200

// masked matches a word with a run of stars: the way providers show a part of a
// key.
var masked = regexp.MustCompile(`\S*\*{3,}\S*`)

// plainCode matches what may be kept as a code.
var plainCode = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`) })

// describe finds code and message in the many shapes of an error body. A text
// that is no JSON is its own message, a web page has none.
func describe(body []byte) (code, words string) {
	var v any
	if json.Unmarshal(body, &v) == nil {
		return dig(v)
	}
	if s := strings.TrimSpace(string(body)); !strings.HasPrefix(s, "<") {
		return "", s
	}
	return "", ""
}

func dig(v any) (code, words string) {
	switch v := v.(type) {
	case string:
		return "", v
	case []any:
		if len(v) > 0 {
			return dig(v[0])
		}
	case map[string]any:
		for _, key := range []string{"error", "message", "msg", "detail"} {
			inner, w := dig(v[key])
			if w == "" && inner == "" {
				continue
			}
			return cmp.Or(inner, scalar(v["code"]), scalar(v["type"])), w
		}
		return cmp.Or(scalar(v["code"]), scalar(v["type"])), ""
	}
	return "", ""
}

// scalar spells a code, which is a text or a number.
func scalar(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// clean returns err, without the key if its text holds it.
func (c *Client) clean(err error) error {
	text := err.Error()
	if safe := c.scrub(text); safe != text {
		return errors.New(safe)
	}
	return err
}

// quote prepares a provider's words for a sentence: one line, no key, short.
func (c *Client) quote(words string) string {
	words = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, words)
	words = c.scrub(OneLine(words))
	if r := []rune(words); len(r) > maxQuote {
		words = string(r[:maxQuote-1]) + "…"
	}
	return words
}

// scrub removes the key, and words that look like a part of it: providers mask
// the middle or cut the end off.
func (c *Client) scrub(s string) string {
	key := c.Options.APIKey
	if key == "" {
		return s
	}
	s = strings.ReplaceAll(s, key, "[key]")
	s = masked.ReplaceAllString(s, "[key]")
	if len(key) < 12 {
		return s
	}
	words := strings.Split(s, " ")
	for i, w := range words {
		if strings.Contains(w, key[:8]) {
			words[i] = "[key]"
		}
	}
	return strings.Join(words, " ")
}
