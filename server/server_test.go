package server_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/tmates/tmates/server"
	"github.com/tmates/tmates/store/tmates"
)

// contract writes errors as its name and the error's code.
func contract(prefix, name string) server.Contract {
	return server.Contract{Prefix: prefix, WriteError: func(c echo.Context, err error) {
		code := "other"
		if e, ok := errors.AsType[*tmates.Error](err); ok {
			code = e.Code
		}
		_ = c.String(http.StatusTeapot, name+" "+code)
	}}
}

func start(t *testing.T, o server.Options) (*echo.Echo, *httptest.Server) {
	t.Helper()
	o.Contracts = []server.Contract{contract("/auth/v1", "auth"), contract("", "rest")}
	e := server.New(o)
	s := httptest.NewServer(e)
	t.Cleanup(s.Close)
	return e, s
}

func get(t *testing.T, method, url string, headers ...string) (status int, body string, h http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b), res.Header
}

func TestErrorsBelongToTheContractOfTheirPath(t *testing.T) {
	t.Parallel()
	e, s := start(t, server.Options{})
	fail := func(echo.Context) error { return tmates.E(tmates.Invalid, "mine", nil, "x") }
	e.GET("/auth/v1/fail", fail)
	e.GET("/v1/fail", fail)
	e.GET("/v1/panic", func(echo.Context) error { panic("bug") })
	for path, want := range map[string]string{
		"/auth/v1/fail":    "auth mine",
		"/auth/v1/unknown": "auth other",
		"/auth/v1":         "auth other",
		"/auth/v1x":        "rest other",
		"/v1/fail":         "rest mine",
		"/v1/panic":        "rest panic",
		"/unknown":         "rest other",
	} {
		if _, body, _ := get(t, "GET", s.URL+path); body != want {
			t.Errorf("%s: %q, want %q", path, body, want)
		}
	}
}

func TestTrailingSlash(t *testing.T) {
	t.Parallel()
	e, s := start(t, server.Options{})
	e.GET("/v1/things", func(c echo.Context) error { return c.String(http.StatusOK, "things") })
	e.GET("/", func(c echo.Context) error { return c.String(http.StatusOK, "root") })
	for path, want := range map[string]string{"/v1/things/": "things", "/v1/things//": "things", "/": "root", "//": "root"} {
		if status, body, _ := get(t, "GET", s.URL+path); status != http.StatusOK || body != want {
			t.Errorf("%s: %d %q, want %q", path, status, body, want)
		}
	}
}

func TestClientAddress(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		trusted []netip.Prefix
		header  string
		want    string
	}{
		"a stranger cannot choose":                    {header: "9.9.9.9", want: "127.0.0.1"},
		"the right-most address behind the proxy":     {trusted: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, header: "6.6.6.6, 9.9.9.9", want: "9.9.9.9"},
		"a private address is not trusted by default": {trusted: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, header: "9.9.9.9, 10.0.0.1", want: "10.0.0.1"},
		"another proxy is not this one":               {trusted: []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")}, header: "9.9.9.9", want: "127.0.0.1"},
	} {
		e, s := start(t, server.Options{TrustedProxies: c.trusted})
		e.GET("/ip", func(c echo.Context) error { return c.String(http.StatusOK, c.RealIP()) })
		if _, got, _ := get(t, "GET", s.URL+"/ip", "X-Forwarded-For", c.header); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestCORS(t *testing.T) {
	t.Parallel()
	e, s := start(t, server.Options{CORSOrigins: []string{"https://app.example.com"}})
	e.GET("/v1/x", func(c echo.Context) error { return c.NoContent(http.StatusNoContent) })
	_, _, h := get(t, "GET", s.URL+"/v1/x", "Origin", "https://app.example.com")
	if h.Get("Access-Control-Allow-Origin") != "https://app.example.com" || h.Get("Access-Control-Allow-Credentials") != "true" {
		t.Errorf("listed origin: %v", h)
	}
	if _, _, h := get(t, "GET", s.URL+"/v1/x", "Origin", "https://evil.example.com"); h.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("foreign origin: %v", h)
	}
	asks := []string{"Access-Control-Request-Method", "PATCH", "Access-Control-Request-Headers", "authorization, x-any"}
	status, _, h := get(t, "OPTIONS", s.URL+"/v1/x", append(asks, "Origin", "https://app.example.com")...)
	if status != http.StatusOK || h.Get("Access-Control-Allow-Headers") != "authorization, x-any" || h.Get("Access-Control-Max-Age") != "600" ||
		h.Get("Access-Control-Allow-Methods") != "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT" {
		t.Errorf("preflight of a listed origin: %d %v", status, h)
	}
	status, body, h := get(t, "OPTIONS", s.URL+"/v1/x", append(asks, "Origin", "https://evil.example.com")...)
	if status != http.StatusBadRequest || body == "" || h.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("preflight of a foreign origin: %d %q %v", status, body, h)
	}
}

func TestTheLogHoldsNoQuery(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	e, s := start(t, server.Options{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	e.GET("/v1/ws/:id", func(c echo.Context) error { return c.NoContent(http.StatusNoContent) })
	get(t, "GET", s.URL+"/v1/ws/ada?token=secret-token")
	s.Close()
	if got := log.String(); !strings.Contains(got, "path=/v1/ws/ada") || strings.Contains(got, "secret-token") {
		t.Errorf("log: %s", got)
	}
}

// answer is what a request through a gate got.
func through(g *server.Gate, ctx context.Context) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	g.ServeHTTP(w, httptest.NewRequest("GET", "/", nil).WithContext(ctx))
	return w
}

func TestGateHoldsUntilItOpens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := server.NewGate(5 * time.Second)
		held := make(chan *httptest.ResponseRecorder)
		go func() { held <- through(g, t.Context()) }()
		synctest.Wait()
		g.Open(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
		if w := <-held; w.Code != http.StatusNoContent {
			t.Errorf("the held request got %d", w.Code)
		}
		if w := through(g, t.Context()); w.Code != http.StatusNoContent {
			t.Errorf("a later request got %d", w.Code)
		}
	})
}

func TestGateGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := server.NewGate(5 * time.Second)
		begun := time.Now()
		w := through(g, t.Context())
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || time.Since(begun) != 5*time.Second {
			t.Errorf("%d %v after %v", w.Code, w.Header(), time.Since(begun))
		}
	})
}
