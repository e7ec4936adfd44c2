package v1

import (
	"context"
	"net/http"
	"strings"

	"github.com/tmates/tmates/server/team"
	"github.com/tmates/tmates/store/tmates"
)

// notebook is what these routes need from the use-cases. All of them are
// additions of this edition.
type notebook interface {
	Memories(ctx context.Context, userID, tmateKey string, q team.MemoryQuery) ([]tmates.Memory, error)
	ChangeMemory(ctx context.Context, userID, id, content string) (tmates.Memory, error)
	DeleteMemory(ctx context.Context, userID, id string) error
	DeleteMemories(ctx context.Context, userID, tmateKey string) error
}

const (
	maxMemories = 100 // on one page
	maxQuery    = 200 // code points
)

type memoryBody struct {
	ID        string  `json:"id"`
	AgentKey  string  `json:"agent_key"`
	Content   string  `json:"content"`
	ThreadID  string  `json:"thread_id"`
	SessionID string  `json:"session_id"`
	MessageID *string `json:"message_id"` // it was told in
	Seq       int64   `json:"seq"`
	CreatedAt *string `json:"created_at"`
}

func memoryOf(m tmates.Memory) memoryBody {
	return memoryBody{m.ID, m.TmateKey, m.Content, m.ThreadID, m.SessionID, orNull(m.SourceID), m.Seq, timeOrNull(m.CreatedAt)}
}

// listMemories serves GET /agents/:agent_key/memories, newest first.
func listMemories(use notebook) func(call) error {
	type answer struct {
		Memories []memoryBody `json:"memories"`
		Next     *int64       `json:"next_before"` // for the next page; null on the last one
	}
	return func(c call) error {
		key, err := pathValue(c, "agent_key")
		if err != nil {
			return err
		}
		q, err := memoryQuery(c)
		if err != nil {
			return err
		}
		asked := q.Limit
		q.Limit++ // one more tells that there are others
		all, err := use.Memories(c.ctx(), c.user, key, q)
		if err != nil {
			return err
		}
		out := answer{Memories: []memoryBody{}}
		for _, m := range all[:min(asked, len(all))] {
			out.Memories = append(out.Memories, memoryOf(m))
		}
		if len(all) > asked {
			out.Next = &all[asked-1].Seq
		}
		return writeJSON(c, http.StatusOK, out)
	}
}

func memoryQuery(c call) (q team.MemoryQuery, err error) {
	if q.Limit, err = queryLimit(c, maxMemories, 50); err != nil {
		return q, err
	}
	query := c.QueryParams()
	var k checker
	if query.Has("before") {
		q.Before = k.whole([]any{"query", "before"}, query.Get("before"), 1, 1<<62)
	}
	q.Thread, q.Words = query.Get("thread_id"), strings.TrimSpace(query.Get("q"))
	k.length([]any{"query", "q"}, q.Words, 0, maxQuery)
	return q, k.err()
}

// changeMemory serves PATCH /memories/:memory_id.
func changeMemory(use notebook) func(call) error {
	return func(c call) error {
		id, err := pathValue(c, "memory_id")
		if err != nil {
			return err
		}
		content, err := decodeMemory(c.body)
		if err != nil {
			return err
		}
		m, err := use.ChangeMemory(c.ctx(), c.user, id, content)
		if err != nil {
			return err
		}
		return writeJSON(c, http.StatusOK, memoryOf(m))
	}
}

func decodeMemory(b body) (string, error) {
	var k checker
	f, ok := k.object(b)
	if !ok {
		return "", k.err()
	}
	content := strings.TrimSpace(f.required("content", 1, tmates.MaxFact))
	if len(k.faults) == 0 && content == "" {
		k.value(f.at("content"), f.in["content"], "must not be blank")
	}
	return content, k.err()
}

// deleteMemory serves DELETE /memories/:memory_id.
func deleteMemory(use notebook) func(call) error {
	return forgetting(use, "memory_id", notebook.DeleteMemory)
}

// deleteMemories serves DELETE /agents/:agent_key/memories.
func deleteMemories(use notebook) func(call) error {
	return forgetting(use, "agent_key", notebook.DeleteMemories)
}

func forgetting(use notebook, param string, forget func(use notebook, ctx context.Context, userID, value string) error) func(call) error {
	return func(c call) error {
		value, err := pathValue(c, param)
		if err != nil {
			return err
		}
		if err := forget(use, c.ctx(), c.user, value); err != nil {
			return err
		}
		return c.NoContent(http.StatusNoContent)
	}
}
