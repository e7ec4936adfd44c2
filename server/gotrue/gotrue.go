package gotrue

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/tmates/tmates/server/identity"
	"github.com/tmates/tmates/server/limit"
)

// Prefix is where the contract lives.
const Prefix = "/auth/v1"

// Options of [New]. Identity is required.
type Options struct {
	Identity *identity.Service
	Version  string   // of the program, for GET /health
	Origins  []string // web pages that may call; empty: all. No cookie is ever used.
	Requests int      // worked on at a time; others wait; default 64
	Log      *slog.Logger
}

// API serves the contract.
type API struct {
	use     *identity.Service
	version string
	origins []string
	log     *slog.Logger
	reads   *limit.Turns // of requests without a body, which take next to nothing
	changes *limit.Turns // of all others, by address
}

// New returns the contract over its use-cases.
func New(o Options) *API {
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	n := cmp.Or(o.Requests, 64)
	return &API{
		use: o.Identity, version: o.Version, origins: o.Origins, log: log,
		reads: limit.NewTurns(n, n, math.MaxInt), changes: limit.NewTurns(n, max(n-n/4, 1), 16*n),
	}
}

// Mount registers every route. The server's error handler must hand errors
// under [Prefix] to [API.WriteError]. Nothing is attached to a group, because a
// group's catch-all would turn a wrong method into 404.
func (a *API) Mount(e *echo.Echo) {
	type route struct {
		method, path string
		handle       echo.HandlerFunc
	}
	routes := []route{
		{http.MethodPost, "/otp", a.otp},
		{http.MethodPost, "/magiclink", a.otp},
		{http.MethodPost, "/verify", a.verify},
		{http.MethodPost, "/signup", a.signUp},
		{http.MethodPost, "/token", a.token},
		{http.MethodPost, "/recover", a.recover},
		{http.MethodPost, "/resend", a.resend},
		{http.MethodPost, "/logout", a.logout},
		{http.MethodGet, "/user", a.user},
		{http.MethodPut, "/user", a.updateUser},
		{http.MethodGet, "/reauthenticate", a.reauthenticate},
		{http.MethodGet, "/verify", a.follow},
		{http.MethodGet, "/admin/users", a.operator(a.listUsers)},
		{http.MethodPost, "/admin/users", a.operator(a.createUser)},
		{http.MethodGet, "/admin/users/:id", a.operator(a.getUser)},
		{http.MethodPut, "/admin/users/:id", a.operator(a.changeUser)},
		{http.MethodDelete, "/admin/users/:id", a.operator(a.deleteUser)},
		{http.MethodPost, "/admin/generate_link", a.operator(a.makeLink)},
		{http.MethodPost, "/invite", a.operator(a.invite)},
		{http.MethodGet, "/settings", a.settings},
		{http.MethodGet, "/health", a.health},
		{http.MethodGet, "/.well-known/jwks.json", jwks},
	}
	for _, absent := range leftOut {
		for _, path := range absent.paths {
			for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
				routes = append(routes, route{method, path, func(echo.Context) error { return absent.err }})
			}
		}
	}
	var preflights []string
	for _, r := range routes {
		e.Add(r.method, Prefix+r.path, r.handle, a.headers)
		if !slices.Contains(preflights, r.path) {
			preflights = append(preflights, r.path)
			e.OPTIONS(Prefix+r.path, a.preflight, a.headers)
		}
	}
}

// headers puts what every answer carries in front of a handler.
func (a *API) headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		a.setHeaders(c)
		ctx, cancel := context.WithTimeout(c.Request().Context(), handlerTime)
		defer cancel()
		c.SetRequest(c.Request().WithContext(ctx))
		leave, err := a.turn(c)
		if err != nil {
			return err
		}
		defer leave()
		return next(c)
	}
}

// turnWait is how long a request waits for its turn before it is told to come
// back.
const turnWait = 8 * time.Second

// turn waits until it is a request's turn. Clients take a refusal of GET /user for
// the end of their login: it waits as long as any request may take, in a queue
// where nobody is slow to send a body.
func (a *API) turn(c echo.Context) (leave func(), err error) {
	ctx := c.Request().Context()
	if c.Request().Method == http.MethodGet {
		leave, err = a.reads.Enter(ctx, "", handlerTime)
	} else {
		leave, err = a.changes.Enter(ctx, c.RealIP(), turnWait)
	}
	if errors.Is(err, limit.ErrBusy) {
		err = errRetry
	}
	return leave, err
}

// handlerTime is how long a request may take: past it the client had better ask
// again than wait for a database that is stuck.
const handlerTime = 10 * time.Second

// setHeaders is called again for errors, which may come from the router and
// have met no middleware.
func (a *API) setHeaders(c echo.Context) {
	h := c.Response().Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set(echo.HeaderAccessControlExposeHeaders, "X-Supabase-Api-Version, X-Total-Count, Link, Retry-After")
	if len(a.origins) == 0 || slices.Contains(a.origins, "*") {
		h.Set(echo.HeaderAccessControlAllowOrigin, "*")
		return
	}
	h.Set(echo.HeaderVary, echo.HeaderOrigin)
	if origin := c.Request().Header.Get(echo.HeaderOrigin); slices.Contains(a.origins, origin) {
		h.Set(echo.HeaderAccessControlAllowOrigin, origin)
	}
}

// preflight answers a browser that asks before it calls. The wanted headers are
// echoed, because a star would not cover Authorization.
func (a *API) preflight(c echo.Context) error {
	h := c.Response().Header()
	h.Set(echo.HeaderAccessControlAllowMethods, "GET,POST,PUT,PATCH,DELETE,OPTIONS")
	if wanted := c.Request().Header.Get(echo.HeaderAccessControlRequestHeaders); wanted != "" {
		h.Set(echo.HeaderAccessControlAllowHeaders, wanted)
		h.Add(echo.HeaderVary, echo.HeaderAccessControlRequestHeaders)
	}
	h.Set(echo.HeaderAccessControlMaxAge, "3600")
	return c.NoContent(http.StatusNoContent)
}

// client is where a request comes from; the server's IPExtractor decides which
// proxies are believed.
func client(c echo.Context) identity.Client {
	return identity.Client{IP: c.RealIP(), UserAgent: c.Request().UserAgent()}
}

var bearerPattern = regexp.MustCompile(`(?i)^bearer (\S+)$`)

// bearer returns the access token of a request, or nothing.
func bearer(c echo.Context) string {
	found := bearerPattern.FindStringSubmatch(strings.TrimSpace(c.Request().Header.Get(echo.HeaderAuthorization)))
	if found == nil {
		return ""
	}
	return found[1]
}

// login tells who calls.
func (a *API) login(c echo.Context) (identity.Login, error) {
	return a.use.Authenticate(c.Request().Context(), bearer(c))
}
