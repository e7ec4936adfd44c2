package v1

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"unicode/utf8"

	"github.com/tmates/tmates/server/hub"
	"github.com/tmates/tmates/server/team"
	"github.com/tmates/tmates/store/tmates"
)

// conversation is what sockets need from the use-cases.
type conversation interface {
	ResolveThread(ctx context.Context, userID, ref string) (tmates.Thread, error)
	Say(ctx context.Context, userID, ref string, w team.Words) (tmates.Message, error)
	Missed(ctx context.Context, userID, threadID string, after int64, limit int) (team.Missed, error)
	Running(userID, threadID string, show func([]tmates.Event))
}

// Bounds of what a frame may hold.
const (
	maxMissed = 500  // messages sent to a client that resumes
	maxEcho   = 1024 // bytes of JSON that are sent back as they came
)

// openSocket serves the WebSocket routes. The gate has checked the token.
func openSocket(o Options) func(call) error {
	// One function for all sockets, so that an idle one holds nothing of its own.
	hear := func(ctx context.Context, s *hub.Socket, data []byte) {
		talk{use: o.Team, user: s.UserID(), log: cmp.Or(o.Log, slog.New(slog.DiscardHandler))}.hear(ctx, s, data)
	}
	return func(c call) error {
		return o.Hub.Serve(c.Response(), c.Request(), c.user, c.session, c.again, hear)
	}
}

// talk answers one frame of a socket.
type talk struct {
	use  conversation
	user string
	log  *slog.Logger
}

// request is a frame of a client. Fields of another kind than they should be
// are as if they were absent, as upstream.
type request struct {
	kind        string
	threadID    any    // as it was sent; nil when absent
	ref         string // threadID when it is a text
	content     string
	attachments []tmates.Attachment
	sessionID   string
	clientID    any   // text or number; nil when absent
	after       int64 // -1 when absent
	stream      bool
}

// errFrame is what a frame answers that holds something out of bounds.
type errFrame string

func (e errFrame) Error() string { return string(e) }

// decodeFrame reads a frame. What is no JSON object is an error that the client
// is told, and the socket goes on (Q-R4).
func decodeFrame(data []byte) (r request, err error) {
	v, err := parse(data)
	if err != nil {
		return r, errFrame("A frame must be a JSON object")
	}
	in, ok := v.(map[string]any)
	if !ok {
		return r, errFrame("A frame must be a JSON object")
	}
	r = request{kind: textAt(in, "type"), threadID: in["thread_id"], ref: textAt(in, "thread_id"), after: -1}
	if !echoes(r.threadID) {
		return r, errFrame("thread_id is too long")
	}
	switch id := in["client_id"].(type) {
	case string, json.Number:
		if !echoes(id) {
			return r, errFrame("client_id is too long")
		}
		r.clientID = id
	}
	r.stream = in["stream"] == true
	if n, ok := in["after"].(json.Number); ok {
		if r.after, err = n.Int64(); err != nil || r.after < 0 {
			return r, errFrame("after must be a whole number, 0 or more")
		}
	} else if in["after"] != nil {
		return r, errFrame("after must be a whole number, 0 or more")
	}
	r.content = textAt(in, "content")
	r.sessionID = strings.TrimSpace(textAt(in, "session_id"))
	list, _ := in["attachments"].([]any)
	for _, item := range list {
		entry, _ := item.(map[string]any)
		if a, ok := tmates.NormalizeAttachment(entry); ok && len(r.attachments) < tmates.MaxAttachments {
			r.attachments = append(r.attachments, a)
		}
	}
	return r, nil
}

// echoes reports whether a value is short enough to be sent back.
func echoes(v any) bool {
	data, err := encode(v)
	return err == nil && len(data) <= maxEcho
}

// hear answers one frame.
func (t talk) hear(ctx context.Context, s *hub.Socket, data []byte) {
	r, err := decodeFrame(data)
	if err != nil {
		s.Send(frame(errorFrame{Type: "error", Message: err.Error()}))
		return
	}
	switch r.kind {
	case "ping":
		s.Send(frame(pongFrame{"pong"}))
	case "subscribe":
		t.subscribe(ctx, s, r)
	case "send_message":
		s.Send(frame(t.send(ctx, r)))
	}
}

