package openai

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	oai "github.com/sashabaranov/go-openai"
)

// Defaults of Options.
const (
	DefaultBaseURL      = "https://api.openai.com/v1"
	DefaultFirstTimeout = 120 * time.Second
	DefaultIdleTimeout  = 60 * time.Second
)

// Options say which model is asked, and how.
type Options struct {
	// BaseURL is absolute, http or https. A host alone gets /v1 appended; a path
	// that is given is kept. Empty means DefaultBaseURL.
	BaseURL string
	// APIKey is sent as a bearer token. Empty is allowed: local servers need none.
	APIKey string
	Model  string
	// MaxOutputTokens limits one answer; 0 leaves the limit to the server.
	MaxOutputTokens int
	// Temperature is 0 to 2; nil leaves it to the server.
	Temperature *float64
	// FirstTimeout is the longest silence before the first data, connecting
	// included: a small machine may read a long prompt for a minute.
	FirstTimeout time.Duration
	// IdleTimeout is the longest silence between data after that.
	IdleTimeout time.Duration
	// HTTPClient replaces the package's own client; its redirect policy is
	// replaced by ours. Nil means a client with an own transport.
	HTTPClient *http.Client
	// Now reads a Retry-After date. Nil means time.Now.
	Now func() time.Time
}

// String describes the options without the key.
func (o Options) String() string {
	key := "unset"
	if o.APIKey != "" {
		key = "set"
	}
	return fmt.Sprintf("model %q at %q, key %s", o.Model, o.BaseURL, key)
}

// GoString is String, so that %#v does not print the key either.
func (o Options) GoString() string { return o.String() }

// LogValue is String, for loggers that print every field.
func (o Options) LogValue() slog.Value { return slog.StringValue(o.String()) }

// validate returns the options with defaults filled in, and the base URL in
// parts. Its errors name the field and never repeat a value that may hold a
// secret.
func (o Options) validate() (Options, *url.URL, error) {
	o.BaseURL = cmp.Or(strings.TrimSpace(o.BaseURL), DefaultBaseURL)
	o.APIKey = strings.TrimSpace(o.APIKey)
	o.Model = strings.TrimSpace(o.Model)
	o.FirstTimeout = cmp.Or(o.FirstTimeout, DefaultFirstTimeout)
	o.IdleTimeout = cmp.Or(o.IdleTimeout, DefaultIdleTimeout)
	if o.Now == nil {
		o.Now = time.Now
	}
	base, err := parseBase(o.BaseURL)
	switch {
	case err != nil:
		return o, nil, err
	case o.Model == "":
		return o, nil, errors.New("openai: Model is empty: name the model to use")
	case strings.ContainsFunc(o.APIKey, unprintable):
		return o, nil, errors.New("openai: APIKey holds a character that no header can carry")
	case o.MaxOutputTokens < 0:
		return o, nil, fmt.Errorf("openai: MaxOutputTokens is %d: it must not be negative", o.MaxOutputTokens)
	case o.Temperature != nil && !(*o.Temperature >= 0 && *o.Temperature <= 2): // also refuses NaN
		return o, nil, fmt.Errorf("openai: Temperature is %v: it must be 0 to 2", *o.Temperature)
	case o.FirstTimeout < 0 || o.IdleTimeout < 0:
		return o, nil, errors.New("openai: FirstTimeout and IdleTimeout must not be negative")
	}
	o.BaseURL = base.String()
	return o, base, nil
}

func unprintable(r rune) bool { return r > unicode.MaxASCII || !unicode.IsPrint(r) }

// parseBase checks a base URL and brings it into the one spelling the client
// appends its path to.
func parseBase(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil: // its text repeats the value, password included
		return nil, errors.New("openai: BaseURL is not a URL")
	case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return nil, errors.New("openai: BaseURL must be absolute and start with http:// or https://")
	case u.User != nil:
		return nil, errors.New("openai: BaseURL must not hold a user or password: use APIKey")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("openai: BaseURL must not hold a query or fragment")
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = strings.TrimRight(u.RawPath, "/")
	if u.Path == "" {
		u.Path, u.RawPath = "/v1", ""
	}
	return u, nil
}

// limitField finds the name under which this model at this host wants
// MaxOutputTokens, and refuses options the model is known to reject.
//
// OpenAI's newer models know only max_completion_tokens, most other servers
// only max_tokens. The client refuses max_tokens for models of the first kind
// wherever they are served, so those get the new name too.
func limitField(o Options, host string) (completion bool, err error) {
	probe := oai.ChatCompletionRequest{Model: o.Model, Temperature: temperature(o.Temperature)}
	host = strings.ToLower(host)
	completion = host == "api.openai.com" || strings.HasSuffix(host, ".api.openai.com")
	if !completion {
		probe.MaxTokens = o.MaxOutputTokens
	}
	check := oai.NewReasoningValidator()
	err = check.Validate(probe)
	if errors.Is(err, oai.ErrReasoningModelMaxTokensDeprecated) {
		completion, probe.MaxTokens = true, 0
		err = check.Validate(probe)
	}
	if err != nil { // only Temperature is left to object to
		return false, fmt.Errorf("openai: Temperature does not suit Model %q: %w", o.Model, err)
	}
	return completion, nil
}

// temperature converts to the client's type, which drops a zero. What replaces
// it is small enough to mean "always the likeliest word" and large enough not
// to overflow a server that divides by it.
func temperature(t *float64) float32 {
	switch {
	case t == nil:
		return 0
	case *t < 1e-6:
		return 1e-6
	}
	return float32(*t)
}
