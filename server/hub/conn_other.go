//go:build !unix

package hub

import (
	"errors"
	"net"
	"syscall"
)

func rawConn(net.Conn) syscall.RawConn { return nil }

func (c *conn) tryWrite([]byte) (int, error) { return 0, errors.ErrUnsupported }

func (c *conn) tryRead([]byte) (int, error) { return 0, errors.ErrUnsupported }

func (r *reading) once(uintptr) bool { return true }
