// Package apptest boots the real program for tests: the wiring of cmd/app on a
// free port of this machine, with its data in a temporary folder. Nobody
// rebuilds the wiring by hand, so that every test goes through the one users
// run.
package apptest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/cmd/app"
	"github.com/tmates/tmates/cmd/config"
	"github.com/tmates/tmates/server/control"
	"github.com/tmates/tmates/server/token"
	"github.com/tmates/tmates/server/v1/contract"
	"github.com/tmates/tmates/store"
)

// Options change what Start boots. The zero value is the product as it comes,
// offline.
type Options struct {
	Dir    string               // data folder; default: a fresh one
	Config func(*config.Config) // changes the configuration
	Env    []string             // more layers of it, "NAME=value"
	Model  agents.Brain         // answers instead of a provider
	PDF    []string             // reads PDF files; default: nobody does
	Trace  func(query string)   // sees each statement of the database
	Now    func() time.Time
}

// App is a running server.
type App struct {
	URL     string
	Dir     string
	AnonKey string
	Claim   string  // the link that makes the first account; empty when there was one
	Console *Buffer // what was shown to whoever sits at the machine
	Log     *Buffer
	// Client holds every answer of the API against its document, like all
	// helpers here.
	Client *http.Client
	t      testing.TB
	judge  *judge
	stop   context.CancelFunc
	ended  chan error
	once   sync.Once
}

// Buffer is text that several goroutines write and read.
type Buffer struct {
	mu    sync.Mutex
	b     bytes.Buffer
	await string
	told  chan struct{} // closed when await was written
}

// Write implements [io.Writer].
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.await != "" && bytes.Contains(p, []byte(b.await)) {
		b.await = ""
		close(b.told)
	}
	return b.b.Write(p)
}

// String returns everything written so far.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// Start boots the program and stops it when the test ends.
func Start(t testing.TB, o Options) *App {
	t.Helper()
	settled := make(chan struct{})
	a := &App{Dir: o.Dir, Console: &Buffer{}, Log: &Buffer{await: "files are tidy", told: settled}, t: t, judge: newJudge(t), ended: make(chan error, 1)}
	a.Client = &http.Client{Transport: a.judge}
	if a.Dir == "" {
		a.Dir = t.TempDir()
	}
	cfg, err := config.Load(config.LoadOptions{
		Environ: append([]string{"TMATES_LISTEN=127.0.0.1:0", "TMATES_DATA=" + a.Dir}, o.Env...),
	})
	if err != nil {
		t.Fatal(err)
	}
	if o.Config != nil {
		o.Config(cfg)
	}
	ctx, stop := context.WithCancel(context.Background())
	a.stop = stop
	started := make(chan app.Started, 1)
	go func() {
		a.ended <- app.Serve(ctx, app.Options{
			Config: cfg, Version: "test", Model: o.Model, ReadPDF: o.PDF, Trace: o.Trace, Now: o.Now, Console: a.Console,
			Log: slog.New(slog.NewTextHandler(a.Log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		}, func(s app.Started) { started <- s })
	}()
	select {
	case s := <-started:
		a.URL, a.AnonKey, a.Claim = s.URL, s.AnonKey, s.Claim
		<-settled // what a start leaves for later reads the database, too
	case err := <-a.ended:
		stop()
		t.Fatalf("start: %v\n%s", err, a.Log)
	}
	t.Cleanup(a.Stop)
	return a
}

// Stop ends the server and waits for it. Doing it twice is fine.
func (a *App) Stop() {
	a.once.Do(func() {
		a.stop()
		if err := <-a.ended; err != nil {
			a.t.Errorf("stop: %v", err)
		}
		if a.t.Failed() {
			a.t.Logf("log of the server:\n%s", a.Log)
		}
	})
}

func (a *App) secrets() *token.Secrets {
	a.t.Helper()
	secrets, err := token.Load(a.Dir, time.Now())
	if err != nil {
		a.t.Fatal(err)
	}
	return secrets
}

// ServiceKey returns the operator's project key.
func (a *App) ServiceKey() string { return a.secrets().ServiceKey() }

// Call performs an operator's command.
func (a *App) Call(command string, in, out any) error {
	a.t.Helper()
	return control.Client{URL: store.ReadHolder(a.Dir).URL, Secret: a.secrets().InternalSecret()}.Call(context.Background(), command, in, out)
}

// User is an account that is logged in.
type User struct {
	ID      string
	Email   string
	Token   string // access token
	Refresh string
	app     *App
}

// AddUser makes an account and logs it in with a code.
func (a *App) AddUser(email, name string) *User {
	a.t.Helper()
	var made control.User
	if err := a.Call("user.add", control.AddUser{Email: email, Name: name}, &made); err != nil {
		a.t.Fatal(err)
	}
	return a.Login(email)
}

// Login logs an account in with a code of the operator.
func (a *App) Login(email string) *User {
	a.t.Helper()
	var code control.Code
	if err := a.Call("user.code", control.Email{Email: email}, &code); err != nil {
		a.t.Fatal(err)
	}
	res := a.Do("POST", "/auth/v1/verify", "", map[string]any{"email": email, "token": code.Code, "type": "email"})
	if res.Status != http.StatusOK {
		a.t.Fatalf("login of %s: %d %s", email, res.Status, res.Body)
	}
	return a.LoggedIn(res)
}

// LoggedIn returns the account whose session an answer holds.
func (a *App) LoggedIn(res Response) *User {
	a.t.Helper()
	var session struct {
		AccessToken  string `json:"access_token"`
		RefreshToken string `json:"refresh_token"`
		User         struct{ ID, Email string }
	}
	res.Decode(&session)
	return &User{ID: session.User.ID, Email: session.User.Email, Token: session.AccessToken, Refresh: session.RefreshToken, app: a}
}

// Response is an answer, read whole.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
	t      testing.TB
}

// Decode reads a JSON body.
func (r Response) Decode(v any) {
	r.t.Helper()
	if err := json.Unmarshal(r.Body, v); err != nil {
		r.t.Fatalf("decode %d %s: %v", r.Status, r.Body, err)
	}
}

// JSON returns the body as plain values.
func (r Response) JSON() any {
	r.t.Helper()
	var v any
	r.Decode(&v)
	return v
}

// Do sends a request. body may be nil, a []byte that is sent as it is, or a
// value that is sent as JSON.
func (a *App) Do(method, path, bearer string, body any) Response {
	a.t.Helper()
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case []byte:
		reader = bytes.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			a.t.Fatal(err)
		}
		reader = bytes.NewReader(raw)
	}
	contentType := ""
	if reader != nil {
		contentType = "application/json"
	}
	return a.send(method, path, bearer, contentType, reader)
}

