package wire

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tmates/tmates/agents"
)

const (
	// maxRetryAfter bounds the wait a provider may ask for. The queue has its own
	// schedule; this only keeps nonsense away from it.
	maxRetryAfter = 10 * time.Minute
	// CodeTooLong is OpenAI's code for a conversation that does not fit. Other
	// servers only say it in words, so we give their refusal this code.
	CodeTooLong = "context_length_exceeded"
	// CodeSpent is our code for an answer whose output limit was reached before the
	// first word: service, key and model work.
	CodeSpent = "output_limit_reached"
	// codeFilter is the code with which Azure refuses a question.
	codeFilter = "content_filter"
)

// ErrTooMuch says that a bound of this package was reached.
var ErrTooMuch = errors.New("the provider sent too much")

// reportedError is an error the provider reported inside a stream.
type reportedError struct {
	raw json.RawMessage
}

// Error names the fact only; what the provider said needs cleaning first.
func (e *reportedError) Error() string { return "the provider reported an error in the stream" }

// Reported returns the error of a Step that found an error in the stream, in
// whatever shape the provider wrote it.
func Reported(raw json.RawMessage) error { return &reportedError{raw: raw} }

// explain turns whatever went wrong into the error Think promises.
func (x *Exchange) explain(err error) error {
	if x.parent.Err() != nil {
		return fmt.Errorf("ask the model: %w", context.Cause(x.parent))
	}
	if _, ok := errors.AsType[*agents.ProviderError](err); ok {
		return err
	}
	if told, ok := errors.AsType[*reportedError](err); ok {
		return x.reported(told.raw)
	}
	out := &agents.ProviderError{Err: x.c.clean(err)}
	moved, isMoved := errors.AsType[*redirectError](err)
	host := x.c.Host
	switch {
	case isMoved:
		out.Fatal, out.Err = true, moved
		out.Msg = host + " points to another address: set the base URL to where it leads"
	case errors.Is(err, errWithheld):
		out.Fatal = true
		out.Msg = host + " withheld the answer: its content filter objects"
	case errors.Is(err, errSpent):
		out.Fatal, out.Code = true, CodeSpent
		out.Msg = fmt.Sprintf("The model %q used up its output limit before it said anything: allow more output tokens", x.model)
	case errors.Is(err, errFull):
		out.Fatal, out.Code = true, CodeTooLong
		out.Msg = fmt.Sprintf("The conversation is too long for the model %q", x.model)
	case errors.Is(err, errNoName) || errors.Is(err, errNoEnd):
		out.Msg = fmt.Sprintf("The answer of %s is not complete", host)
	case errors.Is(context.Cause(x.ctx), errSilent):
		out.Err = errSilent
		out.Msg = fmt.Sprintf("%s was silent for too long (%s)", host, x.watch.limit)
	case !x.sent:
		out.Fatal = true
		out.Msg = fmt.Sprintf("The model %q cannot be asked this way", x.model)
	case x.body == nil:
		out.Msg = host + " did not answer" + x.c.dialect.Absent
	default:
		out.Msg = fmt.Sprintf("The answer of %s broke off", host)
	}
	return out
}

// refusal classifies an answer that is not a success.
func (x *Exchange) refusal(status int, h http.Header, body []byte) *agents.ProviderError {
	code, words := describe(body)
	e := x.classify(status, code, words)
	e.RetryAfter = retryAfter(h.Get("Retry-After"), x.c.Options.Now())
	return e
}

// reported classifies an error inside a stream. Gateways put the status of the
// server behind them into the code; some protocols have names for it.
func (x *Exchange) reported(raw []byte) *agents.ProviderError {
	code, words := describe(raw)
	status, err := strconv.Atoi(code)
	if err != nil || status < 400 || status > 599 {
		status = x.c.dialect.Statuses[code]
	}
	return x.classify(status, code, words)
}

