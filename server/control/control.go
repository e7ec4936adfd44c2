// Package control lets the commands of the program ask the server that has the
// data folder open: add a user, show a login code, look after jobs.
//
// The same [Commands] answer in both cases. When a server runs, a command is a
// POST over loopback that shows the folder's internal secret ([Commands.Mount],
// [Client]); when none runs, the program opens the folder and calls them
// directly. Whoever can read the folder's secrets is the operator: no other
// right is checked, and nobody else, and no other machine, is answered.
package control

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/tmates/tmates/store/tmates"
)

// Prefix is the path the commands are mounted below.
const Prefix = "/control"

// maxBody bounds a command and an answer, in bytes.
const maxBody = 4 << 20

// Call performs a command: in is encoded as JSON, out decoded from the answer.
// A failure the operator caused is a *[tmates.Error].
type Call func(ctx context.Context, command string, in, out any) error

type command func(ctx context.Context, in json.RawMessage) (any, error)

// Call performs a command in this process.
func (c *Commands) Call(ctx context.Context, name string, in, out any) error {
	raw, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("encode %s: %w", name, err)
	}
	answer, err := c.do(ctx, name, raw)
	if err != nil {
		return err
	}
	if raw, err = json.Marshal(answer); err != nil {
		return fmt.Errorf("encode answer of %s: %w", name, err)
	}
	return json.Unmarshal(raw, out)
}

func (c *Commands) do(ctx context.Context, name string, in json.RawMessage) (any, error) {
	run, ok := c.table[name]
	if !ok {
		return nil, tmates.E(tmates.NotFound, "command_unknown", nil, "The running server does not know the command %q: it may be of another version", name)
	}
	return run(ctx, in)
}

// Mount serves the commands to loopback peers who show the secret. Everybody
// else gets the answer of a path that does not exist.
func (c *Commands) Mount(e *echo.Echo, secret string) {
	e.Any(Prefix+"/:command", func(ctx echo.Context) error {
		shown, _ := strings.CutPrefix(ctx.Request().Header.Get("Authorization"), "Bearer ")
		if ctx.Request().Method != http.MethodPost || !fromHere(ctx.Request()) || subtle.ConstantTimeCompare([]byte(shown), []byte(secret)) != 1 {
			return echo.ErrNotFound
		}
		body, err := io.ReadAll(io.LimitReader(ctx.Request().Body, maxBody))
		if err != nil {
			return fmt.Errorf("read command: %w", err)
		}
		answer, err := c.do(ctx.Request().Context(), ctx.Param("command"), body)
		if e, ok := errors.AsType[*tmates.Error](err); ok {
			return ctx.JSON(http.StatusUnprocessableEntity, failure{Kind: e.Kind, Code: e.Code, Msg: e.Msg})
		}
		if err != nil {
			return err
		}
		return ctx.JSON(http.StatusOK, answer)
	})
}

// fromHere reports whether the peer is this machine: it comes from loopback, or
// from the very address it asks. A header proves nothing here.
func fromHere(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	if peer.Addr().Unmap().IsLoopback() {
		return true
	}
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return false
	}
	own, err := netip.ParseAddrPort(local.String())
	return err == nil && own.Addr().Unmap() == peer.Addr().Unmap()
}

// failure carries a *tmates.Error over the wire.
type failure struct {
	Kind tmates.Kind `json:"kind"`
	Code string      `json:"code"`
	Msg  string      `json:"message"`
}

// direct goes straight to the server and nowhere else: a proxy or a redirect
// would be shown the secret.
var direct = &http.Client{
	Transport:     &http.Transport{Proxy: nil, DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// Client asks a running server.
type Client struct {
	URL    string // "http://127.0.0.1:8000"
	Secret string
}

// Call performs a command in the server. Without a deadline it waits for at most
// 30 seconds.
func (c Client) Call(ctx context.Context, name string, in, out any) error {
	raw, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("encode %s: %w", name, err)
	}
	if _, set := ctx.Deadline(); !set {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, 30*time.Second)
		defer cancel()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL+Prefix+"/"+name, bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("ask the server: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+c.Secret)
	res, err := direct.Do(req)
	if err != nil {
		return fmt.Errorf("ask the server at %s: %w", c.URL, err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxBody))
	if err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	switch res.StatusCode {
	case http.StatusOK:
		if err := json.Unmarshal(body, out); err != nil {
			return fmt.Errorf("read the server's answer: %w", err)
		}
		return nil
	case http.StatusUnprocessableEntity:
		var f failure
		if err := json.Unmarshal(body, &f); err == nil && f.Msg != "" {
			return tmates.E(f.Kind, f.Code, nil, "%s", f.Msg)
		}
	}
	return fmt.Errorf("the server at %s answered %s", c.URL, res.Status)
}
