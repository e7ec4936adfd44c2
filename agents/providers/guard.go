package providers

import (
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"syscall"

	"github.com/tmates/tmates/agents/brains/wire"
)

// metadata are the addresses at which clouds hand out credentials, apart from the
// link-local ones.
var metadata = []netip.Addr{
	netip.MustParseAddr("fd00:ec2::254"), netip.MustParseAddr("fd20:ce::254"),
	netip.MustParseAddr("100.100.100.200"), netip.MustParseAddr("192.0.0.192"),
}

// carriers are the IPv6 networks in whose addresses others of IPv4 are written,
// with the byte at which those begin.
var carriers = map[netip.Prefix]int{
	netip.MustParsePrefix("::/96"): 12, netip.MustParsePrefix("64:ff9b::/96"): 12, netip.MustParsePrefix("2002::/16"): 2,
}

const forbiddenText = "must not be a link-local address or a cloud's metadata service"

var errForbidden = errors.New("the address is link-local or a metadata service")

// forbidden reports whether nobody runs a model at an address, but a cloud may
// hand out credentials there.
func forbidden(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	for carrier, at := range carriers {
		if carrier.Contains(addr) && !addr.IsLoopback() && !addr.IsUnspecified() {
			bytes := addr.As16()
			addr = netip.AddrFrom4([4]byte(bytes[at : at+4]))
			break
		}
	}
	return addr.IsLinkLocalUnicast() || addr.IsMulticast() || slices.Contains(metadata, addr)
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
