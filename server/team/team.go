package team

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/providers"
	"github.com/tmates/tmates/queue"
	"github.com/tmates/tmates/server/limit"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/files"
	"github.com/tmates/tmates/store/files/reading"
	"github.com/tmates/tmates/store/tmates"
)

// registry knows the tmates that are installed.
type registry interface {
	All() []*agents.Tmate
	Get(key string) *agents.Tmate
	Find(nameOrKey string) *agents.Tmate
	MissingEnv(key string) []string
}

// offers is the catalog: tmates that others publish.
type offers interface {
	Channel() string
	Sync(ctx context.Context) (agents.Synced, error)
}

// runner performs a turn.
type runner interface {
	Run(ctx context.Context, t agents.Turn, watch func(agents.Progress)) (agents.Reply, error)
	Asks(t *agents.Tmate) bool // whether a model would be asked
	Recalls(t *agents.Tmate) int
}

// jobQueue runs the jobs.
type jobQueue interface {
	Ready(userID string, inBackground bool) // a job of the user waits
	Wake()                                  // any may
	Cancel(jobID string)                    // ends the running attempt of a cancelled job
	Seat(userID string) *queue.Seat         // keeps a worker for a job; nil: there is none
	Relay(jobID string) *queue.Relay        // says what comes next on the worker of a job; nil: nothing
}

// Options of [New]. Everything but Catalog, Router, Log and the limits is required.
type Options struct {
	DB       *store.DB
	Registry registry
	Workshop workshop
	Catalog  offers // nil: there is none
	Router   router // nil: no model is asked who answers
	Runner   runner
	Files    *files.Store
	Texts    *reading.Reader // what files say
	Tools    func(agents.Scope) []agents.Tool
	Queue    jobQueue
	Publish  func([]tmates.Event) // for what is shown but not kept, such as text being written
	Log      *slog.Logger
	// ActiveJobs is how many unfinished jobs a user may have before POST /jobs
	// refuses another; default 3, negative: no limit. Chat is never refused.
	ActiveJobs int
	Uploads    Uploads // which files people may send
	// MessagesPerMinute is how many messages and jobs a user may send; 0: no
	// limit.
	MessagesPerMinute int
	// Hops is how often tmates may hand over to each other for one message of a
	// person; 0: never.
	Hops int
	// Billing names the plans and says whether their limits hold.
	Billing  Billing
	Spending Spending
	// Providers are the model services; the runner asks them already.
	Providers *providers.Set
}

// Team serves the use-cases. Its methods may be called from any goroutine.
type Team struct {
	db       *store.DB
	registry registry
	workshop workshop
	catalog  offers
	router   router
	services *providers.Set
	runner   runner
	files    *files.Store
	texts    *reading.Reader
	tools    func(agents.Scope) []agents.Tool
	queue    jobQueue
	publish  func([]tmates.Event)
	log      *slog.Logger
	maxJobs  int
	hops     int
	billing  Billing
	spending Spending
	uploads  Uploads
	sends    *limit.Rate[string] // by user id; nil: no limit
	live     live
	children children
	folders  [64]sync.Mutex // see Team.folder
	stepped  sync.Map       // see Team.inStep; users to true
}

// New returns the use-cases over their parts. It starts nothing.
func New(o Options) *Team {
	t := &Team{
		db:       o.DB,
		registry: o.Registry,
		workshop: o.Workshop,
		catalog:  o.Catalog,
		router:   o.Router,
		hops:     o.Hops,
		services: o.Providers,
		runner:   o.Runner,
		files:    o.Files,
		texts:    o.Texts,
		tools:    o.Tools,
		queue:    o.Queue,
		publish:  o.Publish,
		log:      cmp.Or(o.Log, slog.New(slog.DiscardHandler)),
		maxJobs:  cmp.Or(o.ActiveJobs, 3),
		billing:  o.Billing,
		spending: o.Spending,
		uploads:  o.Uploads,
	}
	t.billing.Default = cmp.Or(t.billing.Default, tmates.DefaultPlan)
	if len(t.billing.Plans) == 0 {
		t.billing.Plans = tmates.Plans()
	}
	if o.MessagesPerMinute > 0 {
		t.sends = limit.NewRate[string](o.MessagesPerMinute, time.Minute, maxSenders)
	}
	return t
}

// maxSenders bounds the memory of who sent how much.
const maxSenders = 10_000

// maySend counts one message or job of the user, unless the server has too much to
// write already.
func (t *Team) maySend(userID string) error {
	if t.db.Crowded() {
		return tmates.E(tmates.Unavailable, "server_busy", nil, "The server is busy: please try again in a few seconds")
	}
	if t.sends == nil {
		return nil
	}
	if wait := t.sends.Take(userID, t.db.Now()); wait > 0 {
		return tmates.E(tmates.TooMany, "too_many_messages", nil, "Too many messages: please wait %d seconds", int(wait.Seconds())+1)
	}
	return nil
}

// hand gives a job that was just stored to the worker kept for it, or tells the
// queue that it waits. Without a job the worker is given back.
func (t *Team) hand(seat *queue.Seat, j tmates.Job) {
	switch {
	case seat == nil && j.ID != "":
		t.queue.Ready(j.UserID, j.Background)
	case seat == nil:
	case j.ID == "":
		seat.Leave()
	case j.State == tmates.JobRunning:
		seat.Take(j)
	default:
		seat.Wait(j.Background)
	}
}

// cancelRunning ends the attempts of jobs that were just made cancelled.
func (t *Team) cancelRunning(jobs []tmates.Job) {
	for _, j := range jobs {
		t.queue.Cancel(j.ID)
		t.children.cancel(j.ID)
	}
	if len(jobs) > 0 {
		t.queue.Wake() // what waited behind one that did not run may begin
	}
}

// isNotFound reports whether an error says that something is not there, or is
// somebody else's.
func isNotFound(err error) bool {
	e, ok := errors.AsType[*tmates.Error](err)
	return ok && e.Kind == tmates.NotFound
}

// isQuota reports whether an error says that a plan does not include more.
func isQuota(err error) bool {
	e, ok := errors.AsType[*tmates.Error](err)
	return ok && e.Kind == tmates.QuotaSpent
}
