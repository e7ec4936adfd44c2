package lab

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tmates/tmates/cmd/app/apptest"
	"github.com/tmates/tmates/server/control"
)

// What a program may gain between two samples at rest, with the same work behind
// each.
const (
	maxGoroutines = 8
	maxFiles      = 8
	maxThreads    = 12
	maxHeapPerAct = 384      // bytes for each thing that was done
	maxRSS        = 64 << 20 // bytes; SQLite fills its caches, 8 MiB for each connection
	maxWAL        = 64 << 20 // bytes at any time
	settleTime    = 20 * time.Second
)

// Size of the short soak. A leak of 1 KiB with each act is three times what the
// heap may gain.
const (
	warmUpActs = 800
	soakActs   = 2000
	fewSockets = 50
)

// A long soak has as many sockets as the goal says, and a sample for each twelfth
// of its time; the first is the warm-up.
const (
	manySockets = 200
	longPhases  = 12
)

// soak is a program with people who come and go.
type soak struct {
	t       *testing.T
	p       *apptest.Process
	people  []apptest.Account
	sockets int
	acts    atomic.Int64
	wal     atomic.Int64 // longest log seen
	failed  atomic.Int64 // acts that were not answered as they should
}

// TestSoak does a lot of everything at the same time and looks for what stays
// behind: SOAK_TIME long, or else a fixed number of acts.
func TestSoak(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the figures of the process are read from /proc")
	}
	if text := os.Getenv("SOAK_TIME"); text != "" {
		length, err := time.ParseDuration(text)
		if err != nil {
			t.Fatal(err)
		}
		phases := make([]func(done int64) bool, longPhases)
		for i := range phases {
			end := time.Now().Add(length * time.Duration(i+1) / longPhases)
			phases[i] = func(int64) bool { return time.Now().Before(end) }
		}
		soakThrough(t, manySockets, phases...)
		return
	}
	soakThrough(t, fewSockets,
		func(done int64) bool { return done < warmUpActs },
		func(done int64) bool { return done < soakActs })
}

// soakThrough works as long as each phase says, and compares the figures after
// the first with those after the last.
func soakThrough(t *testing.T, sockets int, phases ...func(done int64) bool) {
	t.Helper()
	s, g := startSoak(t, sockets)
	var first, last figures
	acts := int64(0)
	for i, more := range phases {
		s.acts.Store(0)
		s.phase(i, more)
		var err error
		if last, err = g.settled(); err != nil {
			t.Fatal(err)
		}
		t.Logf("phase %d: %d acts, then %v; longest WAL %d KiB", i, s.acts.Load(), last, s.wal.Load()>>10)
		if i == 0 {
			first = last
			continue
		}
		acts += s.acts.Load()
	}
	for _, fault := range compare(first, last, acts) {
		t.Error(fault)
	}
	if s.wal.Load() > maxWAL {
		t.Errorf("the write-ahead log grew to %d bytes", s.wal.Load())
	}
	if n := s.failed.Load(); n > 0 {
		t.Errorf("%d acts failed", n)
	}
	leaky, err := g.read(int(acts))
	if err != nil {
		t.Fatal(err)
	}
	if len(compare(first, leaky, acts)) == 0 {
		t.Errorf("nobody notices a leak of 1 KiB for each act: %v, then %v", first, leaky)
	}
	s.p.End()
}

// compare says what grew too much.
func compare(first, last figures, acts int64) (faults []string) {
	grew := func(what string, by, most int64) {
		if by > most {
			faults = append(faults, fmt.Sprintf("%s grew by %d, and may by %d: %v, then %v", what, by, most, first, last))
		}
	}
	grew("the number of goroutines", int64(last.Goroutines-first.Goroutines), maxGoroutines)
	grew("the number of descriptors", int64(last.Files-first.Files), maxFiles)
	grew("the number of threads", int64(last.Threads-first.Threads), maxThreads)
	grew("the heap", last.Heap-first.Heap, acts*maxHeapPerAct)
	grew("the resident set", last.RSS-first.RSS, maxRSS)
	return faults
}