// send is Do for a body of any type.
func (a *App) send(method, path, bearer, contentType string, body io.Reader) Response {
	a.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, a.URL+path, body)
	if err != nil {
		a.t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	res, err := a.Client.Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	return Response{Status: res.StatusCode, Header: res.Header, Body: raw, t: a.t}
}

// Do sends a request as the user.
func (u *User) Do(method, path string, body any) Response {
	u.app.t.Helper()
	return u.app.Do(method, path, u.Token, body)
}

// On returns the login at another server on the same data folder.
func (u *User) On(a *App) *User {
	there := *u
	there.app = a
	return &there
}

// Upload sends a file the way a browser's form does.
func (u *User) Upload(name string, content []byte) Response {
	u.app.t.Helper()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		u.app.t.Fatal(err)
	}
	_, err = part.Write(content)
	if err := errors.Join(err, w.Close()); err != nil {
		u.app.t.Fatal(err)
	}
	return u.app.send("POST", "/v1/files/upload", u.Token, w.FormDataContentType(), &form)
}

// Must is Do for an answer that has to have the status.
func (u *User) Must(status int, method, path string, body any) Response {
	u.app.t.Helper()
	res := u.Do(method, path, body)
	if res.Status != status {
		u.app.t.Fatalf("%s %s: %d %s, want %d", method, path, res.Status, res.Body, status)
	}
	return res
}

// Thread returns the id of the user's thread with the title.
func (u *User) Thread(title string) string {
	u.app.t.Helper()
	var threads []struct{ ID, Title string }
	u.Must(http.StatusOK, "GET", "/v1/chats", nil).Decode(&threads)
	for _, th := range threads {
		if th.Title == title {
			return th.ID
		}
	}
	u.app.t.Fatalf("no thread %q in %+v", title, threads)
	return ""
}

// frameTime bounds how long a test waits for a frame: it fails then, it does
// not pass.
const frameTime = 30 * time.Second

// Socket is an open socket of a user.
type Socket struct {
	*websocket.Conn
	t     testing.TB
	judge *judge
}

// Dial opens a socket and closes it when the test ends.
func (u *User) Dial() *Socket {
	u.app.t.Helper()
	return u.DialAt("/v1/ws/" + u.ID)
}

// DialAt is Dial at one of the other paths of the socket.
func (u *User) DialAt(path string) *Socket {
	t := u.app.t
	t.Helper()
	conn, res, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(u.app.URL, "http")+path+"?token="+u.Token, nil)
	if err != nil {
		t.Fatalf("dial: %v (%+v)", err, res)
	}
	t.Cleanup(func() { _ = conn.Close() })
	u.app.judge.answer(contract.Answer{Method: "GET", Path: path, Status: res.StatusCode, Header: res.Header})
	return &Socket{Conn: conn, t: t, judge: u.app.judge}
}

// Send writes a frame.
func (s *Socket) Send(frame any) {
	s.t.Helper()
	if err := s.WriteJSON(frame); err != nil {
		s.t.Fatal(err)
	}
}

// Next reads a frame.
func (s *Socket) Next() map[string]any {
	s.t.Helper()
	if err := s.SetReadDeadline(time.Now().Add(frameTime)); err != nil {
		s.t.Fatal(err)
	}
	_, data, err := s.ReadMessage()
	if err != nil {
		s.t.Fatalf("next frame: %v", err)
	}
	s.judge.frame(data)
	var frame map[string]any
	if err := json.Unmarshal(data, &frame); err != nil {
		s.t.Fatalf("next frame: %v", err)
	}
	return frame
}

// Until reads frames up to and including the first that fits, and returns all
// of them.
func (s *Socket) Until(fits func(frame map[string]any) bool) (frames []map[string]any) {
	s.t.Helper()
	for {
		f := s.Next()
		frames = append(frames, f)
		if fits(f) {
			return frames
		}
	}
}

// Completed fits the frame that ends a turn.
func Completed(frame map[string]any) bool {
	return frame["type"] == "chat_status" && frame["status"] == "agent_processing_completed"
}

// Kinds names frames shortly, for comparing their order: a type, for a message
// with its role, for a status with the status.
func Kinds(frames []map[string]any) []string {
	kinds := make([]string, len(frames))
	for i, f := range frames {
		kinds[i] = fmt.Sprint(f["type"])
		if m, ok := f["message"].(map[string]any); ok {
			kinds[i] += " " + fmt.Sprint(m["role"])
		}
		if s, ok := f["status"]; ok {
			kinds[i] += " " + fmt.Sprint(s)
		}
	}
	return kinds
}
