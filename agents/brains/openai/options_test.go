package openai_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tmates/tmates/agents/brains/openai"
	"github.com/tmates/tmates/agents/brains/openai/modelserver"
)

// tripper is a transport made of a function.
type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestBaseURL(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"":                             "https://api.openai.com/v1/chat/completions",
		"http://localhost:11434":       "http://localhost:11434/v1/chat/completions",
		"http://localhost:11434/":      "http://localhost:11434/v1/chat/completions",
		" https://a.example/v1 ":       "https://a.example/v1/chat/completions",
		"https://a.example/api/v1///":  "https://a.example/api/v1/chat/completions",
		"HTTPS://a.example/a%2Fb":      "https://a.example/a%2Fb/chat/completions",
		"http://[::1]:8080":            "http://[::1]:8080/v1/chat/completions",
		"https://eu.api.openai.com/v1": "https://eu.api.openai.com/v1/chat/completions",
	} {
		t.Run(base, func(t *testing.T) {
			t.Parallel()
			var got string
			b := brain(t, base, func(o *openai.Options) {
				o.MaxOutputTokens = 7
				o.HTTPClient = &http.Client{Transport: tripper(func(r *http.Request) (*http.Response, error) {
					got = r.URL.String()
					return nil, http.ErrHandlerTimeout
				})}
			})
			_, err := think(t, b, question("x"))
			if got != want || provider(t, err).Status != 0 {
				t.Errorf("asked %q, want %q; error %v", got, want, err)
			}
		})
	}
}

func TestOpenAIWantsTheNewLimit(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "https://API.openai.com/v1", "https://eu.api.openai.com"} {
		var body bytes.Buffer
		b := brain(t, base, func(o *openai.Options) {
			o.MaxOutputTokens = 7
			o.HTTPClient = &http.Client{Transport: tripper(func(r *http.Request) (*http.Response, error) {
				_, err := body.ReadFrom(r.Body)
				return nil, err
			})}
		})
		_, _ = think(t, b, question("x"))
		if !strings.Contains(body.String(), `"max_completion_tokens":7`) || strings.Contains(body.String(), `"max_tokens"`) {
			t.Errorf("%s: sent %s", base, &body)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edit func(*openai.Options)
		want string
	}{
		"no scheme":        {func(o *openai.Options) { o.BaseURL = "localhost:11434" }, "BaseURL must be absolute"},
		"path only":        {func(o *openai.Options) { o.BaseURL = "/v1" }, "BaseURL must be absolute"},
		"no host":          {func(o *openai.Options) { o.BaseURL = "http://:80/v1" }, "BaseURL must be absolute"},
		"another scheme":   {func(o *openai.Options) { o.BaseURL = "ftp://a.example" }, "BaseURL must be absolute"},
		"no URL":           {func(o *openai.Options) { o.BaseURL = "http://a.example/%zz" + testKey }, "BaseURL is not a URL"},
		"password":         {func(o *openai.Options) { o.BaseURL = "http://me:" + testKey + "@a.example" }, "BaseURL must not hold a user"},
		"query":            {func(o *openai.Options) { o.BaseURL = "http://a.example/v1?key=" + testKey }, "BaseURL must not hold a query"},
		"no model":         {func(o *openai.Options) { o.Model = " " }, "Model is empty"},
		"key of two lines": {func(o *openai.Options) { o.APIKey = testKey + "\n" + testKey }, "APIKey holds"},
		"negative limit":   {func(o *openai.Options) { o.MaxOutputTokens = -1 }, "MaxOutputTokens is -1"},
		"hot":              {func(o *openai.Options) { o.Temperature = ptr(2.1) }, "Temperature is 2.1"},
		"no number":        {func(o *openai.Options) { o.Temperature = ptr(math.NaN()) }, "Temperature is NaN"},
		"fixed model": {func(o *openai.Options) {
			o.Model, o.Temperature, o.MaxOutputTokens = "o3-mini", ptr(0.2), 5
		}, `Temperature does not suit Model "o3-mini"`},
		"negative timeout": {func(o *openai.Options) { o.IdleTimeout = -time.Second }, "IdleTimeout must not be negative"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := openai.Options{APIKey: testKey, Model: "m"}
			c.edit(&o)
			b, err := openai.New(o)
			if b != nil || err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("brain %v, error %v", b, err)
			}
			if strings.Contains(err.Error(), testKey) {
				t.Errorf("the key is in %q", err)
			}
		})
	}
}

func TestKeyIsNeverPrinted(t *testing.T) {
	t.Parallel()
	o := openai.Options{APIKey: testKey, Model: "m"}
	b, err := openai.New(o)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, v := range []any{o, &o, b, []any{o}, struct{ Brain any }{b}} {
		fmt.Fprintf(&out, "%v %+v %#v %s %q\n", v, v, v, v, v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "v", v)
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v)
	}
	if strings.Contains(out.String(), testKey[8:]) {
		t.Errorf("the key is in:\n%s", &out)
	}
	if got, want := b.String(), `model "m" at "https://api.openai.com/v1", key set`; got != want {
		t.Errorf("String is %q, want %q", got, want)
	}
	if got, want := (openai.Options{Model: "m"}).String(), `model "m" at "", key unset`; got != want {
		t.Errorf("String is %q, want %q", got, want)
	}
}

func TestKeyIsTrimmed(t *testing.T) {
	t.Parallel()
	s := modelserver.New(t)
	s.RequireKey(testKey)
	b := brain(t, s.URL, func(o *openai.Options) { o.APIKey = " " + testKey + "\n" })
	if _, err := think(t, b, question("x")); err != nil {
		t.Error(err)
	}
}
