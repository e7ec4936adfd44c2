package hub

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Replay sends stored frames of a thread and then goes on with live events, so
// that the client sees neither a gap nor a message twice. fn reads the store
// and returns the frames and the highest seq of the thread it has seen. Live
// events that arrive from the call of fn on are held back, within the limits
// of a queue, and follow the frames; messages of the thread up to that seq are
// left out, also when they are published later. (A message that was delivered
// before Replay began and that fn returns again is not noticed: the hub cannot
// look into frames.)
//
// Replay waits for a slow peer instead of filling its queue, and fills no more
// than half of it, so that live events find room afterwards. When fn fails,
// its error is returned as it is and the held events are released. There is
// one replay at a time; fn must not start another.
func (s *Socket) Replay(threadID string, fn func() (frames [][]byte, upTo int64, err error)) error {
	r, err := s.hold()
	if err != nil {
		return err
	}
	frames, upTo, err := fn()
	if err == nil {
		s.store(threadID, frames, upTo)
		s.hub.checkLoad()
	}
	for !s.feed() {
		select {
		case <-r.room:
		case <-s.ctx.Done():
		}
	}
	if err == nil && s.ctx.Err() != nil {
		err = fmt.Errorf("replay thread: %w", context.Cause(s.ctx))
	}
	return err
}

// replay is what waits until the queue of a socket has room.
type replay struct {
	stored queue         // frames of the replay
	held   queue         // live events, which follow them
	room   chan struct{} // one place: the queue became shorter
}

// hold makes live events wait from now on.
func (s *Socket) hold() (*replay, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.replay != nil {
		return nil, errors.New("replay inside replay")
	}
	if s.closing {
		return nil, fmt.Errorf("replay thread: %w", context.Cause(s.ctx))
	}
	s.replay = &replay{room: make(chan struct{}, 1)}
	return s.replay, nil
}

// store makes frames ready to be sent and remembers that messages up to upTo
// are among them. The memory is needed beyond the replay: a message is visible
// in the store a moment before it is published.
func (s *Socket) store(threadID string, frames [][]byte, upTo int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return
	}
	same := func(m mark) bool { return m.threadID == threadID }
	if i := slices.IndexFunc(s.marks, same); i >= 0 {
		upTo = max(upTo, s.marks[i].upTo)
		s.marks = slices.Delete(s.marks, i, i+1)
	}
	s.marks = appendBounded(s.marks, mark{threadID, upTo})
	for _, data := range frames {
		f := newFrame(data, false)
		s.hub.load.hold(f)
		s.replay.stored.push(f)
	}
}

// replayed reports whether f is a message the socket got in a replay.
// s.mu must be held.
func (s *Socket) replayed(f *frame) bool {
	return f.seq > 0 && slices.ContainsFunc(s.marks, func(m mark) bool {
		return m.threadID == f.threadID && f.seq <= m.upTo
	})
}

// feed moves what the replay holds back to the queue, as far as half of that
// has room, and reports whether the replay is over.
func (s *Socket) feed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, q := range []*queue{&s.replay.stored, &s.replay.held} {
		for f := q.peek(); f != nil; f = q.peek() {
			if s.replayed(f) {
				s.hub.load.drop(q.pop())
				continue
			}
			if !s.queue.fits(f, s.hub.o.QueueFrames/2, s.hub.o.QueueBytes/2) {
				return false
			}
			s.queue.push(q.pop()) // as it was counted before
			s.work()
		}
	}
	s.replay = nil
	return true
}