// send keeps a message and returns the frame that says so.
func (t talk) send(ctx context.Context, r request) any {
	if r.ref == "" || r.content == "" && len(r.attachments) == 0 {
		return errorFrame{Type: "error", Message: "Missing thread_id or content", ClientID: r.clientID}
	}
	m, err := t.say(ctx, r)
	if err != nil {
		return errorFrame{Type: "error", Message: "Failed to send message", Error: t.reason(err), ClientID: r.clientID}
	}
	sent := sentFrame{Type: "message_sent", ThreadID: r.ref, MessageID: m.ID, ClientID: r.clientID}
	if m.ThreadID != r.ref {
		sent.Resolved = m.ThreadID
	}
	return sent
}

func (t talk) say(ctx context.Context, r request) (m tmates.Message, err error) {
	if utf8.RuneCountInString(r.content) > team.MaxMessage {
		return m, tmates.E(tmates.Invalid, "message_too_long", nil, "The message has more than %d characters", team.MaxMessage)
	}
	if utf8.RuneCountInString(r.sessionID) > team.MaxSession {
		return m, tmates.E(tmates.Invalid, "session_id_too_long", nil, "session_id has more than %d characters", team.MaxSession)
	}
	return t.use.Say(ctx, t.user, r.ref, team.Words{
		Text: r.content, Attachments: r.attachments, SessionID: r.sessionID, ClientID: clientName(r.clientID),
	})
}

// clientName is the name under which a message is kept. A number is only sent
// back: clients that count their messages begin anew with each connection. So is
// what is too long.
func clientName(v any) string {
	name, _ := v.(string)
	if utf8.RuneCountInString(name) > team.MaxClient {
		return ""
	}
	return name
}

// reason is what the client is told of a failure. What is nobody's business but
// the operator's goes to the log.
func (t talk) reason(err error) string {
	if e, ok := errors.AsType[*tmates.Error](err); ok && e.Kind != tmates.Internal {
		return e.Msg
	}
	if !errors.Is(err, context.Canceled) {
		t.log.Error("socket frame failed", "user", t.user, "err", err)
	}
	return "Internal Server Error"
}

// subscribe answers a subscription. Plain ones are only acknowledged, as
// upstream: every event goes to every socket of the user anyway. With after the
// missed messages follow, with stream the text of running work does.
func (t talk) subscribe(ctx context.Context, s *hub.Socket, r request) {
	if r.after < 0 && !r.stream {
		s.Send(frame(subscribedFrame{"subscribed", r.threadID}))
		return
	}
	thread, err := t.use.ResolveThread(ctx, t.user, r.ref)
	if err == nil {
		err = t.resume(ctx, s, thread.ID, r)
	}
	if err != nil {
		s.Send(frame(errorFrame{Type: "error", Message: "Failed to subscribe", Error: t.reason(err)}))
		return
	}
	t.use.Running(t.user, thread.ID, func(evs []tmates.Event) {
		if r.stream {
			s.Stream(thread.ID)
		}
		for _, ev := range evs {
			if r.stream || ev.Type == tmates.EventStatus {
				s.Send(Encode(ev))
			}
		}
	})
}

// resume says how far the thread is, sends what the client missed when it asks,
// and then who is at work, joined to the live events without a gap.
func (t talk) resume(ctx context.Context, s *hub.Socket, threadID string, r request) error {
	return s.Replay(threadID, func() (frames [][]byte, upTo int64, err error) {
		missed, err := t.use.Missed(ctx, t.user, threadID, r.after, maxMissed)
		if err != nil {
			return nil, 0, err
		}
		frames = append(frames, frame(resumedFrame{"subscribed", r.ref, threadID, missed.Last}))
		if missed.More {
			frames = append(frames, frame(resyncFrame{"resync", r.ref}))
		}
		for _, m := range missed.Messages {
			frames = append(frames, Encode(tmates.Event{Type: tmates.EventMessage, ThreadID: threadID, Message: &m}))
		}
		for _, ev := range missed.Working {
			frames = append(frames, Encode(ev))
		}
		if r.after < 0 {
			return frames, 0, nil // nothing was replayed, so every live message is news
		}
		return frames, missed.Last, nil
	})
}
