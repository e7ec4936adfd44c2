package v1

import (
	"context"
	"net/http"
	"strings"

	"github.com/tmates/tmates/server/team"
	"github.com/tmates/tmates/store/tmates"
)

// speech is what sending needs from the use-cases.
type speech interface {
	Say(ctx context.Context, userID, ref string, w team.Words) (tmates.Message, error)
}

// messageBody is a message in a REST answer. Seq is an addition, sockets resume
// from it, and so is ClientID, which is only there when it was given.
type messageBody struct {
	ID          string           `json:"id"`
	Role        string           `json:"role"`
	Content     string           `json:"content"`
	Author      *string          `json:"author"`
	CreatedAt   *string          `json:"created_at"`
	Payload     map[string]any   `json:"payload"`
	Attachments []attachmentBody `json:"attachments"`
	SessionID   *string          `json:"session_id"` // hyphenated; the payload's is hex
	Seq         int64            `json:"seq"`
	ClientID    string           `json:"client_id,omitempty"`
}

// attachmentBody has all keys, null when unknown; the sparse form is what the
// payload and frames carry.
type attachmentBody struct {
	URI          string   `json:"uri"`
	Type         *string  `json:"type"`
	Name         *string  `json:"name"`
	RelativePath *string  `json:"relative_path"`
	DownloadURL  *string  `json:"download_url"`
	SizeBytes    *int64   `json:"size_bytes"`
	Width        *int64   `json:"width"`
	Height       *int64   `json:"height"`
	Duration     *float64 `json:"duration"`
}

func messageOf(m tmates.Message) messageBody {
	b := messageBody{
		ID: m.ID, Role: m.Role, Content: m.Content, Author: orNull(m.Author), CreatedAt: timeOrNull(m.CreatedAt),
		Payload: orEmpty(m.Payload), Attachments: []attachmentBody{}, SessionID: orNull(m.SessionID), Seq: m.Seq, ClientID: m.ClientID,
	}
	for _, a := range tmates.AttachmentsOf(m.Payload) {
		b.Attachments = append(b.Attachments, attachmentBody{
			URI: a.URI, Type: orNull(a.Type), Name: orNull(a.Name), RelativePath: orNull(a.RelativePath), DownloadURL: orNull(a.DownloadURL),
			SizeBytes: a.SizeBytes, Width: a.Width, Height: a.Height, Duration: a.Duration,
		})
	}
	return b
}

// sendMessage serves POST /chats/:thread_id/messages. It answers with the
// stored message; what tmates say comes later.
func sendMessage(use speech) func(call) error {
	return func(c call) error {
		ref, err := pathValue(c, "thread_id")
		if err != nil {
			return err
		}
		words, err := decodeMessage(c.body)
		if err != nil {
			return err
		}
		m, err := use.Say(c.ctx(), c.user, ref, words)
		if err != nil {
			return err
		}
		status := http.StatusCreated
		if m.Repeated {
			status = http.StatusOK
		}
		return writeJSON(c, status, messageOf(m))
	}
}

// decodeMessage validates what a client says.
func decodeMessage(b body) (w team.Words, err error) {
	var k checker
	if f, ok := k.object(b); ok {
		w = f.message()
	}
	return w, k.err()
}

// message reads what is said. Text may be empty or blank only when something is
// attached (Q-C11); the payload of the request is checked and dropped, as
// upstream does (Q-C12).
func (f fields) message() (w team.Words) {
	w.Text = f.required("content", 0, team.MaxMessage)
	f.object("payload")
	attachments := f.list("attachments", tmates.MaxAttachments)
	if text, sent := f.in["content"].(string); sent && len(attachments) == 0 && strings.TrimSpace(text) == "" {
		f.k.add(f.at("content"), "string_too_short", "String should have at least 1 character", text, map[string]any{"min_length": 1})
	}
	for i, v := range attachments {
		if a, ok := decodeAttachment(f.k, join(f.at("attachments"), i), v); ok {
			w.Attachments = append(w.Attachments, a)
		}
	}
	w.SessionID = f.text("session_id", team.MaxSession)
	if f.sent("client_id") {
		w.ClientID = f.required("client_id", 1, team.MaxClient)
	}
	return w
}

func decodeAttachment(k *checker, loc []any, v any) (a tmates.Attachment, ok bool) {
	f, ok := k.fields(loc, v)
	if !ok {
		return a, false
	}
	before := len(k.faults)
	f.required("uri", 1, tmates.MaxAttachmentText)
	for _, name := range []string{"type", "name", "relative_path", "download_url"} {
		f.text(name, tmates.MaxAttachmentText)
	}
	for _, name := range []string{"size_bytes", "width", "height"} {
		f.whole(name)
	}
	f.number("duration")
	if len(k.faults) > before {
		return a, false
	}
	if a, ok = tmates.NormalizeAttachment(f.in); !ok {
		k.value(loc, v, "this attachment cannot be kept")
	}
	return a, ok
}
