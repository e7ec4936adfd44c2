package providers

import (
	"errors"
	"net/http"
	"net/netip"
	"syscall"

	"github.com/tmates/tmates/agents/brains/wire"
)

// metadata is where one large cloud hands out credentials over IPv6; its IPv4
// address, like everybody's, is link-local.
var metadata = netip.MustParseAddr("fd00:ec2::254")

const forbiddenText = "must not be a link-local address or a cloud's metadata service"

var errForbidden = errors.New("the address is link-local or a metadata service")

// forbidden reports whether nobody runs a model at an address, but a cloud may
// hand out credentials there.
func forbidden(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	return addr.IsLinkLocalUnicast() || addr == metadata || addr.IsMulticast()
}

// guarded returns a client that refuses forbidden addresses when it connects,
// whatever name led there.
func guarded() *http.Client {
	return &http.Client{Transport: wire.NewTransport(func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || forbidden(at.Addr()) {
			return errForbidden
		}
		return nil
	})}
}
