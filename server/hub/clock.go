package hub

import (
	"container/heap"
	"math"
	"time"
)

// clock orders sockets by the time of their next ping. One timer serves them
// all, and none is set while no socket is open. It is guarded by the hub's lock
// and implements [heap.Interface].
type clock struct {
	sockets []*Socket
	opened  uint32 // sockets so far
	timer   *time.Timer
}

func (c *clock) Len() int           { return len(c.sockets) }
func (c *clock) Less(i, j int) bool { return c.sockets[i].due.Before(c.sockets[j].due) }

func (c *clock) Swap(i, j int) {
	c.sockets[i], c.sockets[j] = c.sockets[j], c.sockets[i]
	c.sockets[i].dueAt, c.sockets[j].dueAt = i, j
}

func (c *clock) Push(x any) {
	s := x.(*Socket) //nolint:forcetypeassert // what heap.Push is given
	s.dueAt = len(c.sockets)
	c.sockets = append(c.sockets, s)
}

func (c *clock) Pop() any {
	last := len(c.sockets) - 1
	s := c.sockets[last]
	c.sockets[last] = nil
	c.sockets = c.sockets[:last]
	return s
}

// spread returns how long the n-th socket waits for its first ping: however
// many open at once, their pings are spread evenly over the interval.
func spread(n uint32, every time.Duration) time.Duration {
	const golden = 2654435769 // 2^32 by the golden ratio: neighbours land far apart, and no two on one place
	return every - time.Duration(float64(every)*(float64(n*golden)/math.MaxUint32))
}

// enter begins to ping s. h.mu must be held.
func (h *Hub) enter(s *Socket) {
	s.due = time.Now().Add(spread(h.clock.opened, h.o.PingEvery))
	h.clock.opened++
	heap.Push(&h.clock, s)
	if s.dueAt == 0 {
		h.wind()
	}
}

// leave ends the pings of s. h.mu must be held.
func (h *Hub) leave(s *Socket) {
	heap.Remove(&h.clock, s.dueAt)
	if len(h.clock.sockets) == 0 {
		h.clock.timer.Stop()
	}
}

// wind sets the timer to the next ping. h.mu must be held.
func (h *Hub) wind() {
	if len(h.clock.sockets) == 0 {
		return
	}
	d := time.Until(h.clock.sockets[0].due)
	if h.clock.timer == nil {
		h.clock.timer = time.AfterFunc(d, h.tick)
		return
	}
	h.clock.timer.Reset(d)
}

// tick pings the sockets that are due now, or so soon that another tick is not
// worth it.
func (h *Hub) tick() {
	h.mu.Lock()
	defer h.mu.Unlock()
	every := h.o.PingEvery
	now := time.Now()
	soon := now.Add(every / 256)
	for len(h.clock.sockets) > 0 {
		s := h.clock.sockets[0]
		if s.due.After(soon) {
			break
		}
		s.ping(now)
		missed := max(now.Sub(s.due), 0).Truncate(every)
		s.due = s.due.Add(missed + every) // keeps its place in the interval
		heap.Fix(&h.clock, 0)
	}
	h.wind()
}

// ping makes a writer send a ping. A peer that was silent for so long that it
// has to be dropped before the next one gets a deadline: it costs a timer, so
// the others have none.
func (s *Socket) ping(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing || s.conn == nil {
		return
	}
	if end := s.heard.Add(s.hub.o.PongWait); !s.doubted && end.Before(now.Add(s.hub.o.PingEvery)) {
		s.doubted = true
		_ = s.conn.SetReadDeadline(end) // fails only when reading will, too
	}
	s.pingDue = true
	s.work()
}
