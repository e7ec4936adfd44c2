package wire

import (
	"net"
	"net/http"
	"net/url"
	"syscall"
	"time"
)

// maxHops bounds the redirects one request may follow.
const maxHops = 3

// redirectError says that the address points to another one we do not follow.
type redirectError struct {
	to string // scheme and host only
}

// Error describes the redirect without path or query, which may hold anything.
func (e *redirectError) Error() string { return "redirected to " + e.to }

// newHTTP returns the HTTP client of a brain: the caller's, or one with an own
// transport, so that nothing is shared with the rest of the process.
func newHTTP(o Options) *http.Client {
	client := http.Client{}
	if o.HTTPClient != nil {
		client = *o.HTTPClient // a copy: the caller's own keeps its redirect policy
	}
	if client.Transport == nil {
		client.Transport = NewTransport(nil)
	}
	client.CheckRedirect = sameOrigin
	return &client
}

// NewTransport returns the transport of the brains. control, unless nil, may
// refuse an address before it is connected to, as [net.Dialer] has it.
//
// There is no timeout for the headers: the watch of an exchange counts that wait
// too, and two timers for one wait would give two different errors.
func NewTransport(control func(network, address string, c syscall.RawConn) error) *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second, Control: control}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		TLSHandshakeTimeout:    10 * time.Second,
		IdleConnTimeout:        30 * time.Second,
		MaxIdleConns:           4,
		MaxResponseHeaderBytes: 64 << 10,
		DisableCompression:     true, // a compressing proxy would hold the stream back
	}
}

// sameOrigin follows a redirect only when it repeats the request at the same
// scheme and host. Go itself would carry the key to a subdomain, to another
// port or from https to http, and would turn a POST into an empty GET on 301;
// the conversation would go along in the other cases.
func sameOrigin(req *http.Request, via []*http.Request) error {
	first := via[0]
	same := req.URL.Scheme == first.URL.Scheme && req.URL.Host == first.URL.Host
	if !same || req.Method != first.Method || len(via) > maxHops {
		to := url.URL{Scheme: req.URL.Scheme, Host: req.URL.Host}
		return &redirectError{to: to.String()}
	}
	return nil
}
