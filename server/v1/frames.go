package v1

import (
	"encoding/json"
	"path"

	"github.com/tmates/tmates/store/tmates"
)

// Frames the server sends. Times in frames end in +00:00, attachments are in
// their sparse form.

type messageFrame struct {
	Type     string       `json:"type"`
	ThreadID string       `json:"thread_id"`
	Message  frameMessage `json:"message"`
}

// frameMessage is a message in a frame. Its payload is always there (Q-R6);
// session_id, seq and client_id are additions.
type frameMessage struct {
	ID          string           `json:"id"`
	Role        string           `json:"role"`
	Content     string           `json:"content"`
	Author      *string          `json:"author"`
	CreatedAt   string           `json:"created_at"`
	Attachments []map[string]any `json:"attachments"`
	Payload     map[string]any   `json:"payload"`
	SessionID   *string          `json:"session_id"`
	Seq         int64            `json:"seq"`
	ClientID    string           `json:"client_id,omitempty"`
}

// statusFrame is a chat_status. Agent and job_id stand on every status that
// belongs to one job (Q-R8).
type statusFrame struct {
	Type          string   `json:"type"`
	ThreadID      string   `json:"thread_id"`
	Status        string   `json:"status"`
	Agent         string   `json:"agent,omitempty"`
	JobID         string   `json:"job_id,omitempty"`
	Stage         string   `json:"stage,omitempty"`
	StatusMessage string   `json:"status_message,omitempty"`
	Progress      *float64 `json:"progress,omitempty"`
	Attempt       int      `json:"attempt,omitempty"`
	Error         string   `json:"error,omitempty"`
}

// deltaFrame is a piece of a reply. Offset counts code points.
type deltaFrame struct {
	Type     string `json:"type"`
	ThreadID string `json:"thread_id"`
	JobID    string `json:"job_id"`
	Agent    string `json:"agent"`
	Offset   int    `json:"offset"`
	Text     string `json:"text"`
}

// resetFrame announces that the reply begins anew.
type resetFrame struct {
	Type     string `json:"type"`
	ThreadID string `json:"thread_id"`
	JobID    string `json:"job_id"`
	Agent    string `json:"agent"`
}

// readFrame says how far a thread was read.
type readFrame struct {
	Type        string `json:"type"`
	ThreadID    string `json:"thread_id"`
	LastReadSeq int64  `json:"last_read_seq"`
	UnreadCount int    `json:"unread_count"`
}

type postFrame struct {
	Type string    `json:"type"`
	Post framePost `json:"post"`
}

// postGoneFrame says that a post was deleted.
type postGoneFrame struct {
	Type string `json:"type"`
	ID   string `json:"id"`
	Slug string `json:"slug"`
}

type framePost struct {
	ID             string           `json:"id"`
	Slug           string           `json:"slug"`
	Title          string           `json:"title"`
	Excerpt        string           `json:"excerpt"`
	ContentMD      string           `json:"content_md"`
	AuthorAgentKey *string          `json:"author_agent_key"`
	CoverURL       *string          `json:"cover_url"`
	Priority       string           `json:"priority"`
	Attachments    []map[string]any `json:"attachments"`
	Sources        []map[string]any `json:"sources"`
	CreatedAt      string           `json:"created_at"`
	UpdatedAt      string           `json:"updated_at"`
	OrganisationID string           `json:"organization_id"`
	UserID         string           `json:"user_id"`
}

type fileFrame struct {
	Type string    `json:"type"`
	File frameFile `json:"file"`
}

// frameFile is a file as the answer to an upload shows it, too.
type frameFile struct {
	FileName     string `json:"file_name"`
	RelativePath string `json:"relative_path"`
	DownloadURL  string `json:"download_url"`
	MimeType     string `json:"mime_type"`
	Size         int64  `json:"size"`
}

