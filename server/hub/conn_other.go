//go:build !unix

package hub

import (
	"errors"
	"net"
	"syscall"
)

func rawConn(net.Conn) syscall.RawConn { return nil }

func (c *conn) tryWrite([]byte) (int, error) { return 0, errors.ErrUnsupported }
