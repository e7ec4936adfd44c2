package server

import (
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

// maxHeld bounds the requests that wait for a server that starts.
const maxHeld = 256

// Gate holds requests until the server behind it is ready. It lets the port be
// bound before anything slow begins.
type Gate struct {
	hold  time.Duration
	ready chan struct{}
	next  atomic.Pointer[http.Handler]
	held  chan struct{}
}

// NewGate returns a closed gate that holds each request at most so long, then
// answers 503.
func NewGate(hold time.Duration) *Gate {
	return &Gate{hold: hold, ready: make(chan struct{}), held: make(chan struct{}, maxHeld)}
}

// Open lets every request through to h, those that wait first of all. It is
// called once.
func (g *Gate) Open(h http.Handler) {
	g.next.Store(&h)
	close(g.ready)
}

// ServeHTTP implements [http.Handler].
func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if next := g.next.Load(); next != nil {
		(*next).ServeHTTP(w, r)
		return
	}
	if !g.wait(r) {
		w.Header().Set("Retry-After", strconv.Itoa(1))
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusServiceUnavailable)
		// In the shapes of both contracts: which one is asked is not known yet.
		_, _ = w.Write([]byte(`{"detail":"The server is starting","code":503,"error_code":"service_unavailable","msg":"The server is starting"}`))
		return
	}
	(*g.next.Load()).ServeHTTP(w, r)
}

func (g *Gate) wait(r *http.Request) bool {
	select {
	case g.held <- struct{}{}:
		defer func() { <-g.held }()
	default:
		return false
	}
	timer := time.NewTimer(g.hold)
	defer timer.Stop()
	select {
	case <-g.ready:
		return true
	case <-timer.C:
	case <-r.Context().Done():
	}
	return false
}
