package gotrue_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/tmates/tmates/server/gotrue"
	"github.com/tmates/tmates/server/identity"
	"github.com/tmates/tmates/server/token"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

var begin = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const (
	adas = "ada@example.com"
	good = "quartz fjord 77"
)

// options are what a test changes before its world starts.
type options struct {
	identity identity.Options
	gotrue   gotrue.Options
}

// world is the contract on a real server over a real database.
type world struct {
	t       testing.TB
	url     string
	db      *store.DB
	use     *identity.Service
	secrets *token.Secrets
	offset  atomic.Int64 // nanoseconds after begin
	ids     atomic.Int64
	log     *lockedBuffer
}

// lockedBuffer is a log that tests read while the server writes.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func start(t testing.TB, change func(*options)) *world {
	t.Helper()
	w := &world{t: t, log: &lockedBuffer{}}
	dir := t.TempDir()
	var err error
	w.db, err = store.Open(t.Context(), store.Options{
		Dir: dir, Synchronous: "normal",
		Now:   func() time.Time { return begin.Add(time.Duration(w.offset.Load())) },
		NewID: func() string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", w.ids.Add(1)) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.db.Close() })
	if w.secrets, err = token.Load(dir, begin); err != nil {
		t.Fatal(err)
	}
	o := options{identity: identity.Options{DB: w.db, Secrets: w.secrets, PublicURL: "http://pi.local:8000", Policy: identity.DefaultPolicy()}}
	o.identity.Policy.Burst = 10_000
	if change != nil {
		change(&o)
	}
	if w.use, err = identity.New(t.Context(), o.identity); err != nil {
		t.Fatal(err)
	}
	o.gotrue.Identity, o.gotrue.Version = w.use, "1.2.3"
	if o.gotrue.Log == nil {
		o.gotrue.Log = newLog(w.log)
	}
	api := gotrue.New(o.gotrue)
	e := echo.New()
	e.IPExtractor = echo.ExtractIPFromXFFHeader(echo.TrustLoopback(true))
	e.HTTPErrorHandler = func(err error, c echo.Context) { api.WriteError(c, err) }
	api.Mount(e)
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	w.url = server.URL + gotrue.Prefix
	return w
}

func (w *world) pass(d time.Duration) { w.offset.Add(int64(d)) }

func (w *world) addUser(email, password string) tmates.User {
	w.t.Helper()
	u, err := w.use.AddUser(w.t.Context(), identity.NewUser{Email: email, Name: "Ada", Password: password})
	if err != nil {
		w.t.Fatal(err)
	}
	return u
}

// issue returns the account's code, as the operator sees it.
func (w *world) issue(email string) string {
	w.t.Helper()
	code, _, err := w.use.IssueCode(w.t.Context(), email)
	if err != nil {
		w.t.Fatal(err)
	}
	return code
}

// answer is what came back.
type answer struct {
	t      testing.TB
	status int
	header http.Header
	body   string
}

// call sends a request as supabase-js does: with the contract's version, and
// the anon key where no access token is given. Pairs of header names and values
// follow; an empty value takes a header away.
func (w *world) call(method, path, bearer, body string, headers ...string) answer {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if bearer == "" {
		bearer = w.secrets.AnonKey()
	}
	r.Header.Set("Apikey", w.secrets.AnonKey())
	r.Header.Set("Authorization", "Bearer "+bearer)
	r.Header.Set("Content-Type", "application/json;charset=UTF-8")
	r.Header.Set("X-Supabase-Api-Version", "2024-01-01")
	r.Header.Set("X-Client-Info", "supabase-js-node/2.80.0")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
		if headers[i+1] == "" {
			r.Header.Del(headers[i])
		}
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return answer{t: w.t, status: res.StatusCode, header: res.Header, body: string(text)}
}

func (w *world) post(path, body string, headers ...string) answer {
	w.t.Helper()
	return w.call(http.MethodPost, path, "", body, headers...)
}

// code is the error code of an answer in the 2024 shape, or "ok".
func (a answer) code() string {
	a.t.Helper()
	if a.status < 300 {
		return "ok"
	}
	var body struct{ Code string }
	if err := json.Unmarshal([]byte(a.body), &body); err != nil || body.Code == "" {
		a.t.Errorf("status %d with body %q", a.status, a.body)
	}
	return body.Code
}

func (a answer) want(what string, status int, code string) {
	a.t.Helper()
	if a.status != status || a.code() != code {
		a.t.Errorf("%s: %d %s, want %d %s\n%s", what, a.status, a.code(), status, code, a.body)
	}
}

// session is what a client keeps of a session.
type session struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	ExpiresIn    int64  `json:"expires_in"`
}

func (a answer) session() (s session) {
	a.t.Helper()
	if err := json.Unmarshal([]byte(a.body), &s); err != nil || a.status != http.StatusOK || s.AccessToken == "" || s.RefreshToken == "" || s.ExpiresIn == 0 {
		a.t.Fatalf("no session: %d %s", a.status, a.body)
	}
	return s
}

// enter logs in with a code.
func (w *world) enter(email string) session {
	w.t.Helper()
	return w.post("/verify", fmt.Sprintf(`{"email":%q,"token":%q,"type":"email","gotrue_meta_security":{}}`, email, w.issue(email))).session()
}

func (w *world) refresh(raw string) answer {
	w.t.Helper()
	return w.post("/token?grant_type=refresh_token", fmt.Sprintf(`{"refresh_token":%q}`, raw))
}

func (w *world) user(access string) answer {
	w.t.Helper()
	return w.call(http.MethodGet, "/user", access, "")
}
