package openai

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tmates/tmates/agents"
)

const (
	// maxRetryAfter bounds the wait a provider may ask for. The queue has its own
	// schedule; this only keeps nonsense away from it.
	maxRetryAfter = 10 * time.Minute
	// maxQuote is how much of a provider's own words is repeated, in code points.
	maxQuote = 200
	// codeTooLong is OpenAI's code for a conversation that does not fit. Other
	// servers only say it in words, so we give their refusal this code.
	codeTooLong = "context_length_exceeded"
)

// masked matches a word with a run of stars: the way providers show a part of a
// key.
var masked = regexp.MustCompile(`\S*\*{3,}\S*`)

// plainCode matches what may be kept as a code.
var plainCode = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)

// explain turns whatever went wrong into the error Think promises.
func (x *exchange) explain(err error) error {
	if x.parent.Err() != nil {
		return fmt.Errorf("ask the model: %w", context.Cause(x.parent))
	}
	if _, ok := errors.AsType[*agents.ProviderError](err); ok {
		return err
	}
	out := &agents.ProviderError{Err: x.b.clean(err)}
	moved, isMoved := errors.AsType[*redirectError](err)
	frame, isFrame := errors.AsType[*frameError](err)
	switch {
	case isFrame:
		return x.b.reported(frame.raw)
	case isMoved:
		out.Fatal = true
		out.Msg = fmt.Sprintf("%s points to another address: set the base URL to where it leads", x.b.host)
		out.Err = moved
	case errors.Is(err, errWithheld):
		out.Fatal = true
		out.Msg = fmt.Sprintf("%s withheld the answer of its content filter", x.b.host)
	case errors.Is(err, errSpent):
		out.Fatal = true
		out.Msg = fmt.Sprintf("The model %q used up its output limit before it said anything: allow more output tokens", x.b.opt.Model)
	case errors.Is(err, errNoName) || errors.Is(err, errNoFinish):
		out.Msg = fmt.Sprintf("The answer of %s is not complete", x.b.host)
	case errors.Is(context.Cause(x.ctx), errSilent):
		out.Err = errSilent
		out.Msg = fmt.Sprintf("%s was silent for too long (%s)", x.b.host, x.watch.limit)
	case !x.sent:
		out.Fatal = true
		out.Msg = fmt.Sprintf("The model %q cannot be asked this way", x.b.opt.Model)
	case x.body == nil:
		out.Msg = x.b.host + " did not answer"
	default:
		out.Msg = fmt.Sprintf("The answer of %s broke off", x.b.host)
	}
	return out
}

// refusal classifies an answer that is not a success.
func (b *Brain) refusal(status int, h http.Header, body []byte) *agents.ProviderError {
	code, words := describe(body)
	e := b.classify(status, code, words)
	e.RetryAfter = retryAfter(h.Get("Retry-After"), b.opt.Now())
	return e
}

// reported classifies an error inside a stream. Gateways put the status of the
// server behind them into the code.
func (b *Brain) reported(raw []byte) *agents.ProviderError {
	code, words := describe(raw)
	status, err := strconv.Atoi(code)
	if err != nil || status < 400 || status > 599 {
		status = 0
	}
	return b.classify(status, code, words)
}

// unstreamed classifies a success that is no stream.
func (b *Brain) unstreamed(body []byte) *agents.ProviderError {
	var probe struct {
		Error json.RawMessage `json:"error"`
	}
	switch {
	case json.Unmarshal(body, &probe) == nil && present(probe.Error):
		return b.reported(probe.Error)
	case body[0] == '<':
		return &agents.ProviderError{Fatal: true, Msg: fmt.Sprintf("%s answered with a web page: check the base URL", b.host)}
	}
	return &agents.ProviderError{Fatal: true, Msg: fmt.Sprintf("%s does not stream its answers: check the base URL", b.host)}
}

// classify writes the sentence for the owner. It is the one place where a
// provider's words are looked at, because some servers give no code.
func (b *Brain) classify(status int, code, words string) *agents.ProviderError {
	e := &agents.ProviderError{Status: status}
	if plainCode.MatchString(code) && b.scrub(code) == code {
		e.Code = code
	}
	if tooLong(status, code, words) {
		e.Code, e.Fatal = codeTooLong, true
	}
	host, model := b.host, b.opt.Model
	switch {
	case e.Code == codeTooLong:
		e.Msg = fmt.Sprintf("The conversation is too long for the model %q", model)
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		e.Msg = host + " refused the key: check OPENAI_API_KEY"
		if b.opt.APIKey == "" {
			e.Msg = host + " wants a key: set OPENAI_API_KEY"
		}
		if status == http.StatusUnauthorized {
			return e // the provider's words repeat a part of the key
		}
	case status == http.StatusPaymentRequired || code == "insufficient_quota" || code == "billing_hard_limit_reached":
		e.Fatal = true
		e.Msg = fmt.Sprintf("The account at %s has no credit left", host)
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed:
		e.Msg = fmt.Sprintf("%s does not know the model %q, or the base URL is wrong", host, model)
	case status == http.StatusTooManyRequests:
		e.Msg = host + " limits how often it may be asked"
	case status == 0:
		e.Msg = host + " ended the answer with an error"
	case e.Temporary():
		e.Msg = fmt.Sprintf("%s has a problem of its own (status %d)", host, status)
	default:
		e.Msg = fmt.Sprintf("%s did not accept the request for the model %q (status %d)", host, model, status)
	}
	if said := b.quote(words); said != "" {
		e.Msg += `; it says "` + said + `"`
	}
	return e
}

// tooLong reports whether a refusal means that the conversation does not fit.
func tooLong(status int, code, words string) bool {
	if code == codeTooLong {
		return true
	}
	if status != http.StatusBadRequest && status != http.StatusRequestEntityTooLarge && status != 0 {
		return false
	}
	words = strings.ToLower(words)
	return strings.Contains(words, "context length") || strings.Contains(words, "context size") ||
		strings.Contains(words, "context window")
}

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

// retryAfter reads the header: seconds or a date.
func retryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	d, err := time.ParseDuration(value + "s")
	if err != nil {
		at, err := http.ParseTime(value)
		if err != nil {
			return 0
		}
		d = at.Sub(now)
	}
	return min(max(0, d), maxRetryAfter)
}

// clean returns err, without the key if its text holds it.
func (b *Brain) clean(err error) error {
	text := err.Error()
	if safe := b.scrub(text); safe != text {
		return errors.New(safe)
	}
	return err
}

// quote prepares a provider's words for a sentence: one line, no key, short.
func (b *Brain) quote(words string) string {
	words = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, words)
	words = b.scrub(oneLine(words))
	if r := []rune(words); len(r) > maxQuote {
		words = string(r[:maxQuote-1]) + "…"
	}
	return words
}

// scrub removes the key, and words that look like a part of it: providers mask
// the middle or cut the end off.
func (b *Brain) scrub(s string) string {
	key := b.opt.APIKey
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
