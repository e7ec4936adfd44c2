package v1

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"github.com/tmates/tmates/server/team"
	"github.com/tmates/tmates/store/tmates"
)

// threads is what the list of chats needs from the use-cases.
type threads interface {
	Threads(ctx context.Context, userID string, limit int) ([]tmates.Thread, error)
	OpenThread(ctx context.Context, userID, nameOrKey string) (tmates.Thread, error)
	MarkRead(ctx context.Context, userID, ref string, seq int64) (tmates.Thread, error)
	DeleteThread(ctx context.Context, userID, ref string) error
	ClearThread(ctx context.Context, userID, ref string) error
	ResetSession(ctx context.Context, userID, ref string) (session string, m tmates.Message, err error)
}

// threadBody is a thread in a list.
type threadBody struct {
	ID                 string            `json:"id"`
	Title              string            `json:"title"`
	Kind               tmates.ThreadKind `json:"kind"`
	AgentKeys          []string          `json:"agent_keys"`
	LastMessagePreview *string           `json:"last_message_preview"`
	LastActivity       *string           `json:"last_activity"`
	UnreadCount        int               `json:"unread_count"`
	ActiveSessionID    *string           `json:"active_session_id"`
	LastReadSeq        int64             `json:"last_read_seq"` // an addition
}

func threadOf(t tmates.Thread) threadBody {
	keys := t.TmateKeys
	if keys == nil {
		keys = []string{}
	}
	return threadBody{
		ID: t.ID, Title: cmp.Or(t.Title, "Conversation"), Kind: t.Kind, AgentKeys: keys,
		LastMessagePreview: orNull(t.LastMessage), LastActivity: timeOrNull(t.LastActivity), ActiveSessionID: orNull(t.ActiveSessionID),
		UnreadCount: t.Unread, LastReadSeq: t.ReadSeq,
	}
}

// listChats serves GET /chats.
func listChats(use threads) func(call) error {
	return func(c call) error {
		limit, err := queryLimit(c, 100, 50)
		if err != nil {
			return err
		}
		all, err := use.Threads(c.ctx(), c.user, limit)
		if err != nil {
			return err
		}
		out := []threadBody{}
		for _, t := range all {
			out = append(out, threadOf(t))
		}
		return writeJSON(c, http.StatusOK, out)
	}
}

// openChat serves POST /chats: the direct thread with a tmate, made when it is
// missing. The key stands in the query, as upstream reads it, or in a JSON
// body; a body may also bring the first message, which is sent as by POST
// /chats/:thread_id/messages and answered with beside the thread (D-7).
func openChat(use threads, say speech) func(call) error {
	type answer struct {
		threadBody
		Message *messageBody `json:"message,omitempty"` // an addition
	}
	return func(c call) error {
		key, words, err := decodeOpening(c)
		if err != nil {
			return err
		}
		t, err := use.OpenThread(c.ctx(), c.user, key)
		if err != nil {
			return err
		}
		out := answer{threadBody: threadOf(t)}
		if words != nil {
			m, err := say.Say(c.ctx(), c.user, t.ID, *words)
			if err != nil {
				return err
			}
			if t, err = use.OpenThread(c.ctx(), c.user, key); err != nil {
				return err
			}
			sent := messageOf(m)
			out = answer{threadOf(t), &sent}
		}
		return writeJSON(c, http.StatusCreated, out)
	}
}

// decodeOpening reads who is wanted and what is said first; words is nil when
// nothing is. With the key in the query a body that is no JSON object does not
// matter: upstream reads none.
func decodeOpening(c call) (key string, words *team.Words, err error) {
	const name = "agent_key"
	values := c.QueryParams()[name]
	b, err := readBody(c.Context, maxBody)
	in, isObject := b.value.(map[string]any)
	if err != nil && (len(values) == 0 || errors.Is(err, errTooLarge)) {
		return "", nil, err
	}
	var k checker
	f := fields{&k, []any{"body"}, in}
	switch {
	case len(values) > 0:
		key = values[len(values)-1]
	case isObject && in[name] != nil:
		key = f.text(name, 0)
	default:
		k.missing([]any{"query", name}, nil)
	}
	if f.sent("content") || f.sent("attachments") {
		if in["content"] == nil {
			in["content"] = "" // may be left out beside attachments
		}
		words = new(f.message())
	}
	return key, words, k.err()
}

