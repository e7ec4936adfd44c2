package hub

import (
	"fmt"
	"sync/atomic"

	"github.com/gorilla/websocket"
)

// frame is one text frame on its way. The sockets of a user share the frames
// of events, so a frame is never changed.
type frame struct {
	prepared *websocket.PreparedMessage // or, when that is nil,
	data     []byte
	size     int
	threadID string       // of a message, else empty
	seq      int64        // of a message, else 0
	holders  atomic.Int32 // queues it waits in
}

// newFrame returns the frame of data, which must not be changed afterwards. One
// that several sockets share is put into the shape of the wire once, and so is
// one that a buffer does not hold: it would be written in two parts.
func newFrame(data []byte, shared bool) *frame {
	f := &frame{data: data, size: len(data)}
	if shared || f.size > writeBufferSize {
		prepared, err := websocket.NewPreparedMessage(websocket.TextMessage, data)
		if err != nil { // it writes to memory only
			panic(fmt.Sprintf("hub: prepare frame: %v", err))
		}
		f.prepared, f.data = prepared, nil
	}
	return f
}

func (f *frame) writeTo(conn *websocket.Conn) error {
	if f.prepared != nil {
		return conn.WritePreparedMessage(f.prepared)
	}
	return conn.WriteMessage(websocket.TextMessage, f.data)
}

// keepFrames is the room a queue may keep while it is empty.
const keepFrames = 8

// queue is a first-in-first-out list of frames that knows its bytes. The zero
// value is empty.
type queue struct {
	frames []*frame
	head   int // frames before it are gone
	bytes  int
}

func (q *queue) len() int { return len(q.frames) - q.head }

// fits reports whether f may join within the limits. An empty queue takes any
// frame: one that no queue takes could never be delivered.
func (q *queue) fits(f *frame, maxFrames, maxBytes int) bool {
	return q.len() == 0 || q.len() < maxFrames && q.bytes+f.size <= maxBytes
}

func (q *queue) push(f *frame) {
	if q.head > 0 && len(q.frames) == cap(q.frames) && q.head >= q.len() {
		n := copy(q.frames, q.frames[q.head:])
		clear(q.frames[n:])
		q.frames, q.head = q.frames[:n], 0
	}
	q.frames = append(q.frames, f)
	q.bytes += f.size
}

// peek returns the oldest frame, or nil.
func (q *queue) peek() *frame {
	if q.len() == 0 {
		return nil
	}
	return q.frames[q.head]
}

// pop removes and returns the oldest frame, or nil.
func (q *queue) pop() *frame {
	if q.len() == 0 {
		return nil
	}
	f := q.frames[q.head]
	q.frames[q.head] = nil
	q.head++
	q.bytes -= f.size
	if q.len() == 0 {
		q.head, q.frames = 0, q.frames[:0]
		if cap(q.frames) > keepFrames {
			q.frames = nil
		}
	}
	return f
}
