package v1

import (
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
	AccessToken  Access = iota // an access token in the Authorization header; 401 without
	AccessSocket               // an access token at the WebSocket handshake; 403 with an empty body without
	AccessPublic               // nothing
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
	threads
	history
	speech
	board
	folder
	account
	preferences
	work
	conversation
}

// Options of [Mount]. Team, Hub and Authenticate are required.
type Options struct {
	Team useCases
	Hub  *hub.Hub
	// Authenticate returns whose access token it is and the login behind it. A
	// token that is no good is an error of kind Unauthenticated, Forbidden or
	// NotFound; the contract answers all three alike.
	Authenticate func(ctx context.Context, token string) (userID, sessionID string, err error)
	// Recheck is Authenticate without any cache, for who waited or just began to
	// listen. Default: Authenticate.
	Recheck func(ctx context.Context, token string) (userID, sessionID string, err error)
	// HoldPoll is how long a poll for an answer in the making may be held
	// (Q-K3); 0: not at all.
	HoldPoll time.Duration
	// Stopping ends held polls when it is closed; nil: only HoldPoll does.
	Stopping <-chan struct{}
	Log      *slog.Logger     // default: nothing is logged
	Now      func() time.Time // default: time.Now
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
	g := gate{authenticate: o.Authenticate, recheck: o.Recheck, log: o.Log}
	allowed := map[string][]string{}
	for _, ep := range table(o) {
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
	serve func(call) error
}

// call is one request that passed the gate.
type call struct {
	echo.Context
	user    string       // whose access token it is; empty on public routes
	session string       // the login behind the token
	again   func() error // checks the token once more, uncached; nil on public routes
	body    body
}

func (c call) ctx() context.Context { return c.Request().Context() }

// table is every route. Options may be empty when only the routes are asked
// for.
func table(o Options) []endpoint {
	get := func(path string, serve func(call) error) endpoint {
		return endpoint{Route: Route{Method: http.MethodGet, Path: path}, serve: serve}
	}
	send := func(method, path string, serve func(call) error) endpoint {
		return endpoint{Route: Route{Method: method, Path: path}, body: true, serve: serve}
	}
	bare := func(method, path string, serve func(call) error) endpoint {
		return endpoint{Route: Route{Method: method, Path: path}, serve: serve}
	}
	public := func(method, path string, serve func(call) error) endpoint {
		return endpoint{Route: Route{Method: method, Path: path, Access: AccessPublic}, serve: serve}
	}
	socket := func(path string) endpoint {
		return endpoint{Route: Route{Method: http.MethodGet, Path: path, Access: AccessSocket}, serve: openSocket(o)}
	}
	return append(catalogRoutes(o),
		public(http.MethodGet, "/health", health),
		public(http.MethodHead, "/health", health),

		get("/agents/metadata", agentsMetadata(o.Team)),
		get("/agents/enabled", agentsEnabled(o.Team)),
		public(http.MethodGet, "/agents/platform", agentsPlatform(o.Team, o.Authenticate)),
		get("/agents/store", agentStore(o.Team)),
		send(http.MethodPost, "/agents/manage", manageAgent(o.Team)),
		get("/agents/:agent_key/metadata", agentMetadata(o.Team)),
		get("/teammates", listTeammates(o.Team)),

		get("/chats", listChats(o.Team)),
		bare(http.MethodPost, "/chats", openChat(o.Team)),
		get("/chats/:thread_id", getChat(newHold(o))),
		bare(http.MethodDelete, "/chats/:thread_id", deleteChat(o.Team)),
		bare(http.MethodPost, "/chats/:thread_id/clear", clearChat(o.Team)),
		bare(http.MethodPost, "/chats/:thread_id/session/reset", resetSession(o.Team)),
		send(http.MethodPost, "/chats/:thread_id/messages", sendMessage(o.Team)),

		get("/pinboard", listPosts(o.Team)),
		get("/pinboard/:slug", getPost(o.Team)),

		get("/files", listFiles(o.Team)),
		bare(http.MethodHead, "/files", listFiles(o.Team)),
		bare(http.MethodDelete, "/files/*", deleteFile(o.Team)),

		get("/profile", getProfile(o.Team)),
		send(http.MethodPatch, "/profile", changeProfile(o.Team)),
		get("/settings/mobile", getSettings(o.Team)),
		send(http.MethodPatch, "/settings/mobile", changeSettings(o.Team)),

		get("/jobs", listJobs(o.Team)),
		send(http.MethodPost, "/jobs", addJob(o.Team)),
		get("/jobs/:job_id", getJob(o.Team)),
		bare(http.MethodPost, "/jobs/:job_id/cancel", cancelJob(o.Team)),

		socket("/ws/:user_id"),
		socket("/ws"),
		socket("/websocket"),
	)
}
