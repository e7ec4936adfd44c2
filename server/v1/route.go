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
	threads
	history
	speech
	board
	folder
	account
	preferences
	billing
	organization
	work
	conversation
	outsideWork
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
	if o.Writable == nil {
		o.Writable = func(context.Context) error { return nil }
	}
	g := gate{authenticate: o.Authenticate, recheck: o.Recheck, internal: o.Internal, log: o.Log}
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
	internal := func(path string, serve func(call) error) endpoint {
		return endpoint{Route: Route{Method: http.MethodPost, Path: path, Access: AccessInternal}, body: true, serve: serve}
	}
	link := func(method, path string, serve func(call) error) endpoint {
		return endpoint{Route: Route{Method: method, Path: path, Access: AccessLink}, serve: serve}
	}
	socket := func(path string) endpoint {
		return endpoint{Route: Route{Method: http.MethodGet, Path: path, Access: AccessSocket}, serve: openSocket(o)}
	}
	return append([]endpoint{
		public(http.MethodGet, "/health", health),
		public(http.MethodHead, "/health", health),
		public(http.MethodGet, "/health/ready", ready(o.Writable)),
		public(http.MethodHead, "/health/ready", ready(o.Writable)),
		public(http.MethodGet, "/openapi.json", getDocument(o.BaseURL)),

		get("/agents/metadata", agentsMetadata(o.Team)),
		get("/agents/enabled", agentsEnabled(o.Team)),
		public(http.MethodGet, "/agents/platform", agentsPlatform(o.Team, o.Authenticate)),
		get("/agents/store", agentStore(o.Team)),
		send(http.MethodPost, "/agents/manage", manageAgent(o.Team)),
		send(http.MethodPost, "/agents/hire", hireAgent(o.Team)),
		send(http.MethodPost, "/agents/dismiss", dismissAgent(o.Team)),
		get("/agents/:agent_key/metadata", agentMetadata(o.Team)),
		get("/teammates", listTeammates(o.Team)),

		get("/chats", listChats(o.Team)),
		bare(http.MethodPost, "/chats", openChat(o.Team, o.Team)),
		get("/chats/:thread_id", getChat(newHold(o))),
		bare(http.MethodDelete, "/chats/:thread_id", deleteChat(o.Team)),
		bare(http.MethodPost, "/chats/:thread_id/clear", clearChat(o.Team)),
		bare(http.MethodPost, "/chats/:thread_id/session/reset", resetSession(o.Team)),
		send(http.MethodPost, "/chats/:thread_id/messages", sendMessage(o.Team)),

		get("/pinboard", listPosts(o.Team)),
		send(http.MethodPost, "/pinboard", addPost(o.Team)),
		get("/pinboard/:slug", getPost(o.Team)),
		bare(http.MethodDelete, "/pinboard/:slug", deletePost(o.Team)),

		get("/files", listFiles(o.Team)),
		bare(http.MethodHead, "/files", listFiles(o.Team)),
		bare(http.MethodPost, "/files/upload", uploadFile(o)),
		get("/files/download/*", downloadFile(o.Team)),
		bare(http.MethodHead, "/files/download/*", downloadFile(o.Team)),
		link(http.MethodGet, "/files/view/*", viewFile(o)),
		link(http.MethodHead, "/files/view/*", viewFile(o)),
		bare(http.MethodPost, "/files/generate-view-url/*", makeLink(o)),
		bare(http.MethodDelete, "/files/*", deleteFile(o.Team, "")),
		bare(http.MethodDelete, "/files/download/*", deleteFile(o.Team, "download/")),
		bare(http.MethodDelete, "/files/view/*", deleteFile(o.Team, "view/")),
		bare(http.MethodDelete, "/files/generate-view-url/*", deleteFile(o.Team, "generate-view-url/")),

		get("/profile", getProfile(o.Team)),
		send(http.MethodPatch, "/profile", changeProfile(o.Team)),
		get("/profile/me", getProfile(o.Team)),
		send(http.MethodPatch, "/profile/me", changeProfile(o.Team)),
		get("/settings/mobile", getSettings(o.Team)),
		send(http.MethodPatch, "/settings/mobile", changeSettings(o.Team)),

		get("/jobs", listJobs(o.Team)),
		send(http.MethodPost, "/jobs", addJob(o.Team)),
		get("/jobs/:job_id", getJob(o.Team)),
		bare(http.MethodPost, "/jobs/:job_id/cancel", cancelJob(o.Team)),

		get("/integrations/gmail/authorization-url", gmailMissing),
		send(http.MethodPost, "/integrations/gmail/exchange", gmailExchange),
		public(http.MethodGet, "/integrations/gmail/callback", gmailCallback),
		get("/integrations/gmail/status", gmailStatus),
		bare(http.MethodPost, "/integrations/gmail/disconnect", gmailDisconnect),

		internal("/internal/agent-result", agentResult(o.Team)),
		internal("/internal/chat-status", chatStatus(o.Team)),
		internal("/internal/chat-history", chatHistory(o.Team)),

		socket("/ws/:user_id"),
		socket("/ws"),
		socket("/websocket"),
	}, billingTable(o)...)
}

// billingTable is the part of the table about plans and organisations.
func billingTable(o Options) []endpoint {
	to := func(method, path string) Route { return Route{Method: method, Path: path} }
	public := func(method, path string) Route { return Route{Method: method, Path: path, Access: AccessPublic} }
	return []endpoint{
		{Route: to(http.MethodPost, "/billing/onboard"), body: true, wordy: true, serve: onboard(o.Team)},
		{Route: to(http.MethodGet, "/billing/plan"), serve: getPlan(o.Team)},
		{Route: public(http.MethodGet, "/billing/pricing"), serve: getPricing(o.Team)},
		{Route: to(http.MethodPost, "/billing/checkout"), body: true, serve: checkout},
		{Route: to(http.MethodPost, "/billing/portal"), body: true, serve: portal},
		{Route: to(http.MethodPost, "/billing/sync"), serve: syncBilling(o.Team)},
		{Route: public(http.MethodPost, "/billing/webhook"), serve: webhook},
		{Route: to(http.MethodGet, "/auth/user/status"), serve: userStatus(o.Team)},

		{Route: to(http.MethodGet, "/organization"), serve: getOrganization(o.Team)},
		{Route: to(http.MethodPatch, "/organization"), body: true, serve: renameOrganization(o.Team)},
		{Route: to(http.MethodGet, "/organization/members"), serve: listMembers(o.Team)},
		{Route: to(http.MethodPatch, "/organization/members/:user_id"), body: true, serve: changeMember(o.Team)},
	}
}
