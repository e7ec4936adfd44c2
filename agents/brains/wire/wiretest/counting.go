package wiretest

import (
	"io"
	"net/http"
	"sync/atomic"
)

// counting counts the bodies a transport has open.
type counting struct {
	http.RoundTripper
	bodies atomic.Int32
}

// RoundTrip counts the body of the answer until it is closed.
func (c *counting) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := c.RoundTripper.RoundTrip(r)
	if err == nil {
		c.bodies.Add(1)
		resp.Body = &countedBody{ReadCloser: resp.Body, of: c}
	}
	return resp, err
}

type countedBody struct {
	io.ReadCloser
	of     *counting
	closed atomic.Bool
}

// Close counts once.
func (b *countedBody) Close() error {
	if b.closed.CompareAndSwap(false, true) {
		b.of.bodies.Add(-1)
	}
	return b.ReadCloser.Close()
}
