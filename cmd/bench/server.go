package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/tmates/tmates/cmd/config"
	"github.com/tmates/tmates/server/control"
	"github.com/tmates/tmates/server/token"
)

// server is the program, measured.
type server struct {
	*child
	url      string
	operator control.Client
	http     *http.Client
	accounts int // that were made
}

// setting is a key of the configuration and its value.
type setting struct{ key, value string }

// unlimited takes the bounds off that are meant for people: nobody types as fast
// as a load client does.
var unlimited = []setting{
	{"chat.messages_per_minute", "0"}, {"queue.active_jobs_per_user", "0"}, {"files.quota", "0"}, {"log.level", "error"}, {"queue.grace", "0s"},
}

func (s setting) variable() string {
	return "TMATES_" + strings.ToUpper(strings.ReplaceAll(s.key, ".", "_")) + "=" + s.value
}

// known reports whether this program has the key and takes the value.
func (s setting) known(dir string) bool {
	_, err := config.Load(config.LoadOptions{Environ: []string{"TMATES_DATA=" + dir, s.variable()}})
	return err == nil
}

// serve starts a server on a folder of the run and waits until it answers. It
// stops with the scenario.
func (r *run) serve(ctx context.Context, folder string, settings ...setting) (*server, error) {
	dir := filepath.Join(r.dir, folder)
	if err := addNoop(dir); err != nil {
		return nil, err
	}
	s, err := r.boot(ctx, dir, settings...)
	if err != nil {
		return nil, err
	}
	r.finally(s.stop)
	secrets, err := token.Load(dir, time.Now())
	if err != nil {
		return nil, err
	}
	s.operator = control.Client{URL: s.url, Secret: secrets.InternalSecret()}
	return s, nil
}

// boot starts a server on a folder as it is. It returns as soon as the server
// has answered that it is ready.
func (r *run) boot(ctx context.Context, dir string, settings ...setting) (*server, error) {
	env := []string{"TMATES_DATA=" + dir, "TMATES_LISTEN=127.0.0.1:0", "HOME=" + dir}
	for _, v := range append(unlimited, settings...) {
		env = append(env, v.variable())
	}
	c, err := r.spawn(ctx, env, "serve")
	if err != nil {
		return nil, err
	}
	s := &server{child: c, http: &http.Client{
		Timeout:   time.Minute,
		Transport: &http.Transport{MaxIdleConnsPerHost: 256, DisableCompression: true, ReadBufferSize: 64 << 10, WriteBufferSize: 64 << 10},
	}}
	if s.url, err = c.listening(ctx, s.http, "/health/ready"); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

// listening waits for the line that says where a child listens, and for its
// first answer.
func (c *child) listening(ctx context.Context, client *http.Client, path string) (url string, err error) {
	line, err := c.line("listening on:")
	if err != nil {
		return "", err
	}
	url, _, _ = strings.Cut(line, " ")
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+path, nil)
	if err != nil {
		return "", fmt.Errorf("ask for health: %w", err)
	}
	res, err := client.Do(req)
	if err != nil {
		return "", fmt.Errorf("ask for health: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return "", fmt.Errorf("ask for health: the answer is %s", res.Status)
	}
	return url, nil
}

func (s *server) stop() error {
	s.http.CloseIdleConnections()
	return s.child.stop()
}

// noop is a tmate that answers at once, so that a turn costs what the program
// costs.
const noop = "noop"

var noopFiles = map[string]string{
	"manifest.yaml": `schema: tmates/v1
name: Noop
slug: noop
version: 1.0.0
description: Answers one sentence at once, for measuring.
role: Helper
category: General
`,
	"rules.yaml": `otherwise:
  say: "Done, as you asked."
`,
}

// addNoop writes the tmate into a data folder.
func addNoop(dir string) error {
	folder := filepath.Join(dir, "tmates", noop)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("write tmate: %w", err)
	}
	for name, text := range noopFiles {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			return fmt.Errorf("write tmate: %w", err)
		}
	}
	return nil
}

// hire lets the tmate work for everybody.
func (s *server) hire(ctx context.Context) error {
	if err := s.operator.Call(ctx, "tmate.hire", control.Hire{Key: noop}, new(control.Tmate)); err != nil {
		return fmt.Errorf("hire tmate: %w", err)
	}
	return nil
}

// people makes accounts and logs them in. The first of all is the owner.
func (s *server) people(ctx context.Context, n int) (all []*person, err error) {
	for range n {
		s.accounts++
		email := "person" + strconv.Itoa(s.accounts) + "@example.com"
		if err := s.operator.Call(ctx, "user.add", control.AddUser{Email: email}, new(control.User)); err != nil {
			return nil, fmt.Errorf("add account: %w", err)
		}
		p, err := s.login(ctx, email)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// login lets an account in on the operator's word.
func (s *server) login(ctx context.Context, email string) (*person, error) {
	var l control.Login
	if err := s.operator.Call(ctx, "user.login", control.Email{Email: email}, &l); err != nil {
		return nil, fmt.Errorf("log in: %w", err)
	}
	return &person{server: s, id: l.UserID, token: l.Token}, nil
}
