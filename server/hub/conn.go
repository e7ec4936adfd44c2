package hub

import (
	"bufio"
	"net"
	"net/http"
	"syscall"
	"time"
)

// conn is the connection under a socket, as the library sees it. It knows when
// a write has to wait for the peer: only then does it set a deadline, because
// each costs a timer, and only then does it free the writer's place.
type conn struct {
	net.Conn
	raw     syscall.RawConn // nil: every write may wait
	reading reading
	hub     *Hub
}

// reading is a call of Read: there is one at a time.
type reading struct {
	p   []byte
	n   int
	err error
	try func(fd uintptr) bool // the method once, bound here so that no call has to allocate it
}

// takeover gives the library a conn of ours when it takes the request's.
type takeover struct {
	http.ResponseWriter
	hub *Hub
}

// Hijack implements [http.Hijacker].
func (t takeover) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(t.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	wire := &conn{Conn: c, raw: rawConn(c), hub: t.hub}
	wire.reading.try = wire.reading.once
	return wire, rw, nil
}

// Read implements [io.Reader].
func (c *conn) Read(p []byte) (int, error) {
	if c.raw != nil {
		return c.tryRead(p)
	}
	return c.Conn.Read(p)
}

// SetWriteDeadline does nothing: a write that waits has WriteWait from then on.
func (c *conn) SetWriteDeadline(time.Time) error { return nil }

// Write writes all of p, or fails once the peer has not taken it for WriteWait.
func (c *conn) Write(p []byte) (int, error) {
	if c.raw != nil {
		return c.tryWrite(p)
	}
	c.stall()
	defer c.resume()
	return c.Conn.Write(p)
}

// stall is called when a write begins to wait.
func (c *conn) stall() {
	c.hub.writers.leave()
	_ = c.Conn.SetWriteDeadline(time.Now().Add(c.hub.o.WriteWait)) // fails only when writing will, too
}

// resume undoes stall.
func (c *conn) resume() {
	_ = c.Conn.SetWriteDeadline(time.Time{})
	c.hub.writers.rejoin()
}
