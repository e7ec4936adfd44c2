package openai

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"

	oai "github.com/sashabaranov/go-openai"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/brains/wire"
)

// Brain asks one service, OpenAI's or one that speaks like it. It is safe for
// concurrent use. Its String never shows the key.
type Brain struct {
	*wire.Client
	config oai.ClientConfig // without an HTTP client: each exchange brings its own
	azure  bool
}

var _ agents.Brain = (*Brain)(nil)

func dialect() wire.Dialect {
	return wire.Dialect{
		Name:      "openai",
		BaseURL:   DefaultBaseURL,
		Path:      "/v1",
		KeyName:   "OPENAI_API_KEY",
		Stranger:  "{[<",
		Authorize: func(h http.Header, key string) { h.Set("Authorization", "Bearer "+key) },
	}
}

// plainVersion matches what can be an API version of Azure.
var plainVersion = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9.-]{1,40}$`) })

// New checks the options and returns a brain. It connects to nothing. An error
// names the field that is wrong.
func New(o Options) (*Brain, error) {
	client, err := newClient(o, dialect())
	if err != nil {
		return nil, err
	}
	b := &Brain{Client: client, config: oai.DefaultConfig(client.Options.APIKey)}
	b.config.BaseURL = client.Options.BaseURL
	return b, nil
}

// NewAzure is New for Azure OpenAI: BaseURL is the resource's endpoint, such as
// https://name.openai.azure.com, Model is a deployment, and the key is sent as
// "api-key". An empty apiVersion means DefaultAPIVersion.
func NewAzure(o Options, apiVersion string) (*Brain, error) {
	d := dialect()
	d.BaseURL, d.Path, d.Trim, d.KeyName = "", "", []string{"/openai"}, "AZURE_OPENAI_API_KEY"
	d.Authorize = func(h http.Header, key string) { h.Set(oai.AzureAPIKeyHeader, key) }
	apiVersion = cmp.Or(strings.TrimSpace(apiVersion), DefaultAPIVersion)
	client, err := newClient(o, d)
	switch {
	case err != nil:
		return nil, err
	case client.Options.APIKey == "":
		return nil, errors.New("openai: APIKey is empty: Azure answers nobody without one")
	case !plainVersion().MatchString(apiVersion):
		return nil, fmt.Errorf("openai: apiVersion is %q: it must be a date, such as %s", apiVersion, DefaultAPIVersion)
	}
	b := &Brain{Client: client, config: oai.DefaultAzureConfig(client.Options.APIKey, client.Options.BaseURL), azure: true}
	b.config.APIVersion = apiVersion
	b.config.AzureModelMapperFunc = url.PathEscape
	return b, nil
}

// newClient also refuses options that the model is known to reject.
func newClient(o Options, d wire.Dialect) (*wire.Client, error) {
	client, err := wire.NewClient(o, d)
	if err != nil {
		return nil, err
	}
	if _, err := limitField(client.Options.Asking(agents.Turn{}), client.Host); err != nil {
		return nil, err
	}
	return client, nil
}

// Think asks the model for the next step of the turn.
func (b *Brain) Think(ctx context.Context, t agents.Turn) iter.Seq2[agents.Part, error] {
	return b.Client.Think(ctx, t, func(x *wire.Exchange) (wire.Step, error) {
		return b.open(x, t)
	})
}

// Models lists the models the service offers, sorted. Azure tells nobody with an
// api-key what is deployed, so there it is the deployment that was given.
func (b *Brain) Models(ctx context.Context) ([]string, error) {
	if b.azure {
		return []string{b.Options.Model}, nil
	}
	return b.List(ctx, b.Options.BaseURL+"/models", wire.IDs)
}

// open sends the request, again without what the server objects to.
func (b *Brain) open(x *wire.Exchange, t agents.Turn) (step wire.Step, err error) {
	config := b.config
	config.HTTPClient = doer{x}
	client := oai.NewClientWithConfig(config)
	err = x.Ask(optional(b.Options.Asking(t)), func(without map[string]bool) error {
		stream, err := client.CreateChatCompletionStream(x.Context(), b.request(t, without))
		if err == nil {
			step = reader(stream)
		}
		return err
	})
	return step, err
}

// doer sends the client's requests through an exchange. By itself the client
// would read error bodies without a limit and forget the headers of a refusal.
type doer struct{ x *wire.Exchange }

// Do returns a stream without an error, or an error that is already classified.
func (d doer) Do(req *http.Request) (*http.Response, error) {
	lines, err := d.x.Send(req)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: &frames{events: wire.NewEvents(lines)}, Request: req}, nil
}

// frames hands the client nothing but data lines. The client's reader by itself
// gives up after a number of keep-alive comments, keeps every line that is not
// data in memory, does not look at the event field, and loses the text of an error
// that is not an object.
type frames struct {
	events *wire.Events
	out    []byte // what the client has not read yet
}

// Read returns bytes of whole data lines. The blank after the brace keeps the
// client from taking a payload that begins with an error field out of our hands.
func (f *frames) Read(p []byte) (int, error) {
	if len(f.out) == 0 {
		payload, err := f.events.Next()
		if err != nil {
			return 0, err
		}
		f.out = append(f.out[:0], "data: "...)
		if payload[0] == '{' {
			f.out = append(f.out, "{ "...)
			payload = payload[1:]
		}
		f.out = append(append(f.out, payload...), '\n')
	}
	n := copy(p, f.out)
	f.out = f.out[n:]
	return n, nil
}

// Close releases the connection.
func (f *frames) Close() error { return f.events.Close() }