// startSoak starts a program with a model that says little.
func startSoak(t *testing.T, sockets int) (*soak, *gauge) {
	t.Helper()
	model := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, `data: {"choices":[{"index":0,"delta":{"content":"Yes."},"finish_reason":"stop"}]}`+"\n\ndata: [DONE]\n\n")
	}))
	t.Cleanup(model.Close)
	door := filepath.Join(t.TempDir(), "figures")
	s := &soak{t: t, sockets: sockets, p: apptest.Spawn(t, t.TempDir(), figuresVariable+"="+door, "OPENAI_BASE_URL="+model.URL, "OPENAI_MODEL=m",
		"TMATES_QUEUE_ACTIVE_JOBS_PER_USER=30", "TMATES_CHAT_MESSAGES_PER_MINUTE=0", "TMATES_AUTH_ACCESS_TOKEN_TTL=24h")}
	for n := range 8 {
		s.people = append(s.people, s.p.AddUser(fmt.Sprintf("person%d@example.com", n)))
	}
	if err := s.p.Call("tmate.hire", control.Hire{Key: "nora"}, new(control.Tmate)); err != nil {
		t.Fatal(err)
	}
	g, err := newGauge(s.p, door)
	if err != nil {
		t.Fatal(err)
	}
	return s, g
}

// phase lets everybody act as long as more says so, and then waits until all of
// it is over.
func (s *soak) phase(number int, more func(done int64) bool) {
	s.t.Helper()
	var doers, visitors sync.WaitGroup
	over := make(chan struct{})
	for n := range s.sockets {
		a, random := s.people[n%len(s.people)], rand.New(rand.NewPCG(uint64(number), uint64(n)))
		visitors.Go(func() {
			for s.visit(a, random, n%16 == 0, over) {
			}
		})
	}
	for n, a := range s.people {
		random := rand.New(rand.NewPCG(uint64(number), uint64(1000+n)))
		doers.Go(func() {
			for more(s.acts.Add(1)) {
				if err := s.act(a, random); err != nil {
					s.fail("person %d: %v", n, err)
					return
				}
				for size, seen := walSize(s.p.Dir), s.wal.Load(); size > seen && !s.wal.CompareAndSwap(seen, size); {
					seen = s.wal.Load()
				}
			}
		})
	}
	doers.Wait()
	close(over)
	visitors.Wait()
	for _, a := range s.people {
		s.p.Settle(a.Token, "agent:adam", "agent:nora", "team:all")
	}
	http.DefaultClient.CloseIdleConnections()
}

// visit opens a socket, resumes a thread, and reads for a while. With deaf it
// reads nothing until all is over. It reports whether there is to be another.
func (s *soak) visit(a apptest.Account, random *rand.Rand, deaf bool, over <-chan struct{}) bool {
	conn, err := (&person{Account: a}).dial(s.p)
	if err != nil {
		s.fail("socket: %v", err)
		return false
	}
	left := make(chan struct{})
	defer close(left)
	go func() { // ends a read that waits
		select {
		case <-over:
		case <-left:
		}
		_ = conn.Close()
	}()
	hello := map[string]any{"type": "subscribe", "thread_id": threadOf(random), "stream": true}
	if random.IntN(4) == 0 { // was away for long
		hello["after"] = 0
	}
	_ = conn.WriteJSON(hello)
	for frames := 5 + random.IntN(40); frames > 0 && !deaf; frames-- {
		if _, _, err := conn.ReadMessage(); err != nil {
			break
		}
	}
	if deaf {
		<-over
	}
	select {
	case <-over:
		return false
	default:
		return true
	}
}

func (s *soak) fail(format string, a ...any) {
	s.failed.Add(1)
	s.t.Logf(format, a...)
}

func threadOf(random *rand.Rand) string {
	return []string{"agent:adam", "agent:nora", "team:all"}[random.IntN(3)]
}

