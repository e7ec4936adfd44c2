package app_test

import (
	"context"
	"iter"
	"sync"
	"testing"
	"time"

	"github.com/tmates/tmates/agents"
)

// held is a brain that thinks until it is released or its turn ends.
type held struct {
	mu      sync.Mutex
	changed *sync.Cond
	busy    int
	free    chan struct{}
}

func newHeld() *held {
	h := &held{free: make(chan struct{})}
	h.changed = sync.NewCond(&h.mu)
	return h
}

func (h *held) add(n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.busy += n
	h.changed.Broadcast()
}

// Think implements [agents.Brain].
func (h *held) Think(ctx context.Context, t agents.Turn) iter.Seq2[agents.Part, error] {
	return func(yield func(agents.Part, error) bool) {
		h.add(1)
		defer h.add(-1)
		select {
		case <-h.free:
			yield(agents.Part{Text: "You said: " + t.Question()}, nil)
		case <-ctx.Done():
			yield(agents.Part{}, ctx.Err())
		}
	}
}

// release lets every thought end, now and later.
func (h *held) release() { close(h.free) }

// waitBusy waits until a turn is being thought about.
func (h *held) waitBusy(t testing.TB) { h.wait(t, func() bool { return h.busy > 0 }) }

// waitIdle waits until none is.
func (h *held) waitIdle(t testing.TB) { h.wait(t, func() bool { return h.busy == 0 }) }

// wait fails the test when nothing changes for half a minute.
func (h *held) wait(t testing.TB, ok func() bool) {
	t.Helper()
	late := time.AfterFunc(30*time.Second, func() { h.mu.Lock(); defer h.mu.Unlock(); h.free = nil; h.changed.Broadcast() })
	defer late.Stop()
	h.mu.Lock()
	defer h.mu.Unlock()
	for !ok() {
		if h.free == nil {
			t.Fatal("waited too long")
		}
		h.changed.Wait()
	}
}
