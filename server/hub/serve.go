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

// Serve makes the request a WebSocket of the user and blocks until that is
// over. It answers the request itself only by upgrading: the error it returns
// is a [tmates.Error] and the request still unanswered, so that the caller's
// error writer can answer in the shape of its contract. The kinds are TooMany
// and Unavailable for a lack of places or a stopping server, Invalid for a
// request that is no handshake, and Forbidden for a foreign origin. Once the
// connection was taken over, Serve returns nil, however the socket ended.
//
// The socket listens from before the handshake is answered: a client that has
// the answer misses no event. admit is asked once it listens, and its error is
// returned as it is: a login that ended after the caller looked at it, and
// before the socket could be told, is noticed there. It may be nil.
func (h *Hub) Serve(w http.ResponseWriter, r *http.Request, userID, sessionID string, admit func() error, handle Handler) error {
	// The request's own end is not the socket's: middleware may give a request
	// a time limit.
	s := newSocket(context.WithoutCancel(r.Context()), h, userID, sessionID)
	defer s.cancel()
	if err := h.attach(s); err != nil {
		return err
	}
	defer h.detach(s)
	if admit != nil {
		if err := admit(); err != nil {
			return err
		}
	}
	var refusal error
	up := h.upgrader
	up.Error = func(w http.ResponseWriter, _ *http.Request, status int, reason error) {
		w.Header().Set("Sec-WebSocket-Version", "13") // RFC 6455, 4.4
		refusal = refuse(status, reason)
	}
	conn, err := up.Upgrade(w, r, nil)
	if refusal != nil {
		return refusal
	}
	if err != nil { // the connection is gone: there is nobody to answer
		h.o.Log.Debug("socket handshake", "user", userID, "err", err)
		return nil
	}
	s.run(conn, handle)
	return nil
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

// run owns the connection from the handshake to its end.
func (s *Socket) run(conn *websocket.Conn, handle Handler) {
	conn.SetPongHandler(func(string) error {
		s.alive()
		return nil
	})
	conn.SetPingHandler(s.pinged)
	conn.SetCloseHandler(func(code int, _ string) error {
		s.close(code, "closed by peer") // the writer sends the code back
		return nil
	})
	s.mu.Lock()
	s.conn = conn
	s.mu.Unlock()
	go s.write()
	defer func() {
		s.close(websocket.CloseInternalServerErr, "reader ended") // no-op unless the handler ended the goroutine
		<-s.written
		_ = conn.Close() // both sides are done with it
		s.hub.o.Log.Debug("socket closed", "user", s.userID, "code", s.code, "reason", s.reason)
	}()
	s.read(handle)
}

// read handles frames until the connection fails or the peer closes it. After
// a close code of ours it goes on and throws away what it reads: a connection
// that is closed with data unread is reset, and the code might never arrive.
func (s *Socket) read(handle Handler) {
	s.alive()
	for {
		kind, r, err := s.conn.NextReader()
		if err != nil {
			s.readFailed(err)
			return
		}
		if !s.alive() {
			continue
		}
		if kind != websocket.TextMessage {
			s.close(websocket.CloseUnsupportedData, "text frames only")
			continue
		}
		// The library's own limit would write the close code from here.
		data, err := io.ReadAll(io.LimitReader(r, s.hub.o.MaxFrame+1))
		if err != nil {
			s.readFailed(err)
			return
		}
		if int64(len(data)) > s.hub.o.MaxFrame {
			s.close(websocket.CloseMessageTooBig, "frame too long")
			continue
		}
		s.call(handle, data)
		s.alive()
	}
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

// alive gives the peer another PongWait and reports whether the socket is
// open. One that is closing keeps the deadline the writer set.
func (s *Socket) alive() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closing {
		_ = s.conn.SetReadDeadline(time.Now().Add(s.hub.o.PongWait)) // fails only when reading will, too
	}
	return !s.closing
}

// pinged asks the writer to answer a ping. Only the newest is answered, which
// RFC 6455 (5.5.3) allows, so a flood of pings takes no memory.
func (s *Socket) pinged(payload string) error {
	s.alive()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closing {
		s.pong = []byte(payload)
		signal(s.wake)
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
