package providers

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/tmates/tmates/agents"
)

// Use is how the last turn of a provider ended, since the program started.
type Use struct {
	At      time.Time
	Problem string // a sentence for the owner; empty: it answered
}

// line lets a number of turns ask a provider at a time, and remembers how the
// last one ended.
type line struct {
	name  string
	brain agents.Brain
	place chan struct{} // as many as may ask at a time
	now   func() time.Time

	mu   sync.Mutex
	last *Use
}

func newLine(name string, b agents.Brain, most int, now func() time.Time) *line {
	return &line{name: name, brain: b, place: make(chan struct{}, most), now: now}
}

// Think waits for its turn and asks the brain. Whoever waits leaves when ctx ends.
func (l *line) Think(ctx context.Context, t agents.Turn) iter.Seq2[agents.Part, error] {
	return func(yield func(agents.Part, error) bool) {
		select {
		case l.place <- struct{}{}:
		case <-ctx.Done():
			yield(agents.Part{}, fmt.Errorf("wait for the provider %s: %w", l.name, context.Cause(ctx)))
			return
		}
		defer func() { <-l.place }()
		for part, err := range l.brain.Think(ctx, t) {
			if err != nil {
				l.failed(err)
			}
			if !yield(part, err) || err != nil {
				return
			}
		}
		l.used(Use{At: l.now()})
	}
}

// failed remembers a failure of the service. A turn that was stopped says nothing
// about it.
func (l *line) failed(err error) {
	if e, ok := errors.AsType[*agents.ProviderError](err); ok {
		l.used(Use{At: l.now(), Problem: e.Msg})
	}
}

func (l *line) used(u Use) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = &u
}

// lastUse returns how the last turn ended; nil when there was none.
func (l *line) lastUse() *Use {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}
