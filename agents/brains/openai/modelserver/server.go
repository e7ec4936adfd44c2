package modelserver

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

const (
	// Model is the name GET /v1/models lists. Any other is accepted too.
	Model = "test-model"
	// DefaultChunk is the size of a flushed piece of a body, in bytes.
	DefaultChunk = 7

	maxRequest = 8 << 20
)

// Server is a running model server. All methods are safe for concurrent use.
type Server struct {
	// URL is the address without a path; "/v1" may be appended.
	URL string

	closed chan struct{} // ends Hang and Stall when the test is over

	mu        sync.Mutex
	change    *sync.Cond // requests or gone grew
	queue     []Reply
	otherwise func(Request) Reply
	key       string
	chunk     int
	requests  []Request
	gone      int
}

// New starts a server that ends with the test.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{closed: make(chan struct{}), chunk: DefaultChunk, otherwise: echo}
	s.change = sync.NewCond(&s.mu)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/models", s.models)
	mux.HandleFunc("POST /v1/chat/completions", s.completions)
	server := httptest.NewServer(mux)
	s.URL = server.URL
	t.Cleanup(func() {
		close(s.closed)
		server.Close()
	})
	return s
}

func echo(r Request) Reply { return Text("You said: " + r.LastUser()) }

// Reply appends to the queue of replies. A refused request takes none.
func (s *Server) Reply(replies ...Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue = append(s.queue, replies...)
}

// Otherwise sets what answers a request that finds the queue empty.
func (s *Server) Otherwise(f func(Request) Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.otherwise = f
}

// RequireKey makes the server refuse every request without this bearer token.
func (s *Server) RequireKey(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.key = key
}

// SetChunk sets the size of a flushed piece of a body; it must be positive.
func (s *Server) SetChunk(bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chunk = max(1, bytes)
}

// Requests returns the completion requests received so far, oldest first, those
// refused included.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// WaitRequests waits until n completion requests have arrived.
func (s *Server) WaitRequests(ctx context.Context, n int) error {
	return s.wait(ctx, func() bool { return len(s.requests) >= n })
}

// WaitGone waits until n clients went away before their reply was complete.
func (s *Server) WaitGone(ctx context.Context, n int) error {
	return s.wait(ctx, func() bool { return s.gone >= n })
}

func (s *Server) wait(ctx context.Context, done func() bool) error {
	stop := context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.change.Broadcast()
	})
	defer stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for !done() {
		if ctx.Err() != nil {
			return fmt.Errorf("wait for the model server: %w", context.Cause(ctx))
		}
		s.change.Wait()
	}
	return nil
}

func (s *Server) models(w http.ResponseWriter, r *http.Request) {
	if !s.allowed(r) {
		s.refuse(w, http.StatusUnauthorized, "invalid_api_key", "Incorrect API key provided.")
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"object": "list",
		"data":   []any{map[string]any{"id": Model, "object": "model", "created": 0, "owned_by": "tests"}},
	})
}

func (s *Server) completions(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		return // the client went away, or sends too much
	}
	request := Request{Header: r.Header.Clone(), Body: body}
	err = json.Unmarshal(body, &request)
	s.note(func() { s.requests = append(s.requests, request) })
	if !s.allowed(r) {
		s.refuse(w, http.StatusUnauthorized, "invalid_api_key", "Incorrect API key provided.")
		return
	}
	if err == nil {
		err = request.check()
	}
	if err != nil {
		s.refuse(w, http.StatusBadRequest, "invalid_request", err.Error())
		return
	}
	reply, chunk := s.next(request)
	out := &writer{w: w, r: r, closed: s.closed, chunk: chunk, request: request}
	defer func() { // also after a cut, which panics
		if !out.complete && r.Context().Err() != nil {
			s.note(func() { s.gone++ })
		}
	}()
	reply(out)
}

// next decides on the reply to a request that is not refused.
func (s *Server) next(r Request) (Reply, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) > 0 {
		reply := s.queue[0]
		s.queue = s.queue[1:]
		return reply, s.chunk
	}
	otherwise := s.otherwise
	// Called with the lock released, by the writer: it may ask the server things.
	return func(w *writer) { otherwise(r)(w) }, s.chunk
}

func (s *Server) note(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	s.change.Broadcast()
}

func (s *Server) allowed(r *http.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.key == "" || strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ") == s.key
}

func (s *Server) refuse(w http.ResponseWriter, status int, code, message string) {
	writeJSON(w, status, map[string]any{"error": map[string]any{
		"message": message, "type": "invalid_request_error", "param": nil, "code": code,
	}})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that went away is its own problem
}
