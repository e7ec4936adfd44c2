package queue

import (
	"context"

	"github.com/tmates/tmates/store/tmates"
)

// Seat is a worker that is kept for a job somebody is about to store: it can be
// stored as running, and saves the commit of a claim.
type Seat struct {
	w    *Workers
	n    *line
	work context.Context // of attempts that begin now
	then int             // changes of the line when the seat was given
}

// Seat keeps a worker for a job of the user, or returns nil: all are at work, the
// user's share is, or others wait for one. A seat must be left or taken by a job.
func (w *Workers) Seat(userID string) *Seat {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.work == nil || w.work.Err() != nil || w.free == 0 || w.look {
		return nil
	}
	if n, _ := w.lines.next(); n != nil {
		return nil
	}
	n := w.lines.of(userID)
	if n.running >= w.lines.perUser {
		return nil
	}
	w.free--
	w.lines.began(n)
	w.all.Add(1) // who stops waits for the seat
	return &Seat{w, n, w.work, n.changes}
}

// Leave gives the worker back.
func (s *Seat) Leave() {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	s.w.leave(s.n)
	s.w.signal() // others may have come meanwhile
	s.w.all.Done()
}

// Wait gives the worker back because the job has to wait for its lane.
func (s *Seat) Wait(inBackground bool) {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	kind := kindOf(inBackground)
	s.w.free++
	s.n.running--
	// What it waits for may have ended by now, or wait for a worker itself.
	s.n.blocked[kind] = s.n.changes == s.then && s.n.running > 0
	s.n.add(kind)
	s.w.signal()
	s.w.all.Done()
}

// Take begins the attempt of a job that is stored as running.
func (s *Seat) Take(j tmates.Job) {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	s.w.begin(s.work, s.n, j)
	s.w.all.Done()
}
