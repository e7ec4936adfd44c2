package hub

import (
	"time"

	"github.com/gorilla/websocket"
)

// byeWait is how long a peer has to answer a close code before the connection
// is cut; WriteWait when that is shorter.
const byeWait = 2 * time.Second

// task is what the writer does next.
type task uint8

const (
	taskNone  task = iota
	taskText       // write a text frame
	taskPong       // answer a ping
	taskClose      // write the close code and end
	taskLeave      // end: there is nobody to tell
)

// write is the writer goroutine: it alone writes to the connection.
func (s *Socket) write() {
	defer close(s.written)
	ping := time.NewTicker(s.hub.o.PingEvery)
	defer ping.Stop()
	for {
		var err error
		select {
		case <-ping.C: // looked at first, or a busy socket would never ping
			err = s.control(websocket.PingMessage, nil)
		default:
			switch job, f := s.next(); job {
			case taskText:
				err = s.writeFrame(f)
			case taskPong:
				err = s.control(websocket.PongMessage, f.data)
			case taskClose:
				s.sayBye()
				return
			case taskLeave:
				return
			case taskNone:
				select {
				case <-s.wake:
				case <-ping.C:
					err = s.control(websocket.PingMessage, nil)
				}
			}
		}
		if err != nil {
			s.cut()
			return
		}
	}
}

// next takes the most urgent task. Only taskText and taskPong have a frame.
func (s *Socket) next() (task, *frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pong != nil {
		f := &frame{data: s.pong}
		s.pong = nil
		return taskPong, f
	}
	if f := s.queue.pop(); f != nil {
		if s.held != nil {
			signal(s.room)
		}
		return taskText, f
	}
	switch {
	case !s.closing:
		return taskNone, nil
	case s.code == websocket.CloseAbnormalClosure:
		return taskLeave, nil
	default:
		return taskClose, nil
	}
}

func (s *Socket) writeFrame(f *frame) error {
	if err := s.conn.SetWriteDeadline(s.writeBy()); err != nil {
		return err
	}
	if f.prepared != nil {
		return s.conn.WritePreparedMessage(f.prepared)
	}
	return s.conn.WriteMessage(websocket.TextMessage, f.data)
}

func (s *Socket) control(kind int, payload []byte) error {
	return s.conn.WriteControl(kind, payload, s.writeBy())
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

func (s *Socket) writeBy() time.Time { return time.Now().Add(s.hub.o.WriteWait) }
