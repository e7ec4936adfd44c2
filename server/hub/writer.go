package hub

import (
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// byeWait is how long a peer has to answer a close code before the connection
// is cut; WriteWait when that is shorter.
const byeWait = 2 * time.Second

// turnFrames is how many frames of one socket a writer writes before it looks
// at the next socket.
const turnFrames = 32

// writers are the goroutines that write for all sockets of a hub. There are as
// many as there is work for, up to a limit, and none when nothing waits. One
// that has to wait for a peer does not count: another takes its place. The lock
// is taken after that of a socket, never before it.
type writers struct {
	limit int

	mu          sync.Mutex
	first, last *Socket // sockets with work, in the order they got it
	running     int     // writers that do not wait for a peer
}

// add queues a socket that has work.
func (w *writers) add(s *Socket) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.last == nil {
		w.first = s
	} else {
		w.last.next = s
	}
	w.last = s
	w.hire()
}

// hire starts a writer if there is work and a place for one. w.mu must be held.
func (w *writers) hire() {
	if w.first != nil && w.running < w.limit {
		w.running++
		go w.work()
	}
}

// leave gives up the place of a writer that has to wait.
func (w *writers) leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running--
	w.hire()
}

// rejoin is for a writer that waits no longer. There may be one too many now:
// the first to end its turn goes.
func (w *writers) rejoin() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running++
}

func (w *writers) work() {
	for s := w.take(); s != nil; s = w.take() {
		if s.write() {
			w.add(s)
		}
	}
}

// take returns the next socket with work, or nil when the writer is to end.
func (w *writers) take() *Socket {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.first
	if s == nil || w.running > w.limit {
		w.running--
		return nil
	}
	w.first, s.next = s.next, nil
	if w.first == nil {
		w.last = nil
	}
	return s
}

// task is what is written next to a socket.
type task uint8

const (
	taskNone  task = iota
	taskText       // a text frame
	taskPing       // a ping
	taskPong       // the answer to a ping
	taskClose      // the close code, which is the end
	taskLeave      // nothing more: there is nobody to tell
)

// write gives the socket a turn and reports whether it needs another one. At
// any time at most one writer is in it.
func (s *Socket) write() (again bool) {
	for range turnFrames {
		var err error
		switch job, f := s.nextTask(); job {
		case taskNone:
			return false
		case taskText:
			err = f.writeTo(s.conn)
			s.wrote(f)
		case taskPing:
			err = s.control(websocket.PingMessage, nil)
		case taskPong:
			err = s.control(websocket.PongMessage, f.data)
		case taskClose:
			s.sayBye()
			s.ended(&s.wroteAll)
			return false
		case taskLeave:
			s.ended(&s.wroteAll)
			return false
		}
		if err != nil {
			s.cut() // what is left is to leave
		}
	}
	return true
}

// nextTask takes the most urgent task. Only taskText and taskPong have a frame.
// Pings come first, or a busy socket would never be asked for a sign of life.
func (s *Socket) nextTask() (task, *frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.code == websocket.CloseAbnormalClosure:
		return taskLeave, nil
	case s.pingDue:
		s.pingDue = false
		return taskPing, nil
	case s.pong != nil:
		f := &frame{data: s.pong}
		s.pong = nil
		return taskPong, f
	}
	if f := s.queue.pop(); f != nil {
		s.writing = f.size
		if s.replay != nil {
			signal(s.replay.room)
		}
		return taskText, f
	}
	if s.closing {
		return taskClose, nil
	}
	s.busy = false
	return taskNone, nil
}

// wrote lets go of a frame that nextTask gave.
func (s *Socket) wrote(f *frame) {
	s.hub.load.drop(f)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writing = 0
}

func (s *Socket) control(kind int, payload []byte) error {
	return s.conn.WriteControl(kind, payload, time.Time{}) // conn knows the deadline
}

// sayBye writes the close code and gives the peer a moment to answer it; the
// reader ends with the answer or when the moment is over.
func (s *Socket) sayBye() {
	if err := s.control(websocket.CloseMessage, websocket.FormatCloseMessage(s.code, s.reason)); err != nil {
		s.cut()
		return
	}
	_ = s.conn.SetReadDeadline(time.Now().Add(min(byeWait, s.hub.o.WriteWait))) // fails only when reading will, too
}
