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
	if err := s.hold(); err != nil {
		return err
	}
	defer s.release()
	frames, upTo, err := fn()
	if err != nil {
		return err
	}
	s.mark(threadID, upTo)
	for _, data := range frames {
		if err := s.feed(&frame{data: data, size: len(data)}); err != nil {
			return fmt.Errorf("replay thread: %w", err)
		}
	}
	return nil
}

func (s *Socket) hold() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held != nil {
		return errors.New("replay inside replay")
	}
	if s.closing {
		return fmt.Errorf("replay thread: %w", context.Cause(s.ctx))
	}
	s.held = &queue{}
	return nil
}

// mark remembers that messages up to upTo were replayed, and takes those out
// of the held events. The memory is needed beyond the replay: a message is
// visible in the store a moment before it is published.
func (s *Socket) mark(threadID string, upTo int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	same := func(m mark) bool { return m.threadID == threadID }
	if i := slices.IndexFunc(s.marks, same); i >= 0 {
		upTo = max(upTo, s.marks[i].upTo)
		s.marks = slices.Delete(s.marks, i, i+1)
	}
	s.marks = appendBounded(s.marks, mark{threadID, upTo})
	if s.held != nil {
		s.held.drop(s.replayed)
	}
}

// replayed reports whether f is a message the socket got in a replay.
// s.mu must be held.
func (s *Socket) replayed(f *frame) bool {
	return f.seq > 0 && slices.ContainsFunc(s.marks, func(m mark) bool {
		return m.threadID == f.threadID && f.seq <= m.upTo
	})
}

// feed queues f as soon as half of the queue is free.
func (s *Socket) feed(f *frame) error {
	for {
		s.mu.Lock()
		closing, fed := s.closing, false
		if !closing {
			fed = s.tryFeed(f)
		}
		s.mu.Unlock()
		switch {
		case closing:
			return context.Cause(s.ctx)
		case fed:
			return nil
		}
		s.awaitRoom()
	}
}

// release lets the held events follow, in their order and as slowly as the
// peer reads, and ends the hold when none is left.
func (s *Socket) release() {
	for !s.releaseSome() {
		s.awaitRoom()
	}
}

// releaseSome moves the held events there is room for, and reports whether the
// hold is over.
func (s *Socket) releaseSome() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.held != nil && s.held.len() > 0 {
		if !s.tryFeed(s.held.peek()) {
			return false
		}
		s.held.pop()
	}
	s.held = nil
	return true
}

// tryFeed queues f unless the queue is half full. s.mu must be held.
func (s *Socket) tryFeed(f *frame) bool {
	if !s.queue.fits(f, s.hub.o.QueueFrames/2, s.hub.o.QueueBytes/2) {
		return false
	}
	s.queue.push(f)
	signal(s.wake)
	return true
}

func (s *Socket) awaitRoom() {
	select {
	case <-s.room:
	case <-s.ctx.Done():
	}
}
