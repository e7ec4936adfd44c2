package hub

import (
	"cmp"
	"slices"
	"sync/atomic"

	"github.com/gorilla/websocket"
)

// entryBytes is what a place in a queue costs beside its frame.
const entryBytes = 16

// load counts the bytes that wait for all sockets of a hub, those that are
// being written included. A frame that many sockets share counts once, and an
// entry for each of them.
type load struct{ bytes atomic.Int64 }

// hold counts f in one more queue.
func (l *load) hold(f *frame) {
	n := entryBytes
	if f.holders.Add(1) == 1 {
		n += f.size
	}
	l.bytes.Add(int64(n))
}

// drop undoes a hold.
func (l *load) drop(f *frame) {
	n := entryBytes
	if f.holders.Add(-1) == 0 {
		n += f.size
	}
	l.bytes.Add(int64(-n))
}

// dropAll undoes the holds of a queue, and empties it.
func (l *load) dropAll(q *queue) {
	for f := q.pop(); f != nil; f = q.pop() {
		l.drop(f)
	}
	*q = queue{}
}

// overloaded reports whether more waits for all sockets than may.
func (h *Hub) overloaded() bool { return h.load.bytes.Load() > int64(h.o.TotalBytes) }

// checkLoad is relieve for a caller that holds no lock.
func (h *Hub) checkLoad() {
	if h.overloaded() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.relieve()
	}
}

// relieve drops sockets of an overloaded hub, those with the most bytes first,
// until a quarter of the room is free again. h.mu must be held.
func (h *Hub) relieve() {
	if !h.overloaded() {
		return
	}
	type slow struct {
		s     *Socket
		bytes int
	}
	var behind []slow
	for s := range h.sockets() {
		if n := s.backlog(); n > 0 {
			behind = append(behind, slow{s, n})
		}
	}
	slices.SortFunc(behind, func(a, b slow) int { return cmp.Compare(b.bytes, a.bytes) })
	limit := int64(h.o.TotalBytes) / 4 * 3
	var soon int64 // what is free once the last write of those dropped has ended
	dropped := 0
	for _, b := range behind {
		if h.load.bytes.Load()-soon <= limit {
			break
		}
		soon += int64(b.s.giveUp())
		dropped++
	}
	h.o.Log.Warn("too much waits for slow sockets", "dropped", dropped)
}

// backlog returns the bytes that wait for the socket.
func (s *Socket) backlog() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.queue.bytes + s.writing
	if s.replay != nil {
		n += s.replay.stored.bytes + s.replay.held.bytes
	}
	return n
}

// giveUp closes a socket that is too far behind, and returns the bytes that
// are still being written to it. One that was told before, and still holds
// some, is cut.
func (s *Socket) giveUp() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing && s.conn != nil {
		_ = s.conn.Close() // it was told, and has not gone
	}
	s.closeLocked(websocket.CloseTryAgainLater, "too far behind")
	return s.writing
}