// act does one thing.
func (s *soak) act(a apptest.Account, random *rand.Rand) error {
	thread := threadOf(random)
	switch kind := random.IntN(16); {
	case kind < 5:
		return s.expect(http.StatusCreated, http.MethodPost, "/v1/chats/"+thread+"/messages", a.Token, map[string]string{
			"content": []string{"@nora, todo: order paper", "@adam, how is it going?", "stop all"}[random.IntN(3)],
		})
	case kind < 7:
		return s.expect(http.StatusOK, http.MethodGet, "/v1/chats", a.Token, nil)
	case kind < 10:
		return s.expect(http.StatusOK, http.MethodGet, "/v1/chats/"+thread+"?limit=50", a.Token, nil)
	case kind < 12:
		return s.file(a, random)
	case kind < 14:
		return s.job(a, random.IntN(2) == 0)
	case kind < 15:
		return s.expect(http.StatusUnauthorized, http.MethodGet, "/v1/chats", fmt.Sprintf("%x", random.Uint64()), nil)
	}
	return s.login(a)
}

// login opens another session and ends it. Too many tries are refused.
func (s *soak) login(a apptest.Account) error {
	var code control.Code
	if err := s.p.Call("user.code", control.Email{Email: a.Email}, &code); err != nil {
		return err
	}
	status, body, err := s.p.Do(http.MethodPost, "/auth/v1/verify", "", map[string]string{"email": a.Email, "token": code.Code, "type": "email"})
	if err != nil || status == http.StatusTooManyRequests {
		return err
	}
	var session struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(body, &session); err != nil || status != http.StatusOK {
		return fmt.Errorf("login: %d %.200s, %w", status, body, err)
	}
	return s.expect(http.StatusNoContent, http.MethodPost, "/auth/v1/logout?scope=local", session.AccessToken, nil)
}

// expect performs a request that is to be answered so, or that too many wait.
func (s *soak) expect(want int, method, path, token string, in any) error {
	status, body, err := s.p.Do(method, path, token, in)
	if err == nil && status != want && status != http.StatusTooManyRequests {
		err = fmt.Errorf("%s %s: %d %.200s", method, path, status, body)
	}
	return err
}

// file stores a file, reads it and takes it away again.
func (s *soak) file(a apptest.Account, random *rand.Rand) error {
	status, body, err := s.p.Upload(a.Token, "note.txt", strings.Repeat("paper ", 1+random.IntN(4000)))
	if err != nil || status != http.StatusCreated {
		return fmt.Errorf("upload: %d %.200s, %w", status, body, err)
	}
	var out struct {
		File struct {
			Path string `json:"relative_path"`
		}
	}
	if err := json.Unmarshal(body, &out); err != nil {
		return err
	}
	if err := s.expect(http.StatusOK, http.MethodGet, "/v1/files/download/"+out.File.Path, a.Token, nil); err != nil {
		return err
	}
	return s.expect(http.StatusOK, http.MethodDelete, "/v1/files/"+out.File.Path, a.Token, nil)
}

// job asks for work, and may take the request back. Work that is over cannot be
// cancelled.
func (s *soak) job(a apptest.Account, cancel bool) error {
	status, body, err := s.p.Do(http.MethodPost, "/v1/jobs", a.Token, map[string]string{"agent_key": "adam", "task": "look around"})
	if err != nil || status == http.StatusTooManyRequests || !cancel {
		return err
	}
	var j struct{ ID string }
	if err := json.Unmarshal(body, &j); err != nil || status != http.StatusAccepted {
		return fmt.Errorf("job: %d %.200s, %w", status, body, err)
	}
	if status, body, err = s.p.Do(http.MethodPost, "/v1/jobs/"+j.ID+"/cancel", a.Token, nil); status != http.StatusBadRequest && status != http.StatusAccepted {
		return fmt.Errorf("cancel: %d %.200s, %w", status, body, err)
	}
	return err
}
