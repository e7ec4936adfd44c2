package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// passes is how often each measurement of a pair is taken, in turns: three short
// ones say more than a long one on a machine that does other things as well.
const passes = 3

// Options of [Run]. Command is required.
type Options struct {
	Command   []string      // how the program is started; what is measured is appended: "serve"
	Env       []string      // for children, besides what they need
	Version   string        // of the program
	Dir       string        // the folder whose disk is measured; default: the current one
	Scenarios []string      // of [Names]; empty: all
	Time      time.Duration // of one pass of one measurement; default 1 s
	Full      bool          // grow a database of a million messages, too
	Progress  io.Writer     // a line for each scenario that begins; nil: nowhere
	Sizes     Sizes         // default: [DefaultSizes]
}

// Sizes are the counts that are no time.
type Sizes struct {
	Few     int   // clients that talk at a time
	Crowd   int   // clients that talk at a time
	Fan     int   // sockets one event goes to
	Events  int   // that are fanned out in a pass
	Idle    int   // idle sockets whose memory is told for each
	Many    int   // idle sockets whose memory is told together
	Posters int   // people who post jobs at a time
	Jobs    int   // each of them posts in a pass, at most 100
	Starts  int   // of each kind
	Small   int   // messages of the database reads are measured on
	Large   int   // messages of the one that is held against it; only with Full
	File    int64 // bytes
	Files   int   // that go each way in a pass
	Settle  time.Duration
}

// DefaultSizes are those the goals speak of.
func DefaultSizes() Sizes {
	return Sizes{
		Few: 8, Crowd: 32, Fan: 5000, Events: 8, Idle: 5000, Many: 15_000, Posters: 32, Jobs: 50, Starts: 9,
		Small: 100_000, Large: 1_000_000, File: 20_000_000, Files: 5, Settle: 5 * time.Second,
	}
}

// group is how many of something there are, and what their figures are called.
type group struct {
	name string
	n    int
}

func (s Sizes) groups() []group { return []group{{"one", 1}, {"few", s.Few}, {"crowd", s.Crowd}} }

// run is one run of some scenarios.
type run struct {
	o       Options
	dir     string // removed at the end
	figures []Figure
	grown   map[int]string // folders with a grown database, by messages
	open    []func() error // ends what the scenario has started; may be called twice
}

// finally has something ended with the scenario, the newest first.
func (r *run) finally(end func() error) { r.open = append(r.open, end) }

// perform measures a scenario and leaves nothing running.
func (r *run) perform(ctx context.Context, s scenario) error {
	err := s.measure(r, ctx)
	if err != nil { // the reason of a context that ended says more than what broke by it
		err = fmt.Errorf("measure %s: %w", s.name, cmp.Or(context.Cause(ctx), err))
	}
	for _, end := range slices.Backward(r.open) {
		err = cmp.Or(err, end()) // after a failure the others may well fail, too
	}
	r.open = nil
	return err
}

// scenario is something that is measured.
type scenario struct {
	name, what string
	measure    func(*run, context.Context) error
}

// scenarios in the order they run: what wants a quiet machine comes first.
var scenarios = []scenario{
	{"start", "from the call of the program to its first answer", (*run).start},
	{"memory", "memory with everything on, and the size of the program", (*run).memory},
	{"message", "a message from its POST to its own event on the socket, on the disk in between", (*run).message},
	{"turn", "a message from its POST to the event of a tmate's reply", (*run).turn},
	{"queue", "background jobs that do nothing", (*run).queue},
	{"reads", "lists and threads on a grown database", (*run).reads},
	{"files", "uploads and downloads", (*run).files},
	{"fanout", "one event to many sockets", (*run).fanout},
	{"sockets", "memory of idle sockets", (*run).sockets},
}

// Names returns the names of the scenarios, in the order they run.
func Names() (names []string) {
	for _, s := range scenarios {
		names = append(names, s.name)
	}
	return names
}

// Describe returns one line for each scenario: its name and what it measures.
func Describe() string {
	var b strings.Builder
	for _, s := range scenarios {
		_, _ = fmt.Fprintf(&b, "  %-9s %s\n", s.name, s.what)
	}
	return b.String()
}

// Check returns an error that lists the scenarios when one of the names is none.
func Check(names []string) error {
	for _, name := range names {
		if !slices.Contains(Names(), name) {
			return fmt.Errorf("there is no scenario %q; there are: %s", name, strings.Join(Names(), ", "))
		}
	}
	return nil
}

// Run measures, and returns what it found. It fails when a scenario cannot be
// carried out, not when a goal is missed.
func Run(ctx context.Context, o Options) (out Result, err error) {
	o.Dir, o.Time = cmp.Or(o.Dir, "."), cmp.Or(o.Time, time.Second)
	if o.Sizes == (Sizes{}) {
		o.Sizes = DefaultSizes()
	}
	if o.Progress == nil {
		o.Progress = io.Discard
	}
	if err := Check(o.Scenarios); err != nil {
		return out, err
	}
	dir, err := os.MkdirTemp(o.Dir, "tmates-bench-")
	if err != nil {
		return out, fmt.Errorf("create a folder to measure in: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	r := &run{o: o, dir: dir, grown: map[int]string{}}
	out = Result{Version: o.Version, Date: time.Now().UTC().Truncate(time.Second), Pass: o.Time.String(), Full: o.Full, Machine: machineOf(dir)}
	for _, s := range scenarios {
		if len(o.Scenarios) > 0 && !slices.Contains(o.Scenarios, s.name) {
			continue
		}
		_, _ = fmt.Fprintf(o.Progress, "%s: %s\n", s.name, s.what)
		if err := r.perform(ctx, s); err != nil {
			return out, err
		}
	}
	out.Figures = r.figures
	return out, nil
}

// parallel runs fn n times at once. The first failure ends the context of the
// others and is returned.
func parallel(ctx context.Context, n int, fn func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			if err := fn(ctx, i); err != nil {
				cancel(err)
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}

// rest waits for things to calm down.
func rest(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
