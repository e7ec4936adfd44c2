package hub

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/tmates/tmates/store/tmates"
)

// maxThreads bounds what a socket remembers about threads: those it streams,
// and those it replayed. Past it the oldest is forgotten.
const maxThreads = 64

// Socket is one open WebSocket of a user. Its methods are safe for use by
// several goroutines and do nothing once the socket is over.
type Socket struct {
	hub       *Hub
	userID    string
	sessionID string
	ctx       context.Context
	cancel    context.CancelFunc

	// Guarded by the hub's lock.
	seat  int // index in the user's audience
	due   time.Time
	dueAt int // index in the clock

	next *Socket // guarded by the lock of the writers

	mu      sync.Mutex
	conn    *websocket.Conn // nil until the handshake is done
	heard   time.Time       // when the peer last gave a sign of life
	doubted bool            // silent for so long that there is a deadline for the next sign
	queue   queue
	writing int     // bytes of the frame that is being written
	replay  *replay // nil when there is none
	streams []string
	marks   []mark
	pingDue bool
	pong    []byte // answer to the newest ping of the peer; nil when none is due
	busy    bool   // a writer writes to it, or will
	closing bool
	code    int // close code, once closing
	reason  string

	readAll, wroteAll bool // reader and writer are done with conn
}

// mark says that the messages of a thread up to a seq were replayed.
type mark struct {
	threadID string
	upTo     int64
}

func newSocket(h *Hub, userID, sessionID string) *Socket {
	// A copy: what the caller has may be a part of the whole request.
	s := &Socket{hub: h, userID: strings.Clone(userID), sessionID: strings.Clone(sessionID)}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// UserID returns whose socket it is.
func (s *Socket) UserID() string { return s.userID }

// Context ends when the socket is closed, for whatever reason. It has nothing
// of the request that opened the socket, neither its end nor its values.
func (s *Socket) Context() context.Context { return s.ctx }

// Send queues a text frame to this socket only, also while a replay holds
// events back. data must not be changed afterwards. A socket whose queue is
// full is closed with 1013.
func (s *Socket) Send(data []byte) {
	f := newFrame(data, false)
	s.mu.Lock()
	if !s.closing {
		s.enqueue(&s.queue, f)
	}
	s.mu.Unlock()
	s.hub.checkLoad()
}

// Stream makes the socket receive the deltas and resets of the thread from now
// on. A socket streams at most 64 threads; one more ends the oldest stream.
func (s *Socket) Stream(threadID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.streams, threadID) {
		s.streams = appendBounded(s.streams, threadID)
	}
}

// wants reports whether ev is for this socket.
func (s *Socket) wants(ev *tmates.Event) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wantsLocked(ev)
}

func (s *Socket) wantsLocked(ev *tmates.Event) bool {
	if s.closing {
		return false
	}
	switch ev.Type {
	case tmates.EventDelta, tmates.EventReset:
		return slices.Contains(s.streams, ev.ThreadID)
	default:
		return true
	}
}

// offer queues the frame of an event the socket wants, behind a replay if there
// is one.
func (s *Socket) offer(ev *tmates.Event, f *frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.wantsLocked(ev) || s.replayed(f) {
		return
	}
	if s.replay != nil {
		s.enqueue(&s.replay.held, f)
		return
	}
	s.enqueue(&s.queue, f)
}

// enqueue adds f to one of the socket's queues, or gives the socket up.
// s.mu must be held.
func (s *Socket) enqueue(q *queue, f *frame) {
	if !q.fits(f, s.hub.o.QueueFrames, s.hub.o.QueueBytes) {
		s.closeLocked(websocket.CloseTryAgainLater, "too far behind")
		return
	}
	s.hub.load.hold(f)
	q.push(f)
	s.work()
}

// work gets the socket a writer if it has none. s.mu must be held.
func (s *Socket) work() {
	if !s.busy && s.conn != nil {
		s.busy = true
		s.hub.writers.add(s)
	}
}

// close makes a writer end the socket with a close code. Only the first call
// counts.
func (s *Socket) close(code int, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closeLocked(code, reason)
}

func (s *Socket) closeLocked(code int, reason string) {
	if s.closing {
		return
	}
	s.closing, s.code, s.reason = true, code, reason
	if code != websocket.CloseGoingAway { // who is sent away politely gets the rest
		s.hub.load.dropAll(&s.queue)
	}
	if s.replay != nil {
		s.hub.load.dropAll(&s.replay.stored)
		s.hub.load.dropAll(&s.replay.held)
	}
	s.pingDue, s.pong = false, nil
	s.cancel()
	s.work()
}

// cut ends the connection at once, without a close code.
func (s *Socket) cut() {
	s.close(websocket.CloseAbnormalClosure, "cut")
	s.mu.Lock()
	conn := s.conn
	s.mu.Unlock()
	if conn != nil {
		_ = conn.Close() // it is being given up
	}
}

// isOpen reports whether the socket still receives events.
func (s *Socket) isOpen() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.closing
}

// appendBounded appends x and forgets the oldest element past maxThreads.
func appendBounded[T any](list []T, x T) []T {
	if len(list) >= maxThreads {
		list = slices.Delete(list, 0, 1)
	}
	return append(list, x)
}
