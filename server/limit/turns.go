package limit

import (
	"context"
	"errors"
	"sync"
	"time"
)

// ErrBusy is what [Turns.Enter] answers when there is no turn in time.
var ErrBusy = errors.New("no turn in time")

// Turns lets only so many things be done at a time, and only some of them for
// one client, so that the others get a turn, too.
type Turns struct {
	all     chan struct{}
	each    int
	waiting int
	mu      sync.Mutex
	of      map[string]*turn // by client; those nobody runs or waits for are forgotten
}

// turn is the share of one client.
type turn struct {
	places chan struct{}
	users  int // who run or wait; under Turns.mu
}

// NewTurns returns so many turns of everybody together, each of them for one
// client, who may have so many things waiting, those that run included.
func NewTurns(all, each, waiting int) *Turns {
	return &Turns{all: make(chan struct{}, all), each: each, waiting: waiting, of: map[string]*turn{}}
}

// Enter waits for a turn of a client, at most so long; 0 is not at all. Who comes
// first is served first. The caller ends the turn with leave, once.
func (t *Turns) Enter(ctx context.Context, client string, wait time.Duration) (leave func(), err error) {
	own := t.join(client)
	if own == nil {
		return nil, ErrBusy
	}
	var late *time.Timer // only for those who wait
	held := make([]chan struct{}, 0, 2)
	leave = func() {
		for _, places := range held {
			<-places
		}
		t.forget(client, own)
	}
	for _, places := range []chan struct{}{own.places, t.all} {
		select {
		case places <- struct{}{}:
			held = append(held, places)
			continue
		default:
		}
		if wait <= 0 {
			leave()
			return nil, ErrBusy
		}
		if late == nil {
			late = time.NewTimer(wait)
			defer late.Stop()
		}
		select {
		case places <- struct{}{}:
			held = append(held, places)
		case <-late.C:
			leave()
			return nil, ErrBusy
		case <-ctx.Done():
			leave()
			return nil, context.Cause(ctx)
		}
	}
	return leave, nil
}

// join counts one more of a client; nil when there are too many.
func (t *Turns) join(client string) *turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	own := t.of[client]
	if own == nil {
		own = &turn{places: make(chan struct{}, t.each)}
		t.of[client] = own
	}
	if own.users == t.waiting {
		return nil
	}
	own.users++
	return own
}

func (t *Turns) forget(client string, own *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if own.users--; own.users == 0 {
		delete(t.of, client)
	}
}

// Clients returns how many clients have a turn or wait for one.
func (t *Turns) Clients() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.of)
}
