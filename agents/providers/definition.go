package providers

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/tmates/tmates/agents/brains/anthropic"
	"github.com/tmates/tmates/agents/brains/ollama"
	"github.com/tmates/tmates/agents/brains/openai"
	"github.com/tmates/tmates/store/tmates"
)

// What Definition.Type may be.
const (
	OpenAI    = "openai" // any service that speaks Chat Completions
	Azure     = "azure"
	Ollama    = "ollama"
	Anthropic = "anthropic"
	Replay    = "replay" // answers what was recorded; of the configuration only
)

// kind is what is known of a type.
type kind struct {
	baseURL     string // when a definition names none
	window      int    // tokens
	vision      bool
	concurrency int
}

// kinds by type. The windows of remote services are an assumption: their
// protocols do not tell, and most models read at least as much.
var kinds = map[string]kind{
	OpenAI:    {openai.DefaultBaseURL, 128_000, true, 4},
	Azure:     {"", 128_000, true, 4},
	Anthropic: {anthropic.DefaultBaseURL, 128_000, true, 4},
	Ollama:    {ollama.DefaultBaseURL, ollama.DefaultWindow, false, 1},
	Replay:    {"", 128_000, false, 4},
}

// Bounds of a definition.
const (
	maxText        = 4096 // bytes of an address or a key
	maxWord        = 200  // bytes of a model's or deployment's name
	maxOutput      = 1_000_000
	maxWindow      = 10_000_000
	maxConcurrency = 64
)

// Definition says what a provider is and how it is asked. Zero values are left to
// the type, or to the service. Printing one prints no key.
type Definition struct {
	Type            string   `yaml:"type"`
	BaseURL         string   `yaml:"base_url,omitempty"`
	APIKey          string   `yaml:"-"`
	Model           string   `yaml:"model,omitempty"` // empty: the provider cannot answer yet
	Deployment      string   `yaml:"deployment,omitempty"`
	APIVersion      string   `yaml:"api_version,omitempty"`
	Temperature     *float64 `yaml:"temperature,omitempty"`
	Effort          string   `yaml:"effort,omitempty"`
	MaxOutputTokens int      `yaml:"max_output_tokens,omitempty"`
	ContextWindow   int      `yaml:"context_window,omitempty"` // tokens
	Vision          *bool    `yaml:"vision,omitempty"`
	Concurrency     int      `yaml:"concurrency,omitempty"` // requests at a time

	KeyName string `yaml:"-"` // what the key is called in sentences; empty: the variable its users know
	Record  string `yaml:"-"` // file that exchanges are recorded to
	Replay  string `yaml:"-"` // recording of the type Replay
}

// Format implements [fmt.Formatter] for every verb.
func (d Definition) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(asWriter{f}, "provider of type %q, model %q", d.Type, d.Model)
}

type asWriter struct{ io.Writer }

// LogValue implements [slog.LogValuer].
func (d Definition) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(d)) }

// asked is the model as the service knows it: Azure knows deployments.
func (d Definition) asked() string {
	if d.Type == Azure {
		return cmp.Or(d.Deployment, d.Model)
	}
	return d.Model
}

// host is where the provider is, for people; empty when it is nowhere.
func (d Definition) host() string {
	if u, err := url.Parse(d.BaseURL); err == nil {
		return u.Host
	}
	return ""
}

// origin is what has to be the same for a key to be sent without being given
// anew.
func (d Definition) origin() string {
	if u, err := url.Parse(d.BaseURL); err == nil {
		return d.Type + " " + strings.ToLower(u.Scheme+"://"+u.Host)
	}
	return ""
}

// complete fills in what the type brings.
func (d Definition) complete() Definition {
	k := kinds[d.Type]
	d.BaseURL = cmp.Or(d.BaseURL, k.baseURL)
	d.Model = cmp.Or(d.Model, d.Deployment)
	d.ContextWindow = cmp.Or(d.ContextWindow, k.window)
	d.Concurrency = cmp.Or(d.Concurrency, k.concurrency)
	if d.Vision == nil {
		d.Vision = &k.vision
	}
	if d.Type == Replay {
		d.Model = cmp.Or(d.Model, Replay)
	}
	return d
}

