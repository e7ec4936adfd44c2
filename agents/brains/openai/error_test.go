package openai_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/brains/openai"
	"github.com/tmates/tmates/agents/brains/openai/modelserver"
)

// provider returns err as a provider's error.
func provider(t testing.TB, err error) *agents.ProviderError {
	t.Helper()
	e, ok := errors.AsType[*agents.ProviderError](err)
	if !ok {
		t.Fatalf("error %v is not a provider's", err)
	}
	return e
}

// refusals are what servers answer in place of a stream.
var refusals = map[string]struct {
	status    int
	body      string
	key       string // "-": none
	code      string
	fatal     bool
	temporary bool
	want      string // HOST stands for the server's
}{
	"401": {status: 401, body: `{"error":{"message":"Incorrect API key provided: sk-proj-********i789.","code":"invalid_api_key"}}`,
		code: "invalid_api_key", want: "HOST refused the key: check OPENAI_API_KEY"},
	"401 without a key": {status: 401, key: "-", body: `{"error":"no auth"}`, want: "HOST wants a key: set OPENAI_API_KEY"},
	"403": {status: 403, body: `{"error":{"message":"Country not supported"}}`,
		want: `HOST refused the key: check OPENAI_API_KEY; it says "Country not supported"`},
	"402": {status: 402, body: `{"error":{"message":"Insufficient Balance"}}`, fatal: true,
		want: `The account at HOST has no credit left; it says "Insufficient Balance"`},
	"404": {status: 404, body: `{"error":"model \"test-model\" not found"}`,
		want: `HOST does not know the model "test-model", or the base URL is wrong; it says "model "test-model" not found"`},
	"404, a web page": {status: 404, body: "<html><h1>Not Found</h1></html>",
		want: `HOST does not know the model "test-model", or the base URL is wrong`},
	"400": {status: 400, body: `{"error":{"message":"x does not support tools","type":"invalid_request_error","code":null}}`,
		code: "invalid_request_error", want: `HOST did not accept the request for the model "test-model" (status 400); it says "x does not support tools"`},
	"400 too long by code": {status: 400, body: `{"error":{"message":"Too much.","code":"context_length_exceeded"}}`,
		code: "context_length_exceeded", fatal: true, want: `The conversation is too long for the model "test-model"; it says "Too much."`},
	"400 too long, a local server": {status: 400, body: `{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}`,
		code: "context_length_exceeded", fatal: true, want: `The conversation is too long for the model "test-model"; it says "the request exceeds the available context size"`},
	"500 that speaks of context": {status: 500, body: `{"error":"context size"}`, temporary: true,
		want: `HOST has a problem of its own (status 500); it says "context size"`},
	"400 too long by words": {status: 400, body: `{"object":"error","message":"This model's maximum context length is 4096 tokens.","code":400}`,
		code: "context_length_exceeded", fatal: true, want: `The conversation is too long for the model "test-model"; it says "This model's maximum context length is 4096 tokens."`},
	"422": {status: 422, body: `{"detail":[{"loc":["body","x"],"msg":"Extra inputs are not permitted","type":"extra_forbidden"}]}`,
		code: "extra_forbidden", want: `HOST did not accept the request for the model "test-model" (status 422); it says "Extra inputs are not permitted"`},
	"429": {status: 429, body: `[{"error":{"code":429,"message":"Resource exhausted"}}]`, temporary: true,
		code: "429", want: `HOST limits how often it may be asked; it says "Resource exhausted"`},
	"429 quota": {status: 429, body: `{"error":{"message":"You exceeded your current quota.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}`, code: "insufficient_quota", fatal: true,
		want: `The account at HOST has no credit left; it says "You exceeded your current quota."`},
	"408":       {status: 408, temporary: true, want: "HOST has a problem of its own (status 408)"},
	"409":       {status: 409, temporary: true, want: "HOST has a problem of its own (status 409)"},
	"500":       {status: 500, body: "out of\nmemory\x00\n", temporary: true, want: `HOST has a problem of its own (status 500); it says "out of memory"`},
	"503":       {status: 503, body: `{"error":{}}`, temporary: true, want: "HOST has a problem of its own (status 503)"},
	"529":       {status: 529, body: `{"type":"error","error":{"type":"overloaded_error"}}`, temporary: true, code: "overloaded_error", want: "HOST has a problem of its own (status 529)"},
	"304":       {status: 304, want: `HOST did not accept the request for the model "test-model" (status 304)`},
	"odd code":  {status: 400, body: `{"error":{"message":"m","code":"a code with blanks"}}`, want: `HOST did not accept the request for the model "test-model" (status 400); it says "m"`},
	"long text": {status: 500, body: strings.Repeat("ä", 300), temporary: true, want: `HOST has a problem of its own (status 500); it says "` + strings.Repeat("ä", 199) + `…"`},
	"huge body": {status: 500, body: `{"error":"` + strings.Repeat("x", 100<<10), temporary: true,
		want: `HOST has a problem of its own (status 500); it says "{"error":"` + strings.Repeat("x", 189) + `…"`},
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range refusals {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := modelserver.New(t)
			s.SetChunk(1 << 20)
			s.Reply(modelserver.Body(c.status, "application/json", c.body))
			b := brain(t, s.URL, func(o *openai.Options) {
				if c.key == "-" {
					o.APIKey = ""
				}
			})
			got, err := think(t, b, question("x"))
			e := provider(t, err)
			want := strings.ReplaceAll(c.want, "HOST", strings.TrimPrefix(s.URL, "http://"))
			if e.Error() != want {
				t.Errorf("error\n%s\nwant\n%s", e, want)
			}
			if e.Status != c.status || e.Code != c.code || e.Fatal != c.fatal || e.Temporary() != c.temporary || got.Text != "" {
				t.Errorf("status %d, code %q, fatal %v, temporary %v, text %q", e.Status, e.Code, e.Fatal, e.Temporary(), got.Text)
			}
			if n := len(s.Requests()); n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"":                              0,
		"7":                             7 * time.Second,
		" 1.5 ":                         1500 * time.Millisecond,
		"0":                             0,
		"-3":                            0,
		"600":                           10 * time.Minute,
		"86400":                         10 * time.Minute,
		"99999999999999999999":          0,
		"soon":                          0,
		"NaN":                           0,
		"Sun, 22 Nov 2026 10:01:30 GMT": 90 * time.Second,
		"Sun, 22 Nov 2026 09:00:00 GMT": 0,
		"Sun, 22 Nov 2099 10:00:00 GMT": 10 * time.Minute,
	} {
		t.Run(header, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", header)
				w.WriteHeader(http.StatusServiceUnavailable)
			}))
			defer server.Close()
			b := brain(t, server.URL, func(o *openai.Options) { o.Now = func() time.Time { return now } })
			_, err := think(t, b, question("x"))
			if got := provider(t, err).RetryAfter; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func TestKeyIsNeverInAnError(t *testing.T) {
	t.Parallel()
	bodies := map[string]string{
		"whole":      `{"error":{"message":"the key ` + testKey + ` is bad","code":"` + testKey + `","type":"` + testKey + `"}}`,
		"masked":     `{"error":"bad key sk-proj-****************i789"}`,
		"cut":        `{"error":"bad key ` + testKey[:15] + `"}`,
		"escaped":    `{"error":"bad key \u0073` + testKey[1:] + `"}`,
		"plain text": "bad key '" + testKey + "'",
		"at the end": strings.Repeat("x", 190) + " " + testKey,
	}
	for name, body := range bodies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := modelserver.New(t)
			s.SetChunk(1 << 20)
			b := brain(t, s.URL)
			for _, status := range []int{400, 401, 403, 404, 429, 500} {
				s.Reply(modelserver.Body(status, "application/json", body))
			}
			s.Reply(
				modelserver.Raw("event: error\ndata: "+body+"\n\n"),
				modelserver.Raw("data: "+body+"\n\n"),
				modelserver.Raw(body),
			)
			for range 9 {
				_, err := think(t, b, question("x"))
				e := provider(t, err)
				for _, part := range []string{testKey[:9], testKey[8:], testKey[len(testKey)-4:]} {
					if strings.Contains(e.Error()+e.Code, part) {
						t.Errorf("%q is in %q, code %q", part, e, e.Code)
					}
				}
			}
			if n := len(s.Requests()); n != 9 {
				t.Errorf("%d requests, want 9", n)
			}
		})
	}
}