// unstreamed classifies a success that is no stream.
func (x *Exchange) unstreamed(body []byte) *agents.ProviderError {
	var probe struct {
		Error json.RawMessage `json:"error"`
	}
	switch {
	case json.Unmarshal(body, &probe) == nil && Present(probe.Error):
		return x.reported(probe.Error)
	case body[0] == '<':
		return &agents.ProviderError{Fatal: true, Msg: x.c.Host + " answered with a web page: check the base URL"}
	}
	return &agents.ProviderError{Fatal: true, Msg: x.c.Host + " does not stream its answers: check the base URL"}
}

// classify writes the sentence for the owner. Here and in a dialect's Sentence a
// provider's words are looked at, because some servers give no code; nowhere else.
func (x *Exchange) classify(status int, code, words string) *agents.ProviderError {
	e := &agents.ProviderError{Status: status}
	if plainCode().MatchString(code) && x.c.scrub(code) == code {
		e.Code = code
	}
	if tooLong(status, code, words) {
		e.Code, e.Fatal = CodeTooLong, true
	}
	e.Msg = x.sentence(e, Failure{Status: status, Code: code, Words: words, Host: x.c.Host, Model: x.model})
	if status == http.StatusUnauthorized {
		return e // the provider's words repeat a part of the key
	}
	if said := x.c.quote(words); said != "" {
		e.Msg += `; it says "` + said + `"`
	}
	return e
}

// sentence says what went wrong and what the owner can do. It sets e.Fatal where a
// retry cannot help although the status does not tell.
func (x *Exchange) sentence(e *agents.ProviderError, f Failure) string {
	if x.c.dialect.Sentence != nil && !e.Fatal {
		if s, fatal := x.c.dialect.Sentence(f); s != "" {
			e.Fatal = fatal
			return s
		}
	}
	switch {
	case e.Code == CodeTooLong:
		return fmt.Sprintf("The conversation is too long for the model %q", f.Model)
	case f.Status == http.StatusUnauthorized || f.Status == http.StatusForbidden:
		if x.c.Options.APIKey == "" {
			return fmt.Sprintf("%s wants a key: set %s", f.Host, x.c.Options.KeyName)
		}
		return fmt.Sprintf("%s refused the key: check %s", f.Host, x.c.Options.KeyName)
	case f.Status == http.StatusPaymentRequired || f.Code == "insufficient_quota" || f.Code == "billing_hard_limit_reached":
		e.Fatal = true
		return fmt.Sprintf("The account at %s has no credit left", f.Host)
	case f.Code == codeFilter && !e.Temporary():
		e.Fatal = true
		return f.Host + " refused the question: its content filter objects"
	case f.Status == http.StatusNotFound || f.Status == http.StatusMethodNotAllowed:
		if f.Model == "" {
			return f.Host + " has no list of models, or the base URL is wrong"
		}
		return fmt.Sprintf("%s does not know the model %q, or the base URL is wrong", f.Host, f.Model)
	case f.Status == http.StatusTooManyRequests:
		return f.Host + " limits how often it may be asked"
	case f.Status == http.StatusServiceUnavailable && strings.Contains(strings.ToLower(f.Words), "loading model"):
		return f.Loading()
	case f.Status == 0:
		return f.Host + " ended the answer with an error"
	case e.Temporary():
		return fmt.Sprintf("%s has a problem of its own (status %d)", f.Host, f.Status)
	}
	if f.Model == "" {
		return fmt.Sprintf("%s did not accept the request (status %d)", f.Host, f.Status)
	}
	return fmt.Sprintf("%s did not accept the request for the model %q (status %d)", f.Host, f.Model, f.Status)
}

// tooLong reports whether a refusal means that the conversation does not fit. A
// body that is too large is a conversation that is too long: nothing else in a
// request grows.
func tooLong(status int, code, words string) bool {
	if code == CodeTooLong || status == http.StatusRequestEntityTooLarge {
		return true
	}
	if status != http.StatusBadRequest && status != 0 {
		return false
	}
	words = strings.ToLower(words)
	for _, hint := range []string{"context length", "context size", "context window", "context limit", "prompt is too long"} {
		if strings.Contains(words, hint) {
			return true
		}
	}
	return false
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
