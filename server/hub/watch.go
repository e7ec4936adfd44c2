package hub

import (
	"slices"

	"github.com/tmates/tmates/store/tmates"
)

// Watch tells a goroutine of this process that something may have been said in
// a thread, so that it can wait for an answer without polling and without a
// socket.
type Watch struct {
	// C fires on a message of the thread and when a turn in it has completed,
	// failed or was cancelled. What happens before it is received is told once:
	// look at the store after each receive, and once before the first.
	C <-chan struct{}

	c        chan struct{}
	hub      *Hub
	userID   string
	threadID string
}

// Watch starts watching a thread of the user. The caller must call
// [Watch.Close] and bounds how many watches there are.
func (h *Hub) Watch(userID, threadID string) *Watch {
	c := make(chan struct{}, 1)
	w := &Watch{C: c, c: c, hub: h, userID: userID, threadID: threadID}
	h.mu.Lock()
	defer h.mu.Unlock()
	a := h.audience(userID)
	a.watches = append(a.watches, w)
	return w
}

// Close ends the watch. C stays open and fires no more. Close may be called
// again.
func (w *Watch) Close() {
	w.hub.mu.Lock()
	defer w.hub.mu.Unlock()
	a := w.hub.users[w.userID]
	if a == nil { // closed before
		return
	}
	if i := slices.Index(a.watches, w); i >= 0 {
		a.watches = slices.Delete(a.watches, i, i+1)
	}
	w.hub.forget(w.userID, a)
}

func (w *Watch) see(ev *tmates.Event) {
	if ev.ThreadID != w.threadID {
		return
	}
	switch ev.Type {
	case tmates.EventMessage:
	case tmates.EventStatus:
		if ev.Status == nil {
			return
		}
		switch ev.Status.Status {
		case tmates.StatusCompleted, tmates.StatusFailed, tmates.StatusCancelled:
		default:
			return
		}
	default:
		return
	}
	signal(w.c)
}

// signal leaves a token in a one-place channel unless one is there already.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
