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