// Encode returns the frame of an event, or nil for one that is not sent. It is
// the hub's encoder.
func Encode(ev tmates.Event) []byte {
	var v any
	switch {
	case ev.Type == tmates.EventMessage && ev.Message != nil:
		v = messageFrame{string(ev.Type), ev.ThreadID, frameMessageOf(*ev.Message)}
	case ev.Type == tmates.EventStatus && ev.Status != nil:
		s := ev.Status
		v = statusFrame{
			string(ev.Type), ev.ThreadID, s.Status, s.TmateKey, s.JobID, s.Stage, s.Text, s.Progress, s.Attempt, s.Error,
		}
		if len(s.Extra) > 0 {
			return mergedFrame(v, s.Extra)
		}
	case ev.Type == tmates.EventDelta && ev.Delta != nil:
		d := ev.Delta
		v = deltaFrame{string(ev.Type), ev.ThreadID, d.JobID, d.TmateKey, d.Offset, d.Text}
	case ev.Type == tmates.EventReset && ev.Delta != nil:
		v = resetFrame{string(ev.Type), ev.ThreadID, ev.Delta.JobID, ev.Delta.TmateKey}
	case ev.Type == tmates.EventRead && ev.Thread != nil:
		v = readFrame{string(ev.Type), ev.ThreadID, ev.Thread.ReadSeq, ev.Thread.Unread}
	case ev.Type == tmates.EventPost && ev.Post != nil:
		v = postFrame{string(ev.Type), framePostOf(*ev.Post)}
	case ev.Type == tmates.EventPostGone && ev.Post != nil:
		v = postGoneFrame{string(ev.Type), ev.Post.ID, ev.Post.Slug}
	case ev.Type == tmates.EventFile && ev.File != nil:
		v = fileFrame{string(ev.Type), frameFileOf(*ev.File)}
	default:
		return nil
	}
	return frame(v)
}

func frameMessageOf(m tmates.Message) frameMessage {
	return frameMessage{
		ID: m.ID, Role: m.Role, Content: m.Content, Author: orNull(m.Author), CreatedAt: tmates.OffsetTime(m.CreatedAt),
		Attachments: sparse(m.Payload), Payload: orEmpty(m.Payload), SessionID: orNull(m.SessionID), Seq: m.Seq, ClientID: m.ClientID,
	}
}

func sparse(payload map[string]any) []map[string]any {
	out := []map[string]any{}
	for _, a := range tmates.AttachmentsOf(payload) {
		out = append(out, a.Sparse())
	}
	return out
}

func framePostOf(p tmates.Post) framePost {
	return framePost{
		ID: p.ID, Slug: p.Slug, Title: p.Title, Excerpt: p.Excerpt, ContentMD: p.Content, AuthorAgentKey: orNull(p.TmateKey),
		CoverURL: orNull(p.CoverURL), Priority: tmates.Priority(p.Priority),
		Attachments: tmates.NormalizeLinks(p.Attachments), Sources: tmates.NormalizeLinks(p.Sources),
		CreatedAt: tmates.OffsetTime(p.CreatedAt), UpdatedAt: tmates.OffsetTime(p.UpdatedAt),
		OrganisationID: p.OrganisationID, UserID: p.UserID,
	}
}

func frameFileOf(f tmates.File) frameFile {
	return frameFile{
		FileName: path.Base(f.Path), RelativePath: f.Path, DownloadURL: tmates.DownloadURL(f.Path), MimeType: f.MediaType, Size: f.Size,
	}
}

// Frames that answer a frame of the client.

type pongFrame struct {
	Type string `json:"type"`
}

type subscribedFrame struct {
	Type     string `json:"type"`
	ThreadID any    `json:"thread_id"` // as it was sent
}

// resumedFrame is subscribed for a client that asked for more than upstream
// offers. ResolvedThreadID is what an alias stands for: the thread_id of the
// frames to come.
type resumedFrame struct {
	Type             string `json:"type"`
	ThreadID         string `json:"thread_id"`
	ResolvedThreadID string `json:"resolved_thread_id"`
	LastSeq          int64  `json:"last_seq"`
}

// resyncFrame says that too much was missed: read the thread over HTTP.
type resyncFrame struct {
	Type     string `json:"type"`
	ThreadID string `json:"thread_id"`
}

type sentFrame struct {
	Type      string `json:"type"`
	ThreadID  string `json:"thread_id"`                    // as it was sent
	Resolved  string `json:"resolved_thread_id,omitempty"` // what an alias stands for
	MessageID string `json:"message_id"`
	ClientID  any    `json:"client_id,omitempty"` // the client's own name of the message
}

type errorFrame struct {
	Type     string `json:"type"`
	Message  string `json:"message"`
	Error    string `json:"error,omitempty"`
	ClientID any    `json:"client_id,omitempty"`
}

// mergedFrame encodes a frame with further keys at its top level. They may say
// anything but what kind of frame it is and which thread it is about.
func mergedFrame(v any, extra map[string]any) []byte {
	merged := map[string]any{}
	if err := json.Unmarshal(frame(v), &merged); err != nil {
		return nil
	}
	for key, value := range extra {
		if key != "type" && key != "thread_id" {
			merged[key] = value
		}
	}
	return frame(merged)
}

// frame encodes a frame. What is in one was read from JSON or from the store,
// so that it always can be; nil would not be sent.
func frame(v any) []byte {
	data, err := encode(v)
	if err != nil {
		return nil
	}
	return data
}
