package providers

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
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
// whatever name led there. Its limits are those of the brains' own.
func guarded() *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || forbidden(at.Addr()) {
			return errForbidden
		}
		return nil
	}}
	return &http.Client{Transport: &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		TLSHandshakeTimeout:    10 * time.Second,
		IdleConnTimeout:        30 * time.Second,
		MaxIdleConns:           4,
		MaxResponseHeaderBytes: 64 << 10,
		DisableCompression:     true, // a compressing proxy would hold the stream back
	}}
}
