package hub

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/gorilla/websocket"

	"github.com/tmates/tmates/store/tmates"
)

// Handler is told every text frame of a client, one after the other. ctx is
// the socket's and frame is the handler's to keep. While it works, the socket
// reads nothing, which is what limits a flood; events go on being written.
type Handler func(ctx context.Context, s *Socket, frame []byte)

// Serve makes the request a WebSocket of the user and returns as soon as it is
// one; nothing of the request is kept. It answers the request itself only by
// upgrading: the error it returns is a [tmates.Error] and the request still
// unanswered, so that the caller's error writer can answer in the shape of its
// contract. The kinds are TooMany and Unavailable for a lack of places or a
// stopping server, Invalid for a request that is no handshake, and Forbidden
// for a foreign origin. Once the connection was taken over, Serve returns nil.
//
// The socket listens from before the handshake is answered: a client that has
// the answer misses no event. admit is asked once it listens, and its error is
// returned as it is: a login that ended after the caller looked at it, and
// before the socket could be told, is noticed there. It may be nil.
func (h *Hub) Serve(w http.ResponseWriter, r *http.Request, userID, sessionID string, admit func() error, handle Handler) error {
	s := newSocket(h, userID, sessionID)
	if err := h.attach(s); err != nil {
		s.cancel()
		return err
	}
	conn, err := h.upgrade(w, r, s, admit)
	if conn == nil {
		s.cut()
		h.detach(s)
		return err
	}
	s.begin(conn)
	go s.read(handle)
	return nil
}

// upgrade takes the connection over, or returns nil.
func (h *Hub) upgrade(w http.ResponseWriter, r *http.Request, s *Socket, admit func() error) (*websocket.Conn, error) {
	if admit != nil {
		if err := admit(); err != nil {
			return nil, err
		}
	}
	var refusal error
	up := h.upgrader
	up.Error = func(w http.ResponseWriter, _ *http.Request, status int, reason error) {
		w.Header().Set("Sec-WebSocket-Version", "13") // RFC 6455, 4.4
		refusal = refuse(status, reason)
	}
	conn, err := up.Upgrade(takeover{w, h}, r, nil)
	if refusal != nil {
		return nil, refusal
	}
	if err != nil { // the connection is gone: there is nobody to answer
		h.o.Log.Debug("socket handshake", "user", s.userID, "err", err)
		return nil, nil
	}
	return conn, nil
}

// refuse classifies a handshake that failed before the connection was taken.
func refuse(status int, reason error) error {
	switch status {
	case http.StatusForbidden:
		return tmates.E(tmates.Forbidden, "origin_not_allowed", reason, "this origin may not connect")
	case http.StatusInternalServerError:
		return tmates.E(tmates.Internal, "upgrade_failed", reason, "the connection cannot be upgraded")
	default:
		return tmates.E(tmates.Invalid, "not_websocket", reason, "this address speaks WebSocket only")
	}
}

// begin connects the socket. Events and its end may have come before.
func (s *Socket) begin(conn *websocket.Conn) {
	conn.SetPongHandler(s.ponged)
	conn.SetPingHandler(s.pinged)
	conn.SetCloseHandler(s.leaving)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn, s.heard = conn, time.Now()
	if s.closing || s.queue.len() > 0 {
		s.work()
	}
}

// ended notes that the reader or the writer is done with the connection. The
// second of them ends the socket.
func (s *Socket) ended(side *bool) {
	s.mu.Lock()
	*side = true
	over := s.readAll && s.wroteAll
	s.mu.Unlock()
	if over {
		_ = s.conn.Close() // both sides are done with it
		s.hub.o.Log.Debug("socket closed", "user", s.userID, "code", s.code, "reason", s.reason)
		s.hub.detach(s)
	}
}

// read handles frames until the connection fails or the peer closes it. After
// a close code of ours it goes on and throws away what it reads: a connection
// that is closed with data unread is reset, and the code might never arrive.
// Most sockets wait here most of the time, so what a frame needs is elsewhere.
func (s *Socket) read(handle Handler) {
	defer s.readerEnded()
	for more := true; more; {
		kind, r, err := s.conn.NextReader()
		more = s.take(handle, kind, r, err)
	}
}

func (s *Socket) readerEnded() {
	s.close(websocket.CloseInternalServerErr, "reader ended") // no-op unless the handler ended the goroutine
	s.ended(&s.readAll)
}

// take handles what was read, and reports whether there may be more.
func (s *Socket) take(handle Handler, kind int, r io.Reader, err error) bool {
	if err != nil {
		s.readFailed(err)
		return false
	}
	if !s.alive() {
		return true
	}
	if kind != websocket.TextMessage {
		s.close(websocket.CloseUnsupportedData, "text frames only")
		return true
	}
	// The library's own limit would write the close code from here.
	data, err := io.ReadAll(io.LimitReader(r, s.hub.o.MaxFrame+1))
	if err != nil {
		s.readFailed(err)
		return false
	}
	if int64(len(data)) > s.hub.o.MaxFrame {
		s.close(websocket.CloseMessageTooBig, "frame too long")
		return true
	}
	s.call(handle, data)
	s.alive()
	return true
}

func (s *Socket) call(handle Handler, data []byte) {
	defer func() {
		if p := recover(); p != nil {
			s.hub.o.Log.Error("socket handler panicked", "user", s.userID, "err", p, "stack", string(debug.Stack()))
			s.close(websocket.CloseInternalServerErr, "internal error")
		}
	}()
	handle(s.ctx, s, data)
}

// alive notes a sign of life of the peer and reports whether the socket is
// open. One that is closing keeps the deadline the writer set.
func (s *Socket) alive() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	s.heard = time.Now()
	if s.doubted {
		s.doubted = false
		_ = s.conn.SetReadDeadline(time.Time{}) // fails only when reading will, too
	}
	return true
}

func (s *Socket) ponged(string) error {
	s.alive()
	return nil
}

// leaving answers the peer's close code: a writer sends it back.
func (s *Socket) leaving(code int, _ string) error {
	s.close(code, "closed by peer")
	return nil
}

// pinged asks the writer to answer a ping. Only the newest is answered, which
// RFC 6455 (5.5.3) allows, so a flood of pings takes no memory.
func (s *Socket) pinged(payload string) error {
	s.alive()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closing {
		s.pong = []byte(payload)
		s.work()
	}
	return nil
}

// readFailed settles how a socket ends whose connection cannot be read.
func (s *Socket) readFailed(err error) {
	if bye, ok := errors.AsType[*websocket.CloseError](err); ok && bye.Code != websocket.CloseAbnormalClosure {
		return // the close handler was called, and the answer is still to be written
	}
	if late, ok := errors.AsType[net.Error](err); ok && late.Timeout() {
		s.close(websocket.CloseTryAgainLater, "no sign of life")
		return
	}
	s.cut()
}
