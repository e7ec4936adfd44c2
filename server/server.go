package server

import (
	"cmp"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/tmates/tmates/store/tmates"
)

// Contract is one wire contract: the paths it owns and how it writes an error.
type Contract struct {
	Prefix     string // "/auth/v1"; empty: every other path
	WriteError func(c echo.Context, err error)
	OwnCORS    bool // it answers browsers of other origins by itself
}

// Options of [New].
type Options struct {
	// Contracts are searched in order; the last one has an empty prefix.
	Contracts []Contract
	// TrustedProxies are the peers whose X-Forwarded-For is believed. Nobody
	// else can choose the address a rate limit counts for.
	TrustedProxies []netip.Prefix
	// CORSOrigins are the web origins whose pages may call, or only "*". Empty:
	// CORS is off.
	CORSOrigins []string
	Log         *slog.Logger
	Now         func() time.Time
}

// New returns an echo instance without routes: the contracts mount theirs.
func New(o Options) *echo.Echo {
	log := cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	now := o.Now
	if now == nil {
		now = time.Now
	}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Logger.SetOutput(discard{}) // echo would write beside the injected logger
	e.IPExtractor = clientIP(o.TrustedProxies)
	contract := func(c echo.Context) Contract {
		i := slices.IndexFunc(o.Contracts, func(k Contract) bool { return under(c.Request().URL.Path, k.Prefix) })
		return o.Contracts[i]
	}
	e.HTTPErrorHandler = func(err error, c echo.Context) { contract(c).WriteError(c, err) }
	e.Pre(bounded, withoutTrailingSlash)
	e.Use(logged(log, now), recovered(log))
	if len(o.CORSOrigins) > 0 {
		ownCORS := func(c echo.Context) bool { return contract(c).OwnCORS }
		e.Use(preflight(o.CORSOrigins, ownCORS), middleware.CORSWithConfig(middleware.CORSConfig{
			Skipper:          ownCORS,
			AllowOrigins:     o.CORSOrigins,
			AllowCredentials: !slices.Contains(o.CORSOrigins, "*"), // a browser refuses both together
		}))
	}
	return e
}

// preflight answers a browser that asks before it calls as upstream does, with
// 200 and the wanted headers or with 400; the library would say 204 to anybody.
func preflight(origins []string, skip func(echo.Context) bool) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			in, out := c.Request().Header, c.Response().Header()
			origin := in.Get(echo.HeaderOrigin)
			if c.Request().Method != http.MethodOptions || origin == "" || in.Get(echo.HeaderAccessControlRequestMethod) == "" || skip(c) {
				return next(c)
			}
			out.Add(echo.HeaderVary, echo.HeaderOrigin)
			if !slices.Contains(origins, "*") {
				if !slices.Contains(origins, origin) {
					return c.String(http.StatusBadRequest, "Disallowed CORS origin")
				}
				out.Set(echo.HeaderAccessControlAllowCredentials, "true")
			}
			out.Set(echo.HeaderAccessControlAllowOrigin, origin)
			out.Set(echo.HeaderAccessControlAllowMethods, "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT")
			out.Set(echo.HeaderAccessControlMaxAge, "600")
			if wanted := in.Get(echo.HeaderAccessControlRequestHeaders); wanted != "" {
				out.Set(echo.HeaderAccessControlAllowHeaders, wanted)
			}
			return c.NoContent(http.StatusOK)
		}
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// under reports whether a path is the prefix or below it.
func under(path, prefix string) bool {
	rest, ok := strings.CutPrefix(path, prefix)
	return ok && (rest == "" || prefix == "" || rest[0] == '/')
}

// clientIP believes X-Forwarded-For only from the listed peers, and then takes
// the right-most address that is not one of them.
func clientIP(trusted []netip.Prefix) echo.IPExtractor {
	if len(trusted) == 0 {
		return echo.ExtractIPDirect()
	}
	opts := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range trusted {
		_, ipNet, err := net.ParseCIDR(p.Masked().String())
		if err != nil {
			panic("server: " + err.Error()) // a netip.Prefix always parses
		}
		opts = append(opts, echo.TrustIPRange(ipNet))
	}
	return echo.ExtractIPFromXFFHeader(opts...)
}

// writeTime is how long a request may take until its answer is read to the end:
// nobody keeps one in the server's memory by not reading it.
const writeTime = 2 * time.Minute

// bounded sets the deadline of an answer. A socket takes the connection over and
// sets its own.
func bounded(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		_ = http.NewResponseController(c.Response()).SetWriteDeadline(time.Now().Add(writeTime)) // recorders of tests know none
		return next(c)
	}
}

// withoutTrailingSlash answers a path with a stray slash like the path without
// it, instead of a redirect that some clients do not follow with their body.
func withoutTrailingSlash(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		u := c.Request().URL
		if len(u.Path) > 1 && strings.HasSuffix(u.Path, "/") {
			trimmed := *u
			trimmed.Path = cmp.Or(strings.TrimRight(u.Path, "/"), "/")
			trimmed.RawPath = strings.TrimRight(u.RawPath, "/")
			c.Request().URL = &trimmed
		}
		return next(c)
	}
}

// recovered turns a panic into an internal error that is logged with its stack.
func recovered(log *slog.Logger) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) (err error) {
			defer func() {
				p := recover()
				if p == nil {
					return
				}
				if p == http.ErrAbortHandler {
					panic(p)
				}
				log.Error("request panicked", "path", c.Request().URL.Path, "panic", p, "stack", string(debug.Stack()))
				err = tmates.E(tmates.Internal, "panic", nil, "Internal Server Error")
			}()
			return next(c)
		}
	}
}

// logged writes one line for each request. The query is left out: the socket's
// carries a token.
func logged(log *slog.Logger, now func() time.Time) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			begun := now()
			if err := next(c); err != nil {
				c.Error(err)
			}
			r, w := c.Request(), c.Response()
			level := slog.LevelDebug
			if w.Status >= http.StatusInternalServerError {
				level = slog.LevelWarn
			}
			log.Log(r.Context(), level, "request", "method", r.Method, "path", cleanPath(r.URL), "status", w.Status,
				"bytes", w.Size, "took", now().Sub(begun), "ip", c.RealIP())
			return nil
		}
	}
}

// maxLoggedPath bounds what a stranger can write into the log with one request,
// in bytes.
const maxLoggedPath = 200

func cleanPath(u *url.URL) string {
	p := u.EscapedPath()
	if len(p) > maxLoggedPath {
		p = p[:maxLoggedPath] + "…"
	}
	return p
}

// HTTP returns the server for a handler, with bounds on what a slow or hostile
// client can hold. A poll is held for less than the read timeout, which would
// end it.
func HTTP(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
