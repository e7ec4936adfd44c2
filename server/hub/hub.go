package hub

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/tmates/tmates/store/tmates"
)

// Sizes of the library's buffers, in bytes. Those for writing are pooled, so an
// idle socket holds none.
const (
	readBufferSize  = 256
	writeBufferSize = 512
)

// Options configure a [Hub]. Zero values take the defaults named here.
type Options struct {
	// Encode returns the text frame of an event, or nil when it is not to be
	// sent. It is called once per event, whatever the number of sockets, under
	// the hub's lock: it must neither block nor call the hub. Required.
	Encode func(tmates.Event) []byte
	// CheckOrigin decides whether a browser's page may connect. Default: pages
	// of the same host, and clients that send no Origin.
	CheckOrigin func(*http.Request) bool
	Log         *slog.Logger // default: nothing is logged

	MaxSockets  int   // of all users together; 10000
	MaxPerUser  int   // 64
	QueueBytes  int   // waiting for one socket; 1 MiB. A longer frame may wait alone
	QueueFrames int   // waiting for one socket; 512
	TotalBytes  int   // waiting for all sockets together; 64 MiB. What they share counts once
	MaxFrame    int64 // bytes of one frame from a client; 1 MiB

	PingEvery time.Duration // 25 s
	PongWait  time.Duration // silence after which a peer is dropped, longer than PingEvery; 60 s, two missed pongs
	WriteWait time.Duration // for a peer to take one frame; 10 s
}

// Hub knows the open sockets of every user. It is safe for use by several
// goroutines.
type Hub struct {
	o        Options
	upgrader websocket.Upgrader
	writers  writers
	load     load

	mu      sync.Mutex // taken before the lock of a socket, never after it
	users   map[string]*audience
	total   int // sockets of all users
	clock   clock
	came    rush // sockets that began
	gone    rush // sockets that ended
	closed  bool
	drained chan struct{} // closed once the hub is closed and total is 0
}

// audience is everybody who listens to the events of one user.
type audience struct {
	sockets []*Socket
	watches []*Watch
}

