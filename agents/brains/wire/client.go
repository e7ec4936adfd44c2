package wire

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tmates/tmates/agents"
)

const (
	// maxList and listTimeout bound what a list of models may cost, maxModels and
	// maxModelName what is kept of it.
	maxList      = 4 << 20
	listTimeout  = 15 * time.Second
	maxModels    = 2000
	maxModelName = 200
)

// Dialect is what the protocols differ in where this room has to know.
type Dialect struct {
	Name    string   // of the package, in errors
	BaseURL string   // when the options name none; empty: they must
	Path    string   // what a base URL without a path gets
	Trim    []string // endings that are cut off a base URL's path
	KeyName string   // variable that usually holds the key, for sentences
	// Stranger holds the first bytes that no stream of this protocol begins with.
	Stranger string
	// FirstTimeout replaces DefaultFirstTimeout when it is not 0.
	FirstTimeout time.Duration
	// Absent is what the owner may look at when nobody answers; it follows "did
	// not answer".
	Absent string
	// Authorize puts the key, which is never empty, into the headers.
	Authorize func(h http.Header, key string)
	// Header is sent with every request.
	Header http.Header
	// Statuses say which HTTP status an error code inside a stream stands for.
	Statuses map[string]int
	// Sentence may replace the common sentence for a failure; empty: it does not.
	// With fatal, a retry cannot help.
	Sentence func(f Failure) (sentence string, fatal bool)
}

// Failure is what a provider told about a failed request.
type Failure struct {
	Status int // 0: unknown
	Code   string
	Words  string // as the provider wrote them; only to be looked at
	Host   string
	Model  string // that was asked for
}

// Loading is the sentence for a server that has to read the model into its memory
// first.
func (f Failure) Loading() string {
	return fmt.Sprintf("%s is still loading the model %q", f.Host, f.Model)
}

// Client holds what the exchanges of one brain share. It is safe for concurrent
// use.
type Client struct {
	Options Options // validated, defaults filled in
	Host    string  // of the base URL, for the owner's eyes

	dialect Dialect
	http    *http.Client
	refused sync.Map // wish -> true
}

// NewClient checks the options. It connects to nothing. An error names the field
// that is wrong.
func NewClient(o Options, d Dialect) (*Client, error) {
	o, base, err := o.validate(d)
	if err != nil {
		return nil, err
	}
	return &Client{Options: o, Host: base.Host, dialect: d, http: newHTTP(o)}, nil
}

// String describes the brain without the key.
func (c *Client) String() string { return c.Options.String() }

// GoString is String, so that %#v does not print the key either.
func (c *Client) GoString() string { return c.String() }

// LogValue is String, for loggers that print every field.
func (c *Client) LogValue() slog.Value { return slog.StringValue(c.String()) }

// CloseIdle closes the connections no answer is using. The brain stays usable.
func (c *Client) CloseIdle() { c.http.CloseIdleConnections() }

// List fetches url and returns the names that read finds in the answer: sorted,
// each once, without what cannot be a name. A failure is an
// [agents.ProviderError], or wraps the cause of ctx.
func (c *Client) List(ctx context.Context, url string, read func(body []byte) ([]string, error)) ([]string, error) {
	x := c.exchange(ctx, "")
	defer x.release()
	timer := time.AfterFunc(listTimeout, func() { x.cancel(errSilent) })
	defer timer.Stop()
	x.watch.limit = listTimeout
	body, err := x.fetch(url)
	if err != nil {
		return nil, x.explain(err)
	}
	names, err := read(body)
	if err != nil {
		return nil, &agents.ProviderError{Fatal: true, Msg: c.Host + " answered with something that is no list of models: check the base URL"}
	}
	names = slices.DeleteFunc(names, func(name string) bool {
		return name == "" || len(name) > maxModelName || strings.ContainsFunc(name, unprintable)
	})
	slices.Sort(names)
	names = slices.Compact(names)
	return names[:min(len(names), maxModels)], nil
}

// fetch gets a whole document.
func (x *Exchange) fetch(url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(x.ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	x.c.dress(req.Header)
	r, err := x.do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.lines.Close() }()
	if !accepted(r.status) {
		return nil, x.refuse(r)
	}
	body, err := io.ReadAll(io.LimitReader(r.lines.in, maxList+1))
	if err == nil && len(body) > maxList {
		err = ErrTooMuch
	}
	return body, err
}

// dress adds the dialect's headers and the key to a request.
func (c *Client) dress(h http.Header) {
	maps.Copy(h, c.dialect.Header)
	if c.Options.APIKey != "" {
		c.dialect.Authorize(h, c.Options.APIKey)
	}
}

// IDs reads the list most services send: {"data": [{"id": …}]}.
func IDs(body []byte) ([]string, error) {
	var list struct {
		Data *[]struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &list); err != nil {
		return nil, err
	}
	if list.Data == nil {
		return nil, errors.New("no list")
	}
	var names []string
	for _, m := range *list.Data {
		names = append(names, m.ID)
	}
	return names, nil
}

// wish is an optional field of a request to one model.
type wish struct{ model, field string }

// known returns the optional fields a model is known to be refused with.
func (c *Client) known(model string, fields []string) map[string]bool {
	out := map[string]bool{}
	for _, f := range fields {
		if _, ok := c.refused.Load(wish{model, f}); ok {
			out[f] = true
		}
	}
	return out
}

// ModelName returns the name a server gave its model, or other when it gave none
// that can be kept.
func ModelName(given, other string) string {
	if len(given) > maxModelName {
		return other
	}
	return cmp.Or(given, other)
}
