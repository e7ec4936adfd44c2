package identity

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tmates/tmates/server/token"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

var begin = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// world is a service over a real database, with a clock that tests move.
type world struct {
	*Service
	t      testing.TB
	dir    string
	offset atomic.Int64 // nanoseconds after begin
	mu     sync.Mutex
	events []tmates.Event
}

var ada = Client{IP: "192.0.2.1", UserAgent: "test"}

func start(t testing.TB, change func(*Options)) *world {
	t.Helper()
	return startIn(t, t.TempDir(), begin, change)
}

func startIn(t testing.TB, dir string, at time.Time, change func(*Options)) *world {
	t.Helper()
	w := &world{t: t, dir: dir}
	w.offset.Store(int64(at.Sub(begin)))
	db, err := store.Open(t.Context(), store.Options{Dir: dir, Synchronous: "normal", Now: w.now, OnEmit: func(evs []tmates.Event) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.events = append(w.events, evs...)
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	secrets, err := token.Load(dir, begin)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{DB: db, Secrets: secrets, PublicURL: "http://pi.local:8000"}
	if change != nil {
		change(&o)
	}
	if w.Service, err = New(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) now() time.Time       { return begin.Add(time.Duration(w.offset.Load())) }
func (w *world) pass(d time.Duration) { w.offset.Add(int64(d)) }

func (w *world) addUser(email, password string) tmates.User {
	w.t.Helper()
	u, err := w.AddUser(w.t.Context(), NewUser{Email: email, Password: password})
	if err != nil {
		w.t.Fatal(err)
	}
	return u
}

// issue returns the account's code, as the operator sees it.
func (w *world) issue(email string) string {
	w.t.Helper()
	code, _, err := w.IssueCode(w.t.Context(), email)
	if err != nil {
		w.t.Fatal(err)
	}
	return code
}

// enter logs in with a code.
func (w *world) enter(email string) Grant {
	w.t.Helper()
	g, err := w.Verify(w.t.Context(), ada, email, w.issue(email), "email")
	if err != nil {
		w.t.Fatal(err)
	}
	return g
}

// wrong returns digits that differ from a code.
func wrong(code string) string {
	last := code[len(code)-1]
	return code[:len(code)-1] + string('0'+(last-'0'+1)%10)
}

// count returns how many records of an event there are.
func (w *world) count(event string) (n int) {
	w.t.Helper()
	err := w.db.Read(w.t.Context(), func(ctx context.Context, tx *store.Tx) error {
		all, err := tx.Audits(ctx, "", 10_000)
		for _, a := range all {
			if a.Event == event {
				n++
			}
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *world) ended() (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, ev := range w.events {
		if ev.Type == tmates.EventSessionEnd {
			n++
		}
	}
	return n
}

func (w *world) files() []string {
	w.t.Helper()
	all, err := filepath.Glob(filepath.Join(w.dir, "*"))
	if err != nil {
		w.t.Fatal(err)
	}
	var texts []string
	for _, path := range all {
		if info, err := os.Stat(path); err != nil || info.IsDir() || filepath.Base(path) == token.FileName {
			continue
		}
		b, err := os.ReadFile(path)
		if err != nil {
			w.t.Fatal(err)
		}
		texts = append(texts, string(b))
	}
	return texts
}

// code returns the error's code, or "ok".
func code(err error) string {
	if err == nil {
		return "ok"
	}
	if e, ok := errors.AsType[*tmates.Error](err); ok {
		return e.Code
	}
	return fmt.Sprintf("unclassified: %v", err)
}

func want(t testing.TB, what string, err error, wanted string) {
	t.Helper()
	if got := code(err); got != wanted {
		t.Errorf("%s: %s (%v), want %s", what, got, err, wanted)
	}
}

// letter returns the mail that a request just wrote: it is posted before the
// request returns.
func (w *world) letter() letter {
	w.t.Helper()
	select {
	case l := <-w.letters:
		return l
	default:
		w.t.Fatal("no mail was written")
		return letter{}
	}
}

// receive waits for what another goroutine sends.
func receive[T any](t testing.TB, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("nothing arrived")
		panic("not reached")
	}
}
