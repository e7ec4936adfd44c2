package apptest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tmates/tmates/server/control"
	"github.com/tmates/tmates/server/token"
)

// childVariable makes a test binary be the program.
const childVariable = "TEST_BINARY_RUNS_THE_PROGRAM"

// answerTime bounds how long a process may take to answer: a test fails then.
const answerTime = time.Minute

// IsProgram reports whether this process was started by [Spawn] or [Launch].
// TestMain then runs the program instead of the tests. It ends with the test,
// however that ends.
func IsProgram() bool {
	if os.Getenv(childVariable) == "" {
		return false
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // ends when the test's side is closed
		os.Exit(1)
	}()
	return true
}

// Process is the program in a process of its own, which a test may kill. What
// may meet a dead process returns an error instead of failing the test.
type Process struct {
	URL  string // empty when it died before it listened
	Dir  string
	t    testing.TB
	cmd  *exec.Cmd
	log  Buffer
	said Buffer
	died chan struct{} // closed once the process is over
	end  error         // how it ended; set before died is closed
}

// Spawn starts the program on a data folder and waits until it listens. env
// is added to the environment. Whatever is left of it ends with the test.
func Spawn(t testing.TB, dir string, env ...string) *Process {
	t.Helper()
	p := Launch(t, dir, env...)
	if p.URL == "" {
		<-p.died
		t.Fatalf("the program did not start: %v\n%s", p.end, &p.log)
	}
	return p
}

// SpawnDemo is Spawn for the demo, which has a data folder of its own.
func SpawnDemo(t testing.TB, env ...string) *Process {
	t.Helper()
	p := launch(t, []string{"serve", "--demo", "--listen", "127.0.0.1:0"}, env)
	if p.URL == "" {
		<-p.died
		t.Fatalf("the demo did not start: %v\n%s", p.end, &p.log)
	}
	return p
}

// Launch is Spawn for a program that may die before it listens.
func Launch(t testing.TB, dir string, env ...string) *Process {
	t.Helper()
	p := launch(t, []string{"serve", "--data", dir, "--listen", "127.0.0.1:0"}, env)
	p.Dir = dir
	return p
}

func launch(t testing.TB, args, env []string) *Process {
	t.Helper()
	p := &Process{
		t: t, died: make(chan struct{}),
		cmd: exec.Command(os.Args[0], args...), //nolint:gosec,noctx // the test itself; it ends with the test
	}
	p.cmd.Env = append(append(os.Environ(), childVariable+"=1"), env...)
	p.cmd.Stderr = &p.log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	said := io.TeeReader(out, &p.said)
	lines := bufio.NewScanner(said)
	for p.URL == "" && lines.Scan() {
		if rest, ok := strings.CutPrefix(lines.Text(), "listening on:"); ok {
			p.URL, _, _ = strings.Cut(strings.TrimSpace(rest), " ")
		}
	}
	go func() {
		_, _ = io.Copy(io.Discard, said)
		p.end = p.cmd.Wait()
		close(p.died)
	}()
	return p
}

// PID is the number of the process.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Died is closed once the process is over.
func (p *Process) Died() <-chan struct{} { return p.died }

// Kill ends the process the hard way. Doing it twice is fine.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill()
	<-p.died
}

// Killed reports whether a process that is over was killed, and did not end by
// itself.
func (p *Process) Killed() bool {
	<-p.died
	status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// Log is what the process has written to its standard error.
func (p *Process) Log() string { return p.log.String() }

// Said is what the process has written to its standard output.
func (p *Process) Said() string { return p.said.String() }

// End asks the process to stop and waits for it.
func (p *Process) End() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		p.t.Fatal(err)
	}
	<-p.died
	if p.end != nil {
		p.t.Errorf("exit: %v\n%s", p.end, &p.log)
	}
}

// Do sends a request and reads the answer whole. in is sent as JSON unless it
// is nil.
func (p *Process) Do(method, path, bearer string, in any) (status int, body []byte, err error) {
	var content io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return 0, nil, err
		}
		content = bytes.NewReader(raw)
	}
	return p.send(method, path, bearer, "application/json", content)
}

