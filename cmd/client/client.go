// Package client talks to a server the way any client does: with an access token
// it opens a thread, and listens on the socket while it sends. It knows nothing
// of the server's inside.
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
	"strconv"
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

// New returns a client of the server that acts as the user whose access token it
// is given.
func New(serverURL, userID, token string) *Client {
	return &Client{url: strings.TrimRight(serverURL, "/"), userID: userID, token: token}
}

// Logout ends the login.
func (c *Client) Logout(ctx context.Context) error {
	return c.do(ctx, http.MethodPost, "/auth/v1/logout?scope=local", nil, nil)
}

// Thread is what a client needs of a thread.
type Thread struct {
	ID       string    `json:"id"`
	Title    string    `json:"title"`
	Messages []Message `json:"messages"` // only of Read; oldest first
}

// TeamKey opens the Team Chat instead of a direct thread.
const TeamKey = "team"

// Open returns the direct thread with a tmate, or the Team Chat.
func (c *Client) Open(ctx context.Context, key string) (t Thread, err error) {
	if key == TeamKey {
		return c.Read(ctx, "team:all", 1)
	}
	err = c.do(ctx, http.MethodPost, "/v1/chats?agent_key="+url.QueryEscape(key), nil, &t)
	return t, err
}

// Read returns a thread with its newest messages.
func (c *Client) Read(ctx context.Context, id string, limit int) (t Thread, err error) {
	err = c.do(ctx, http.MethodGet, "/v1/chats/"+url.PathEscape(id)+"?limit="+strconv.Itoa(limit), nil, &t)
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

// ErrGone means that the server ended the connection.
var ErrGone = errors.New("the server has gone")

// Listener is told what happens while a tmate answers.
type Listener struct {
	Typing func(note string)  // it works; note says what it does, when it says so
	Text   func(piece string) // a piece of the reply
	Again  func()             // the pieces so far are void: another attempt begins
	Reply  func(m Message)    // the stored outcome: a reply or why there is none
	// Typed reads a line somebody types meanwhile, and returns what to send of
	// it; an error ends Say.
	Typed func(line string) (text string, err error)
}

// Say sends a message and listens until its turn is over, and those of the lines
// typed meanwhile; typed may be nil. A turn is over once every job that was
// announced has ended: the one that answers a message is announced before its
// message_sent.
func (s *Socket) Say(ctx context.Context, threadID, text string, typed <-chan string, l Listener) error {
	stopped := make(chan struct{})
	s.listener.Store(&stopped)
	defer func() {
		s.listener.Store(nil)
		close(stopped)
	}()
	turns := &turns{thread: threadID, working: map[string]bool{}}
	if err := turns.send(s, text); err != nil {
		return err
	}
	for turns.pending > 0 || len(turns.working) > 0 {
		select {
		case f := <-s.frames:
			if err := turns.hear(f, l); err != nil {
				return err
			}
		case line, ok := <-typed:
			if !ok {
				typed = nil
				continue
			}
			text, err := l.Typed(line)
			if err == nil && text != "" {
				err = turns.send(s, text)
			}
			if err != nil {
				return err
			}
		case <-s.ended:
			return fmt.Errorf("%w: %w", ErrGone, s.err)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// turns counts what one Say waits for.
type turns struct {
	thread  string
	pending int             // messages that were not acknowledged yet
	working map[string]bool // announced jobs
}

func (t *turns) send(s *Socket, text string) error {
	t.pending++
	return s.write(map[string]any{"type": "send_message", "thread_id": t.thread, "content": text})
}

func (t *turns) hear(f Frame, l Listener) error {
	switch {
	case f.Type == "error":
		return errors.New(cmp.Or(f.Reason, "the server refused the message"))
	case f.ThreadID != t.thread:
	case f.Type == "message_sent":
		t.pending--
	case f.Type == "chat_status" && (f.Status == "agent_typing" || f.Status == "agent_routing"):
		t.working[f.JobID] = true
		l.Typing(f.Note)
	case f.Type == "chat_status" && f.Status == "agent_processing_completed":
		delete(t.working, f.JobID)
	default:
		l.hear(f)
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