// New returns a hub without sockets. It starts nothing.
func New(o Options) *Hub {
	if o.Encode == nil {
		panic("hub: Options.Encode is nil")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.MaxSockets = cmp.Or(o.MaxSockets, 10_000)
	o.MaxPerUser = cmp.Or(o.MaxPerUser, 64)
	o.QueueBytes = cmp.Or(o.QueueBytes, 1<<20)
	o.QueueFrames = cmp.Or(o.QueueFrames, 512)
	o.TotalBytes = cmp.Or(o.TotalBytes, 64<<20)
	o.MaxFrame = cmp.Or(o.MaxFrame, 1<<20)
	o.PingEvery = cmp.Or(o.PingEvery, 25*time.Second)
	o.PongWait = cmp.Or(o.PongWait, 60*time.Second)
	o.WriteWait = cmp.Or(o.WriteWait, 10*time.Second)
	return &Hub{
		o: o,
		upgrader: websocket.Upgrader{
			ReadBufferSize:  readBufferSize,
			WriteBufferSize: writeBufferSize,
			WriteBufferPool: &sync.Pool{},
			CheckOrigin:     o.CheckOrigin,
		},
		writers: writers{limit: runtime.GOMAXPROCS(0)},
		users:   make(map[string]*audience),
		drained: make(chan struct{}),
	}
}

// Publish hands events to the sockets and watches of their users, in the order
// given. Messages, statuses and posts go to every socket of the user, deltas
// and resets to those that stream the thread, and the end of a session closes
// the sockets of that session. Publish never waits for a socket, so it may run
// under the store's write turn, which is what makes the order commit order.
func (h *Hub) Publish(evs []tmates.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range evs {
		if a := h.users[evs[i].UserID]; a != nil {
			h.deliver(a, &evs[i])
		}
	}
}

func (h *Hub) deliver(a *audience, ev *tmates.Event) {
	if ev.Type == tmates.EventSessionEnd {
		for _, s := range a.sockets {
			if ev.SessionID == "" || ev.SessionID == s.sessionID {
				s.close(websocket.ClosePolicyViolation, "session ended")
			}
		}
		return
	}
	for _, w := range a.watches {
		w.see(ev)
	}
	var f *frame
	for _, s := range a.sockets {
		if f == nil && s.wants(ev) {
			if f = h.encode(ev, len(a.sockets) > 1); f == nil {
				return
			}
		}
		if f != nil {
			s.offer(ev, f)
		}
	}
	h.relieve()
}

// encode returns the one frame all receivers of ev share, or nil.
func (h *Hub) encode(ev *tmates.Event, shared bool) *frame {
	data := h.o.Encode(*ev)
	if data == nil {
		return nil
	}
	f := newFrame(data, shared)
	if ev.Type == tmates.EventMessage && ev.Message != nil {
		f.threadID, f.seq = ev.ThreadID, ev.Message.Seq
	}
	return f
}

// Online reports whether the user has an open socket.
func (h *Hub) Online(userID string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	a := h.users[userID]
	return a != nil && slices.ContainsFunc(a.sockets, (*Socket).isOpen)
}

// Close refuses new sockets, closes the open ones with 1001 and waits until
// every socket is over. When ctx ends first, it cuts the remaining
// connections and returns an error without waiting any longer. Watches go on
// working. Close may be called again, to wait again.
func (h *Hub) Close(ctx context.Context) error {
	h.mu.Lock()
	if !h.closed {
		h.closed = true
		h.came.stop()
		h.gone.stop()
		if h.total == 0 {
			close(h.drained)
		}
	}
	for s := range h.sockets() {
		s.close(websocket.CloseGoingAway, "server stops")
	}
	h.mu.Unlock()

	select {
	case <-h.drained:
		return nil
	case <-ctx.Done():
	}
	h.mu.Lock()
	rest := slices.Collect(h.sockets())
	h.mu.Unlock()
	if len(rest) == 0 {
		return nil
	}
	for _, s := range rest {
		s.cut()
	}
	return fmt.Errorf("close %d sockets: %w", len(rest), context.Cause(ctx))
}

// sockets yields every socket; h.mu must be held meanwhile.
func (h *Hub) sockets() func(yield func(*Socket) bool) {
	return func(yield func(*Socket) bool) {
		for _, a := range h.users {
			for _, s := range a.sockets {
				if !yield(s) {
					return
				}
			}
		}
	}
}

// attach makes s a receiver, or says why there is no place for it.
func (h *Hub) attach(s *Socket) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return tmates.E(tmates.Unavailable, "shutting_down", nil, "the server is shutting down")
	}
	if h.total >= h.o.MaxSockets {
		return tmates.E(tmates.Unavailable, "sockets_exhausted", nil, "the server has too many open sockets")
	}
	a := h.audience(s.userID)
	if len(a.sockets) >= h.o.MaxPerUser {
		return tmates.E(tmates.TooMany, "too_many_sockets", nil, "you have too many open sockets")
	}
	s.seat = len(a.sockets)
	a.sockets = append(a.sockets, s)
	h.total++
	h.came.one()
	h.enter(s)
	return nil
}

// detach undoes attach.
func (h *Hub) detach(s *Socket) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.leave(s)
	a := h.users[s.userID]
	last := len(a.sockets) - 1
	a.sockets[s.seat] = a.sockets[last]
	a.sockets[s.seat].seat = s.seat
	a.sockets[last] = nil
	a.sockets = a.sockets[:last]
	h.total--
	h.forget(s.userID, a)
	switch {
	case !h.closed:
		h.gone.one()
	case h.total == 0:
		close(h.drained)
	}
}

// audience returns the user's audience, a new one if need be. A new one must
// get a member before h.mu is released.
func (h *Hub) audience(userID string) *audience {
	a := h.users[userID]
	if a == nil {
		a = &audience{}
		h.users[userID] = a
	}
	return a
}

// forget drops an audience nobody is left in.
func (h *Hub) forget(userID string, a *audience) {
	if len(a.sockets) == 0 && len(a.watches) == 0 {
		delete(h.users, userID)
	}
}