// getChat serves GET /chats/:thread_id: the newest messages, oldest first
// (Q-C1). Without a limit they are so many that the list keeps growing for
// clients that count it.
func getChat(h hold) func(call) error {
	type answer struct {
		threadBody
		Messages []messageBody `json:"messages"`
	}
	return func(c call) error {
		ref, err := pathValue(c, "thread_id")
		if err != nil {
			return err
		}
		limit, err := queryLimit(c, 500, team.MaxHistory)
		if err != nil {
			return err
		}
		t, messages, err := h.page(c, ref, limit)
		if err != nil {
			return err
		}
		out := answer{threadOf(t), []messageBody{}}
		for _, m := range messages {
			out.Messages = append(out.Messages, messageOf(m))
		}
		return writeJSON(c, http.StatusOK, out)
	}
}

// page reads older messages at once, and the newest as a poll.
func (h hold) page(c call, ref string, limit int) (tmates.Thread, []tmates.Message, error) {
	if values := c.QueryParams()["before"]; len(values) > 0 {
		var k checker
		before := k.whole([]any{"query", "before"}, values[len(values)-1], 1, 1<<62)
		if err := k.err(); err != nil {
			return tmates.Thread{}, nil, err
		}
		return h.use.ReadThread(c.ctx(), c.user, ref, before, limit)
	}
	return h.read(c.ctx(), c.user, ref, limit, c.stay.aside, c.again)
}

// readChat serves PUT /chats/:thread_id/read, an addition: how far the caller
// has read.
func readChat(use threads) func(call) error {
	type answer struct {
		ThreadID    string `json:"thread_id"`
		LastReadSeq int64  `json:"last_read_seq"`
		UnreadCount int    `json:"unread_count"`
	}
	return func(c call) error {
		ref, err := pathValue(c, "thread_id")
		if err != nil {
			return err
		}
		var k checker
		var seq int64
		if f, ok := k.object(c.body); ok {
			switch n := f.whole("seq"); {
			case n != nil && *n < 0:
				k.value(f.at("seq"), *n, "seq must not be negative")
			case n != nil:
				seq = *n
			case len(k.faults) == 0:
				k.missing(f.at("seq"), f.in)
			}
		}
		if err := k.err(); err != nil {
			return err
		}
		t, err := use.MarkRead(c.ctx(), c.user, ref, seq)
		if err != nil {
			return err
		}
		return writeJSON(c, http.StatusOK, answer{t.ID, t.ReadSeq, t.Unread})
	}
}

// deleteChat serves DELETE /chats/:thread_id.
func deleteChat(use threads) func(call) error { return emptying(use, threads.DeleteThread) }

// clearChat serves POST /chats/:thread_id/clear.
func clearChat(use threads) func(call) error { return emptying(use, threads.ClearThread) }

func emptying(use threads, do func(use threads, ctx context.Context, userID, ref string) error) func(call) error {
	return func(c call) error {
		ref, err := pathValue(c, "thread_id")
		if err != nil {
			return err
		}
		if err := do(use, c.ctx(), c.user, ref); err != nil {
			return err
		}
		return c.NoContent(http.StatusNoContent)
	}
}

// resetSession serves POST /chats/:thread_id/session/reset. The id in the
// answer is 32 hex digits, that of the message is hyphenated.
func resetSession(use threads) func(call) error {
	type answer struct {
		SessionID string      `json:"session_id"`
		Message   messageBody `json:"message"`
	}
	return func(c call) error {
		ref, err := pathValue(c, "thread_id")
		if err != nil {
			return err
		}
		session, m, err := use.ResetSession(c.ctx(), c.user, ref)
		if err != nil {
			return err
		}
		return writeJSON(c, http.StatusCreated, answer{session, messageOf(m)})
	}
}
