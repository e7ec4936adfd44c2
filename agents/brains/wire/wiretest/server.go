package wiretest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
)

// Request is a request as it came in.
type Request struct {
	Method string
	Path   string // with the query
	Header http.Header
	Body   []byte
}

// bodyKey is the context key of a request's body.
type bodyKey struct{}

// Server answers every request with one handler, and knows who went away. All
// methods are safe for concurrent use.
type Server struct {
	URL string

	mu       sync.Mutex
	change   *sync.Cond
	requests []Request
	gone     int
	closed   chan struct{}
}

// NewServer starts a server that ends with the test.
func NewServer(t testing.TB, answer http.HandlerFunc) *Server {
	t.Helper()
	s := &Server{closed: make(chan struct{})}
	s.change = sync.NewCond(&s.mu)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the client went away
		}
		s.note(func() {
			s.requests = append(s.requests, Request{r.Method, r.URL.RequestURI(), r.Header.Clone(), body})
		})
		defer func() {
			if r.Context().Err() != nil {
				s.note(func() { s.gone++ })
			}
		}()
		answer(w, r.WithContext(context.WithValue(r.Context(), bodyKey{}, body)))
	}))
	s.URL = server.URL
	t.Cleanup(func() {
		close(s.closed)
		server.Close()
	})
	return s
}

func (s *Server) note(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	s.change.Broadcast()
}

// Requests returns what came in so far, oldest first.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// WaitRequests waits until n requests have come in.
func (s *Server) WaitRequests(ctx context.Context, n int) error {
	return s.wait(ctx, func() bool { return len(s.requests) >= n })
}

// WaitGone waits until n clients went away before their answer was complete: the
// contexts of their requests have ended.
func (s *Server) WaitGone(ctx context.Context, n int) error {
	return s.wait(ctx, func() bool { return s.gone >= n })
}

func (s *Server) wait(ctx context.Context, done func() bool) error {
	stop := context.AfterFunc(ctx, func() { s.note(func() {}) })
	defer stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for !done() {
		if ctx.Err() != nil {
			return fmt.Errorf("wait for the server: %w", context.Cause(ctx))
		}
		s.change.Wait()
	}
	return nil
}

// Stream answers with body, in flushed pieces of so many bytes.
func Stream(body string, piece int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { write(w, body, piece) }
}

// Refuse answers with a status and a body.
func Refuse(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// Hang sends body, and then nothing until the client goes away. An empty body
// holds back the headers too.
func (s *Server) hang(w http.ResponseWriter, r *http.Request, body string) {
	if body != "" {
		write(w, body, len(body))
	}
	select {
	case <-r.Context().Done():
	case <-s.closed:
	}
}

func write(w http.ResponseWriter, body string, piece int) {
	flush := http.NewResponseController(w)
	for len(body) > 0 {
		n := min(max(1, piece), len(body))
		if _, err := io.WriteString(w, body[:n]); err != nil || flush.Flush() != nil {
			return
		}
		body = body[n:]
	}
}