// check refuses what a person got wrong, naming the field. The errors repeat no
// key.
func (d Definition) check() error {
	wrong := func(field, format string, a ...any) error {
		return tmates.E(tmates.Invalid, "provider_invalid", nil, "%s %s", field, fmt.Sprintf(format, a...))
	}
	_, known := kinds[d.Type]
	switch {
	case !known || d.Type == Replay:
		return wrong("type", "must be openai, azure, ollama or anthropic")
	case !oneLine(d.Model, maxWord):
		return wrong("model", "must be one line of at most %d bytes", maxWord)
	case !oneLine(d.Deployment, maxWord):
		return wrong("deployment", "must be one line of at most %d bytes", maxWord)
	case d.Type != Azure && d.Deployment != "":
		return wrong("deployment", "is only for the type azure")
	case d.Type != Azure && d.APIVersion != "":
		return wrong("api_version", "is only for the type azure")
	case d.APIVersion != "" && !plainVersion().MatchString(d.APIVersion):
		return wrong("api_version", "must be a version, as in %s", openai.DefaultAPIVersion)
	case d.Type == Azure && d.APIKey == "":
		return wrong("api_key", "is missing: Azure answers nobody without one")
	case len(d.APIKey) > maxText || strings.ContainsFunc(d.APIKey, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsPrint(r) }):
		return wrong("api_key", "must be printable ASCII of at most %d bytes", maxText)
	case d.Temperature != nil && !(*d.Temperature >= 0 && *d.Temperature <= 2): // also refuses NaN
		return wrong("temperature", "must be between 0 and 2")
	case !slices.Contains([]string{"", "low", "medium", "high"}, d.Effort):
		return wrong("effort", "must be low, medium or high")
	case d.MaxOutputTokens < 0 || d.MaxOutputTokens > maxOutput:
		return wrong("max_output_tokens", "must be between 0 and %d", maxOutput)
	case d.ContextWindow < 0 || d.ContextWindow > maxWindow:
		return wrong("context_window", "must be between 0 and %d", maxWindow)
	case d.Concurrency < 0 || d.Concurrency > maxConcurrency:
		return wrong("concurrency", "must be between 0 and %d", maxConcurrency)
	}
	return d.checkAddress()
}

var plainVersion = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9.-]{1,40}$`) })

// checkAddress refuses what is no address of a service. The address that is
// missing or wrong is not repeated: it may carry credentials.
func (d Definition) checkAddress() error {
	wrong := func(why string) error { return tmates.E(tmates.Invalid, "provider_invalid", nil, "base_url %s", why) }
	u, err := url.Parse(d.BaseURL)
	switch {
	case d.BaseURL == "":
		return wrong("is missing: name the address of the service, as in https://NAME.openai.azure.com")
	case err != nil, len(d.BaseURL) > maxText, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return wrong("must be an address that starts with http:// or https://")
	case u.User != nil:
		return wrong("must not contain a user name or password: use api_key")
	case strings.ContainsAny(d.BaseURL, "?#"):
		return wrong("must not contain ? or #")
	}
	if addr, err := netip.ParseAddr(strings.Trim(u.Hostname(), "[]")); err == nil && forbidden(addr) {
		return wrong(forbiddenText)
	}
	return nil
}

func oneLine(s string, most int) bool {
	return len(s) <= most && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

var namePattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`) })

// reserved are words of the API that stand where a name does.
var reserved = []string{"default", "detect", "local", "models", "test"}

// checkName refuses what cannot be the name of a saved provider.
func checkName(name string) error {
	switch {
	case !namePattern().MatchString(name):
		return tmates.E(tmates.Invalid, "provider_name_invalid", nil, "A provider's name is a lower-case letter, then at most 31 of a-z, 0-9 and _")
	case slices.Contains(reserved, name):
		return tmates.E(tmates.Invalid, "provider_name_invalid", nil, "A provider cannot be called %s: choose another name", name)
	}
	return nil
}
