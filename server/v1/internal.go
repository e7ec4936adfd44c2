package v1

import (
	"context"
	"crypto/subtle"
	"net/http"
	"net/netip"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/tmates/tmates/server/team"
	"github.com/tmates/tmates/store/tmates"
)

// Internal says who may use the routes for workers outside the process.
type Internal struct {
	Secret string         // what the caller shows as a bearer token; empty: the routes are off
	Peers  []netip.Prefix // from where
}

func (i Internal) on() bool { return i.Secret != "" }

// check answers a wrong secret and a wrong place alike.
func (i Internal) check(c echo.Context) error {
	token, err := bearer(c.Request())
	if err != nil {
		return err
	}
	addr, err := netip.ParseAddr(c.RealIP())
	here := err == nil && slices.ContainsFunc(i.Peers, func(p netip.Prefix) bool { return p.Contains(addr.Unmap()) })
	if subtle.ConstantTimeCompare([]byte(token), []byte(i.Secret)) != 1 || !here {
		return errBadToken
	}
	return nil
}

// outsideWork is what the internal routes need from the use-cases.
type outsideWork interface {
	ReadThread(ctx context.Context, userID, ref string, before int64, limit int) (tmates.Thread, []tmates.Message, error)
	Deliver(ctx context.Context, userID string, d team.Delivery) (tmates.Message, error)
	Relay(ctx context.Context, userID, ref string, st tmates.Status) error
}

// Bounds of what a worker sends.
const (
	maxKey        = 64       // code points of a tmate's key
	maxID         = 128      // of any id
	maxExtra      = 16 << 10 // bytes of JSON that a status may add to a frame
	maxTranscript = 2000     // messages
)

// agentResult serves POST /internal/agent-result: a tmate's reply.
func agentResult(use outsideWork) func(call) error {
	type answer struct {
		Status    string `json:"status"`
		MessageID string `json:"message_id"`
		JobID     string `json:"job_id"`
	}
	return func(c call) error {
		user, d, err := decodeResult(c.body)
		if err != nil {
			return err
		}
		m, err := use.Deliver(c.ctx(), user, d)
		if err != nil {
			return err
		}
		return writeJSON(c, http.StatusOK, answer{"success", m.ID, d.JobID})
	}
}

func decodeResult(b body) (user string, d team.Delivery, err error) {
	var k checker
	f, ok := k.object(b)
	if !ok {
		return "", d, k.err()
	}
	d = team.Delivery{JobID: f.required("job_id", 0, maxID), TmateKey: f.required("agent_key", 1, maxKey)}
	user = f.required("user_id", 1, maxID)
	d.Text = f.required("result_data", 0, 0)
	task := f.text("task_type", maxID)
	meta := fields{&k, f.at("metadata"), f.object("metadata")}
	d.ThreadID, d.SessionID = meta.text("thread_id", maxID), meta.text("session_id", team.MaxSession)
	d.Parameters = meta.in["parameters_text"]
	if next, ok := meta.in["next_status"].(map[string]any); ok {
		n := fields{&k, meta.at("next_status"), next}
		if status := n.text("status", maxID); status != "" {
			d.Next = &tmates.Status{Status: status, Extra: n.extra("data")}
		}
	}
	if done := f.truth("intermediate"); done != nil {
		d.Intermediate = *done
	}
	if f.sent("attachments") {
		for _, v := range f.list("attachments", tmates.MaxAttachments) { // a bad one is left out
			entry, _ := v.(map[string]any)
			if a, ok := tmates.NormalizeAttachment(entry); ok {
				d.Attachments = append(d.Attachments, a)
			}
		}
	}
	switch {
	case len(k.faults) > 0:
		return "", d, k.err()
	case task != "" && task != "chat":
		return "", d, tmates.E(tmates.Invalid, "task_type_unknown", nil, "Only results with the task_type 'chat' are accepted")
	case d.ThreadID == "":
		return "", d, tmates.E(tmates.Invalid, "thread_id_required", nil, "metadata.thread_id is required")
	}
	return user, d, nil
}

// extra returns an optional object that is sent on in a frame.
func (f fields) extra(name string) map[string]any {
	object := f.object(name)
	if data, err := encode(object); err != nil || len(data) > maxExtra {
		f.k.value(f.at(name), nil, "this is more than a frame may hold")
		return nil
	}
	return object
}

// chatStatus serves POST /internal/chat-status: what a tmate is doing.
func chatStatus(use outsideWork) func(call) error {
	return func(c call) error {
		var k checker
		f, ok := k.object(c.body)
		if !ok {
			return k.err()
		}
		st := tmates.Status{
			JobID: f.text("job_id", maxID), TmateKey: f.required("agent_key", 1, maxKey), Status: tmates.StatusTyping,
			Stage: f.text("stage", maxID), Text: f.text("status_message", team.MaxSession*8), Progress: f.number("progress"), Extra: f.extra("extra"),
		}
		user, ref := f.required("user_id", 1, maxID), f.required("thread_id", 1, maxID)
		if status := f.text("status", maxID); status != "" {
			st.Status = status
		}
		if err := k.err(); err != nil {
			return err
		}
		if err := use.Relay(c.ctx(), user, ref, st); err != nil {
			return err
		}
		return writeJSON(c, http.StatusAccepted, map[string]string{"status": "accepted"})
	}
}

// chatHistory serves POST /internal/chat-history: the newest messages of a
// thread, oldest first. A limit out of bounds is brought within.
func chatHistory(use outsideWork) func(call) error {
	type entry struct {
		ID          string           `json:"id"`
		Role        string           `json:"role"`
		Author      *string          `json:"author"`
		Content     string           `json:"content"`
		CreatedAt   string           `json:"created_at"`
		Attachments []map[string]any `json:"attachments"`
	}
	type answer struct {
		ThreadID string  `json:"thread_id"`
		Messages []entry `json:"messages"`
	}
	return func(c call) error {
		var k checker
		f, ok := k.object(c.body)
		if !ok {
			return k.err()
		}
		f.text("job_id", maxID)
		f.required("agent_key", 1, maxKey)
		user, ref, limit := f.required("user_id", 1, maxID), f.required("thread_id", 1, maxID), int64(10)
		if n := f.whole("limit"); n != nil {
			limit = min(max(*n, 1), maxTranscript)
		}
		if err := k.err(); err != nil {
			return err
		}
		th, messages, err := use.ReadThread(c.ctx(), user, ref, 0, int(limit))
		if err != nil {
			return err
		}
		out := answer{th.ID, []entry{}}
		for _, m := range messages {
			out.Messages = append(out.Messages, entry{m.ID, m.Role, orNull(m.Author), m.Content, tmates.OffsetTime(m.CreatedAt), sparse(m.Payload)})
		}
		return writeJSON(c, http.StatusOK, out)
	}
}
