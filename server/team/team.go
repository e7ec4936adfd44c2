package team

import (
	"cmp"
	"context"
	"log/slog"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/files"
	"github.com/tmates/tmates/store/tmates"
)

// registry knows the tmates that are installed.
type registry interface {
	All() []*agents.Tmate
	Get(key string) *agents.Tmate
	Find(nameOrKey string) *agents.Tmate
	MissingEnv(key string) []string
}

// runner performs a turn.
type runner interface {
	Run(ctx context.Context, t agents.Turn, watch func(agents.Progress)) (agents.Reply, error)
}

// Options of [New]. Everything but Log, Online and the limits is required.
type Options struct {
	DB       *store.DB
	Registry registry
	Runner   runner
	Files    *files.Store
	Tools    func(agents.Scope) []agents.Tool
	Wake     func()               // tells the queue that a job is ready
	Cancel   func(jobID string)   // ends the running attempt of a cancelled job
	Publish  func([]tmates.Event) // for what is shown but not kept, such as text being written
	Log      *slog.Logger
	// ActiveJobs is how many unfinished jobs a user may have before POST /jobs
	// refuses another; default 3, negative: no limit. Chat is never refused.
	ActiveJobs int
}

// Team serves the use-cases. Its methods may be called from any goroutine.
type Team struct {
	db       *store.DB
	registry registry
	runner   runner
	files    *files.Store
	tools    func(agents.Scope) []agents.Tool
	wake     func()
	cancel   func(jobID string)
	publish  func([]tmates.Event)
	log      *slog.Logger
	maxJobs  int
	live     live
}

// New returns the use-cases over their parts. It starts nothing.
func New(o Options) *Team {
	return &Team{
		db:       o.DB,
		registry: o.Registry,
		runner:   o.Runner,
		files:    o.Files,
		tools:    o.Tools,
		wake:     o.Wake,
		cancel:   o.Cancel,
		publish:  o.Publish,
		log:      cmp.Or(o.Log, slog.New(slog.DiscardHandler)),
		maxJobs:  cmp.Or(o.ActiveJobs, 3),
	}
}

// cancelRunning ends the attempts of jobs that were just made cancelled.
func (t *Team) cancelRunning(jobs []tmates.Job) {
	for _, j := range jobs {
		t.cancel(j.ID)
	}
}