func TestShortKeyIsNeverInAnError(t *testing.T) {
	t.Parallel()
	s := modelserver.New(t)
	s.Reply(modelserver.Body(500, "text/plain", "the key is k3y and no monk3ys"))
	_, err := think(t, brain(t, s.URL, func(o *openai.Options) { o.APIKey = "k3y" }), question("x"))
	if e := provider(t, err); !strings.HasSuffix(e.Msg, `"the key is [key] and no mon[key]s"`) {
		t.Errorf("error %v", e)
	}
}

func TestNobodyAnswers(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	_, err := think(t, brain(t, server.URL), question("x"))
	e := provider(t, err)
	if want := strings.TrimPrefix(server.URL, "http://") + " did not answer"; e.Msg != want || e.Status != 0 || !e.Temporary() {
		t.Errorf("status %d, message %q, want %q", e.Status, e.Msg, want)
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	t.Run("another origin is not followed", func(t *testing.T) {
		t.Parallel()
		for _, status := range []int{301, 302, 303, 307, 308} {
			var visits atomic.Int32
			other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, other.URL+"/v1?key="+r.Header.Get("Authorization"), status)
			}))
			_, err := think(t, brain(t, server.URL), question("x"))
			e := provider(t, err)
			if !e.Fatal || !strings.HasSuffix(e.Error(), "set the base URL to where it leads: redirected to "+other.URL) {
				t.Errorf("%d: fatal %v: %v", status, e.Fatal, e)
			}
			if n := visits.Load(); n != 0 {
				t.Errorf("%d: the other server was visited %d times", status, n)
			}
			server.Close()
			other.Close()
		}
	})
	t.Run("the same origin is", func(t *testing.T) {
		t.Parallel()
		mux := http.NewServeMux()
		mux.HandleFunc("/v1/chat/completions", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/v2", http.StatusPermanentRedirect)
		})
		mux.HandleFunc("POST /v2", func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "Bearer "+testKey || r.ContentLength < 100 {
				t.Errorf("key %q, %d bytes", r.Header.Get("Authorization"), r.ContentLength)
			}
			_, _ = w.Write([]byte(chunks(hi, stop)))
		})
		server := httptest.NewServer(mux)
		defer server.Close()
		got, err := think(t, brain(t, server.URL), question("x"))
		if err != nil || got.Text != "hi" {
			t.Errorf("text %q, error %v", got.Text, err)
		}
	})
	t.Run("but not for ever", func(t *testing.T) {
		t.Parallel()
		var visits atomic.Int32
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			visits.Add(1)
			http.Redirect(w, r, "/again", http.StatusTemporaryRedirect)
		}))
		defer server.Close()
		_, err := think(t, brain(t, server.URL), question("x"))
		if e := provider(t, err); !e.Fatal || visits.Load() != 4 {
			t.Errorf("fatal %v after %d visits: %v", e.Fatal, visits.Load(), e)
		}
	})
}

func TestCallersClientIsNotChanged(t *testing.T) {
	t.Parallel()
	s := modelserver.New(t)
	mine := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	if _, err := think(t, brain(t, s.URL, func(o *openai.Options) { o.HTTPClient = mine }), question("x")); err != nil {
		t.Fatal(err)
	}
	if mine.CheckRedirect != nil {
		t.Error("the redirect policy was changed")
	}
}
