package wire

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/tmates/tmates/agents"
)

// Defaults of Options; a dialect may have its own.
const (
	DefaultFirstTimeout = 120 * time.Second
	DefaultIdleTimeout  = 60 * time.Second
)

// maxWindow bounds a context window, in tokens. It keeps a slip of the finger
// from reserving all memory of the machine a model runs on.
const maxWindow = 10_000_000

// Options say which model is asked, and how. Every dialect takes the same ones.
type Options struct {
	// BaseURL is absolute, http or https. Empty means the dialect's default.
	BaseURL string
	// APIKey is sent the way the dialect wants it. Empty is allowed: local servers
	// need none.
	APIKey string
	// KeyName is what the owner calls the key in sentences about a refused one.
	// Empty means the variable the dialect's users know.
	KeyName string
	Model   string
	// MaxOutputTokens limits one answer; 0 leaves the limit to the server, or to
	// the dialect where the server demands one.
	MaxOutputTokens int
	// Temperature is 0 to 2; nil leaves it to the server.
	Temperature *float64
	// Effort is "low", "medium" or "high"; empty leaves it to the server. Models
	// that know no effort ignore it.
	Effort string
	// Window is the context in tokens, sent where the service must be told.
	Window int
	// FirstTimeout is the longest silence before the first data, connecting
	// included: a small machine may read a long prompt for a minute.
	FirstTimeout time.Duration
	// IdleTimeout is the longest silence between data after that.
	IdleTimeout time.Duration
	// HTTPClient replaces the brain's own client; its redirect policy is replaced
	// by ours. Nil means a client with an own transport.
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

// Asking returns how one turn is asked: what the turn wants over what the
// options say.
func (o Options) Asking(t agents.Turn) agents.Asking {
	a := t.Asking
	a.Model = cmp.Or(a.Model, o.Model)
	a.Effort = cmp.Or(a.Effort, o.Effort)
	a.MaxOutputTokens = cmp.Or(a.MaxOutputTokens, o.MaxOutputTokens)
	a.Window = cmp.Or(a.Window, o.Window)
	if a.Temperature == nil {
		a.Temperature = o.Temperature
	}
	return a
}

// validate returns the options with defaults filled in, and the base URL in
// parts. Its errors name the field and never repeat a value that may hold a
// secret.
func (o Options) validate(d Dialect) (Options, *url.URL, error) {
	o.BaseURL = cmp.Or(strings.TrimSpace(o.BaseURL), d.BaseURL)
	o.APIKey = strings.TrimSpace(o.APIKey)
	o.KeyName = cmp.Or(strings.TrimSpace(o.KeyName), d.KeyName)
	o.Model = strings.TrimSpace(o.Model)
	o.FirstTimeout = cmp.Or(o.FirstTimeout, d.FirstTimeout, DefaultFirstTimeout)
	o.IdleTimeout = cmp.Or(o.IdleTimeout, DefaultIdleTimeout)
	if o.Now == nil {
		o.Now = time.Now
	}
	base, wrong := parseBase(o.BaseURL, d)
	if wrong == "" {
		wrong = o.wrong()
	}
	if wrong != "" {
		return o, nil, errors.New(d.Name + ": " + wrong)
	}
	o.BaseURL = base.String()
	return o, base, nil
}

// wrong says which field cannot be used, and why; empty: all can.
func (o Options) wrong() string {
	switch {
	case o.Model == "":
		return "Model is empty: name the model to use"
	case strings.ContainsFunc(o.APIKey, unprintable):
		return "APIKey holds a character that no header can carry"
	case o.MaxOutputTokens < 0:
		return fmt.Sprintf("MaxOutputTokens is %d: it must not be negative", o.MaxOutputTokens)
	case o.Temperature != nil && !(*o.Temperature >= 0 && *o.Temperature <= 2): // also refuses NaN
		return fmt.Sprintf("Temperature is %v: it must be 0 to 2", *o.Temperature)
	case !slices.Contains([]string{"", "low", "medium", "high"}, o.Effort):
		return fmt.Sprintf("Effort is %q: it must be low, medium or high", o.Effort)
	case o.Window < 0 || o.Window > maxWindow:
		return fmt.Sprintf("Window is %d: it must be 0 to %d", o.Window, maxWindow)
	case o.FirstTimeout < 0 || o.IdleTimeout < 0:
		return "FirstTimeout and IdleTimeout must not be negative"
	}
	return ""
}

func unprintable(r rune) bool { return r > unicode.MaxASCII || !unicode.IsPrint(r) }

// parseBase checks a base URL and brings it into the one spelling that paths are
// appended to, or says what is wrong with it.
func parseBase(raw string, d Dialect) (base *url.URL, wrong string) {
	u, err := url.Parse(raw)
	switch {
	case raw == "":
		return nil, "BaseURL is empty: name the address of the service"
	case err != nil: // its text repeats the value, password included
		return nil, "BaseURL is not a URL"
	case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return nil, "BaseURL must be absolute and start with http:// or https://"
	case u.User != nil:
		return nil, "BaseURL must not hold a user or password: use APIKey"
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, "BaseURL must not hold a query or fragment"
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = strings.TrimRight(u.RawPath, "/")
	for _, end := range d.Trim {
		if path, ok := strings.CutSuffix(u.Path, end); ok {
			u.Path, u.RawPath = path, strings.TrimSuffix(u.RawPath, end)
			break
		}
	}
	if u.Path == "" {
		u.Path, u.RawPath = d.Path, ""
	}
	return u, ""
}
