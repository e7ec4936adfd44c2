// Package client talks to a server the way any client does: it logs in with a
// one-time code, opens a direct thread, and listens on the socket while it
// sends. It knows nothing of the server's inside.
package client

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// Bounds of what is waited for and read.
const (
	requestTime = 30 * time.Second
	maxAnswer   = 16 << 20 // bytes
)

// Client is a login on a server.
type Client struct {
	url    string
	token  string
	userID string
}

// Login proves an address with a one-time code.
func Login(ctx context.Context, serverURL, email, code string) (*Client, error) {
	c := &Client{url: strings.TrimRight(serverURL, "/")}
	var session struct {
		AccessToken string `json:"access_token"`
		User        struct {
			ID string `json:"id"`
		} `json:"user"`
	}
	err := c.do(ctx, http.MethodPost, "/auth/v1/verify", map[string]string{"email": email, "token": code, "type": "email"}, &session)
	if err != nil {
		return nil, fmt.Errorf("log in: %w", err)
	}
	c.token, c.userID = session.AccessToken, session.User.ID
	return c, nil
}

// Logout ends the login.
func (c *Client) Logout(ctx context.Context) error {
	return c.do(ctx, http.MethodPost, "/auth/v1/logout?scope=local", nil, nil)
}

// Thread is what a client needs of a thread.
type Thread struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// Open returns the direct thread with a tmate.
func (c *Client) Open(ctx context.Context, tmateKey string) (t Thread, err error) {
	err = c.do(ctx, http.MethodPost, "/v1/chats?agent_key="+url.QueryEscape(tmateKey), nil, &t)
	return t, err
}

// Error is a refusal of the server.
type Error struct {
	Status int
	Msg    string
}

// Error returns the server's own words.
func (e *Error) Error() string { return e.Msg }

// do performs a request; in and out may be nil.
func (c *Client) do(ctx context.Context, method, path string, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("encode request: %w", err)
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.url+path, body)
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	if res.StatusCode >= http.StatusBadRequest {
		return refusal(res.StatusCode, raw)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	return nil
}

// refusal reads the error shapes of both contracts.
func refusal(status int, raw []byte) error {
	var body struct {
		Detail json.RawMessage `json:"detail"`
		Msg    string          `json:"msg"`
	}
	_ = json.Unmarshal(raw, &body) // whatever does not fit leaves the status text
	text := body.Msg
	if text == "" && json.Unmarshal(body.Detail, &text) != nil {
		text = http.StatusText(status)
	}
	return &Error{Status: status, Msg: text}
}

// Socket is an open connection for events. It reads all the time, so that the
// server's pings are answered while nobody speaks.
type Socket struct {
	conn     *websocket.Conn
	frames   chan Frame
	listener atomic.Pointer[chan struct{}] // of the Say that takes the frames; closed when it stops
	closed   chan struct{}                 // Close was called
	ended    chan struct{}                 // nothing more is read
	err      error                         // why; set before ended is closed
}

// Dial opens the socket and streams a thread.
func (c *Client) Dial(ctx context.Context, threadID string) (*Socket, error) {
	address := "ws" + strings.TrimPrefix(c.url, "http") + "/v1/ws/" + c.userID
	conn, res, err := websocket.DefaultDialer.DialContext(ctx, address, http.Header{"Authorization": {"Bearer " + c.token}})
	if res != nil && res.Body != nil {
		_ = res.Body.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("open socket: %w", err)
	}
	conn.SetReadLimit(maxAnswer)
	s := &Socket{conn: conn, frames: make(chan Frame), closed: make(chan struct{}), ended: make(chan struct{})}
	go s.read()
	return s, s.write(map[string]any{"type": "subscribe", "thread_id": threadID, "stream": true})
}

// read hands frames over until the connection ends. While nobody listens they
// are dropped: they are of no turn of this client.
func (s *Socket) read() {
	defer close(s.ended)
	for {
		var f Frame
		if s.err = s.conn.ReadJSON(&f); s.err != nil {
			return
		}
		stopped := s.listener.Load()
		if stopped == nil {
			continue
		}
		select {
		case s.frames <- f:
		case <-*stopped:
		case <-s.closed:
			return
		}
	}
}

// Close ends the connection. It is called once.
func (s *Socket) Close() error {
	close(s.closed)
	return s.conn.Close()
}

func (s *Socket) write(frame map[string]any) error {
	if err := s.conn.WriteJSON(frame); err != nil {
		return fmt.Errorf("write to socket: %w", err)
	}
	return nil
}

// Frame is what the conversation needs of a server's frame.
type Frame struct {
	Type     string          `json:"type"`
	ThreadID string          `json:"thread_id"`
	Status   string          `json:"status"`
	Agent    string          `json:"agent"`
	JobID    string          `json:"job_id"`
	Text     string          `json:"text"`
	Note     string          `json:"status_message"`
	Message  json.RawMessage `json:"message"`
	Reason   string          `json:"error"`
}

// Message is a stored message of a new_message frame.
type Message struct {
	Role    string         `json:"role"`
	Content string         `json:"content"`
	Author  string         `json:"author"`
	Payload map[string]any `json:"payload"`
}

// Listener is told what happens while a tmate answers.
type Listener struct {
	Typing func(note string)  // it works; note says what it does, when it says so
	Text   func(piece string) // a piece of the reply
	Again  func()             // the pieces so far are void: another attempt begins
	Reply  func(m Message)    // the stored outcome: a reply or why there is none
}

// Say sends a message and listens until the turn is over. The turn is over once
// every job that was announced has ended: the one that answers this message is
// announced before message_sent.
func (s *Socket) Say(ctx context.Context, threadID, text string, l Listener) error {
	stopped := make(chan struct{})
	s.listener.Store(&stopped)
	defer func() {
		s.listener.Store(nil)
		close(stopped)
	}()
	if err := s.write(map[string]any{"type": "send_message", "thread_id": threadID, "content": text}); err != nil {
		return err
	}
	sent, working := false, map[string]bool{}
	for !sent || len(working) > 0 {
		var f Frame
		select {
		case f = <-s.frames:
		case <-s.ended:
			return fmt.Errorf("read from socket: %w", s.err)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		switch {
		case f.Type == "error":
			return errors.New(cmp.Or(f.Reason, "the server refused the message"))
		case f.ThreadID != threadID:
		case f.Type == "message_sent":
			sent = true
		case f.Type == "chat_status" && f.Status == "agent_typing":
			working[f.JobID] = true
			l.Typing(f.Note)
		case f.Type == "chat_status" && f.Status == "agent_processing_completed":
			delete(working, f.JobID)
		default:
			l.hear(f)
		}
	}
	return nil
}

// hear tells the listener about a piece of a reply.
func (l Listener) hear(f Frame) {
	switch f.Type {
	case "message_delta":
		l.Text(f.Text)
	case "message_reset":
		l.Again()
	case "new_message":
		var m Message
		if json.Unmarshal(f.Message, &m) == nil && m.Role != "user" {
			l.Reply(m)
		}
	}
}
