package v1

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/tmates/tmates/server/hub"
)

// Access says what a caller needs for a route. The zero value is the strictest,
// so that a route nobody thought about is closed.
type Access uint8

// The kinds of access.
const (
	AccessToken    Access = iota // an access token in the Authorization header; 401 without
	AccessSocket                 // an access token at the WebSocket handshake; 403 with an empty body without
	AccessInternal               // the instance's internal secret, from an allowed peer; the route is off (404) by default
	AccessPublic                 // nothing
	AccessLink                   // a signed link: 422 when the query lacks a part of it, 403 when it is no good
)

// Route is one line of the table of routes.
type Route struct {
	Method string
	Path   string // in echo's notation, without a prefix: "/chats/:thread_id"
	Access Access
}

// Prefixes returns where the table of routes is served. The contract's own
// prefix comes first; the others are what the official client and the links in
// old messages use (Q-K1, Q-F2).
func Prefixes() []string { return []string{"/v1", "/api/v1", "/api", ""} }

// Routes returns the table of routes, once, without prefixes.
func Routes() []Route {
	var routes []Route
	for _, e := range table(Options{}) {
		routes = append(routes, e.Route)
	}
	return routes
}

// useCases is everything the routes ask of server/team; each file names its own
// part.
type useCases interface {
	staff
	catalog
	makers
	threads
	history
	speech
	board
	folder
	account
	preferences
	billing
	spending
	organization
	services
	notebook
	finder
	warden
	work
	conversation
	outsideWork
}

// Options of [Mount]. Team, Door, Hub and Authenticate are required.
type Options struct {
	Team useCases
	Door door // brings people in and out
	Hub  *hub.Hub
	// Authenticate returns whose access token it is and the login behind it. A
	// token that is no good is an error of kind Unauthenticated, Forbidden or
	// NotFound; the contract answers all three alike.
	Authenticate func(ctx context.Context, token string) (userID, sessionID string, err error)
	// Recheck is Authenticate without any cache, for who waited or just began to
	// listen. Default: Authenticate.
	Recheck func(ctx context.Context, token string) (userID, sessionID string, err error)
	// Internal opens the routes for workers outside the process; the zero value
	// leaves them off.
	Internal Internal
	// HoldPoll is how long a poll for an answer in the making may be held
	// (Q-K3); 0: not at all.
	HoldPoll time.Duration
	// BaseURL is how people reach the server, for the document; without a slash
	// at the end. Empty: its addresses are relative.
	BaseURL string
	// Writable reports why the database cannot be written now. Default: it can.
	Writable func(ctx context.Context) error
	// Stopping ends held polls when it is closed; nil: only HoldPoll does.
	Stopping <-chan struct{}
	// ViewKey signs the links to files.
	ViewKey []byte
	// Requests are worked on at a time, from before their body is read, and
	// LargeReads answers of some megabytes at a time; one more request is told to
	// come back. Uploads, downloads, sockets and polls that are held are bounded on
	// their own. Defaults: 256 and 16.
	Requests, LargeReads int
	// MaxUpload is how large an uploaded file may be, in bytes.
	MaxUpload int64
	Log       *slog.Logger     // default: nothing is logged
	Now       func() time.Time // default: time.Now
}

// Mount serves the table of routes on e, under each of [Prefixes]. It adds no
// middleware and sets no error handler: the server does, with [WriteError].
func Mount(e *echo.Echo, o Options) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Recheck == nil {
		o.Recheck = o.Authenticate
	}
	o.Requests, o.LargeReads = cmp.Or(o.Requests, 256), cmp.Or(o.LargeReads, 16)
	if o.Writable == nil {
		o.Writable = func(context.Context) error { return nil }
	}
	g := gate{turns: newTurns(o), authenticate: o.Authenticate, recheck: o.Recheck, internal: o.Internal, log: o.Log}
	allowed := map[string][]string{}
	for _, ep := range table(o) {
		if ep.Access == AccessInternal && !o.Internal.on() {
			continue
		}
		for _, prefix := range Prefixes() {
			e.Add(ep.Method, prefix+ep.Path, g.handler(ep))
		}
		allowed[ep.Path] = append(allowed[ep.Path], ep.Method)
	}
	// The router would answer OPTIONS by itself; with CORS off the contract
	// wants 405. With CORS on a middleware answers before this.
	for path, methods := range allowed {
		slices.Sort(methods)
		for _, prefix := range Prefixes() {
			e.Add(http.MethodOptions, prefix+path, notAllowed(strings.Join(methods, ", ")))
		}
	}
}

func notAllowed(methods string) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderAllow, methods)
		return echo.ErrMethodNotAllowed
	}
}

// endpoint is a route with what serves it.
type endpoint struct {
	Route
	body  bool // a JSON body is read before the caller is authenticated
	wordy bool // see wordyBearer
	free  bool // takes no turn of a request: it has bounds of its own, or must be answered in any case
	large bool // answers with some megabytes, perhaps
	file  bool // answers with a file
	serve func(call) error
}

// call is one request that passed the gate.
type call struct {
	echo.Context
	user    string       // whose access token it is; empty on public routes
	session string       // the login behind the token
	again   func() error // checks the token once more, uncached; nil on public routes
	body    body
	stay    *stay
}

func (c call) ctx() context.Context { return c.Request().Context() }
