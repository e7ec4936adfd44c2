//go:build unix

package hub

import (
	"io"
	"net"
	"os"
	"syscall"
)

func rawConn(c net.Conn) syscall.RawConn {
	sc, ok := c.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return nil
	}
	return raw
}

// tryRead is Read in fewer and smaller calls than those of package net, and
// without an allocation: with them the stack of a reader that waits is just too
// long for 2 KiB, and would be 4.
func (c *conn) tryRead(p []byte) (int, error) {
	c.reading.p, c.reading.n, c.reading.err = p, 0, nil
	err := c.raw.Read(c.reading.try)
	if err == nil {
		err = c.reading.err
	}
	return c.reading.n, err
}

// once reads what there is. It is false when there is nothing yet.
func (r *reading) once(fd uintptr) bool {
	n, err := syscall.Read(int(fd), r.p)
	for err == syscall.EINTR {
		n, err = syscall.Read(int(fd), r.p)
	}
	if err == syscall.EAGAIN {
		return false
	}
	r.p, r.n = nil, max(n, 0)
	if err != nil {
		r.err = os.NewSyscallError("read", err)
	} else if n == 0 {
		r.err = io.EOF
	}
	return true
}

// tryWrite is Write for a connection that says when it would wait.
func (c *conn) tryWrite(p []byte) (n int, err error) {
	stalled := false
	var failed error
	err = c.raw.Write(func(fd uintptr) bool {
		for n < len(p) {
			m, err := syscall.Write(int(fd), p[n:])
			switch {
			case err == syscall.EINTR:
			case err == syscall.EAGAIN:
				if !stalled {
					stalled = true
					c.stall()
				}
				return false
			case err != nil:
				failed = os.NewSyscallError("write", err)
				return true
			case m == 0:
				failed = io.ErrUnexpectedEOF
				return true
			default:
				n += m
			}
		}
		return true
	})
	if stalled {
		c.resume()
	}
	if err == nil {
		err = failed
	}
	return n, err
}