// Upload sends a file the way a browser's form does.
func (p *Process) Upload(bearer, name, text string) (status int, body []byte, err error) {
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		return 0, nil, err
	}
	_, err = io.WriteString(part, text)
	if err := errors.Join(err, w.Close()); err != nil {
		return 0, nil, err
	}
	return p.send(http.MethodPost, "/v1/files/upload", bearer, w.FormDataContentType(), &form)
}

func (p *Process) send(method, path, bearer, contentType string, content io.Reader) (status int, body []byte, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), answerTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, p.URL+path, content)
	if err != nil {
		return 0, nil, err
	}
	if content != nil {
		req.Header.Set("Content-Type", contentType)
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err = io.ReadAll(res.Body)
	return res.StatusCode, body, err
}

// Call performs an operator's command.
func (p *Process) Call(command string, in, out any) error {
	secrets, err := token.Load(p.Dir, time.Now())
	if err != nil {
		return err
	}
	return control.Client{URL: p.URL, Secret: secrets.InternalSecret()}.Call(context.Background(), command, in, out)
}

// Account is somebody who is logged in. The token outlives the process.
type Account struct{ ID, Email, Token string }

// AddUser makes an account and logs it in.
func (p *Process) AddUser(email string) Account {
	p.t.Helper()
	if err := p.Call("user.add", control.AddUser{Email: email}, new(control.User)); err != nil {
		p.t.Fatal(err)
	}
	a, err := p.Login(email)
	if err != nil {
		p.t.Fatal(err)
	}
	return a
}

// Login logs an account in with a code of the operator.
func (p *Process) Login(email string) (a Account, err error) {
	var code control.Code
	if err := p.Call("user.code", control.Email{Email: email}, &code); err != nil {
		return a, err
	}
	status, body, err := p.Do(http.MethodPost, "/auth/v1/verify", "", map[string]string{"email": email, "token": code.Code, "type": "email"})
	if err != nil || status != http.StatusOK {
		return a, fmt.Errorf("login of %s: %d %s, %w", email, status, body, err)
	}
	var session struct {
		AccessToken string `json:"access_token"`
		User        struct {
			ID string `json:"id"`
		} `json:"user"`
	}
	err = json.Unmarshal(body, &session)
	return Account{ID: session.User.ID, Email: email, Token: session.AccessToken}, err
}

// settleTime bounds how long the work of an account may go on when nothing is
// added: a test fails then.
const settleTime = 2 * time.Minute

// Settle waits until no job of an account is active. The threads are those its
// jobs belong to.
func (p *Process) Settle(bearer string, threads ...string) {
	p.t.Helper()
	until := time.Now().Add(settleTime)
	for _, thread := range threads {
		for {
			// Held while a tmate works (Q-K3), so this does not spin.
			if status, body, err := p.Do(http.MethodGet, "/v1/chats/"+thread+"?limit=1", bearer, nil); err != nil || status != http.StatusOK {
				p.t.Fatalf("read %s: %d %s, %v", thread, status, body, err)
			}
			active := p.activeJobs(bearer)
			if len(active) == 0 {
				break
			}
			if time.Now().After(until) {
				_ = p.cmd.Process.Signal(syscall.SIGQUIT) // it says what every goroutine does
				<-p.died
				p.t.Fatalf("jobs that do not end: %s\n%s", active, &p.log)
			}
		}
	}
}

func (p *Process) activeJobs(bearer string) (active []json.RawMessage) {
	p.t.Helper()
	status, body, err := p.Do(http.MethodGet, "/v1/jobs?limit=100", bearer, nil)
	var jobs []json.RawMessage
	if err == nil {
		err = json.Unmarshal(body, &jobs)
	}
	for _, raw := range jobs {
		var j struct {
			Status string `json:"status"`
		}
		err = errors.Join(err, json.Unmarshal(raw, &j))
		if j.Status == "queued" || j.Status == "running" {
			active = append(active, raw)
		}
	}
	if err != nil || status != http.StatusOK {
		p.t.Fatalf("list jobs: %d %s, %v", status, body, err)
	}
	return active
}
