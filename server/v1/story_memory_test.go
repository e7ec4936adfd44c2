package v1_test

import (
	"net/http"
	"testing"
)

// memories tells what a tmate remembers.
func (s *story) memories(t *testing.T) {
	say(s.ann, s.ann.Dial(), "agent:adam", "note Ann likes tea")
	say(s.ann, s.ann.Dial(), "agent:adam", "note Ann starts at nine")
	const path = "/v1/agents/adam/memories"
	g := newGolden(t, "get_agents_key_memories")
	s.anonymous(g, "GET", path)
	var page notes
	g.do("newest first", s.ann, "GET", path, nil).Decode(&page)
	for _, query := range []string{"?q=TEA&thread_id=agent:adam", "?limit=1", "?q=coffee", "?thread_id=" + randomID, "?before=0", "?limit=0"} {
		g.do(query, s.ann, "GET", path+query, nil)
	}
	g.do("of somebody else", s.bob, "GET", path, nil)
	g.do("of a tmate nobody hired", s.ann, "GET", "/v1/agents/nobody/memories", nil)

	one := "/v1/memories/" + page.Memories[0].ID
	g = newGolden(t, "patch_memories_id")
	s.anonymous(g, "PATCH", one)
	g.do("corrected", s.ann, "PATCH", one, `{"content":" Ann starts at ten "}`)
	g.do("nothing", s.ann, "PATCH", one, `{}`)
	g.do("blank", s.ann, "PATCH", one, `{"content":" "}`)
	g.do("somebody else's", s.bob, "PATCH", one, `{"content":"x"}`)
	g.do("unknown", s.ann, "PATCH", "/v1/memories/"+randomID, `{"content":"x"}`)

	g = newGolden(t, "delete_memories_id")
	g.do("somebody else's", s.bob, "DELETE", one, nil)
	g.do("forgotten", s.ann, "DELETE", one, nil)
	g.do("again", s.ann, "DELETE", one, nil)

	g = newGolden(t, "delete_agents_key_memories")
	g.do("all", s.ann, "DELETE", path, nil)
	g.do("of a tmate nobody hired", s.ann, "DELETE", "/v1/agents/nobody/memories", nil)
	if left := memories(s.ann, ""); len(left.Memories) != 0 {
		t.Errorf("left: %s", left)
	}
}

// permissions tells what a tmate may do.
func (s *story) permissions(t *testing.T) {
	const path = "/v1/agents/adam/permissions"
	g := newGolden(t, "get_agents_key_permissions")
	s.anonymous(g, "GET", path)
	g.do("nothing set, as a member sees it", s.bob, "GET", path, nil)
	g.do("unknown", s.ann, "GET", "/v1/agents/nobody/permissions", nil)

	g = newGolden(t, "put_agents_key_permissions")
	s.anonymous(g, "PUT", path)
	g.do("limited", s.ann, "PUT", path, `{"allow":["now","recall"],"deny":["recall"],"member_risk":"read"}`)
	g.do("wrong", s.ann, "PUT", path, `{"allow":"now","deny":["a b"],"member_risk":"all"}`)
	g.do("by a member", s.bob, "PUT", path, `{}`)
	g.do("unknown", s.ann, "PUT", "/v1/agents/nobody/permissions", `{}`)
	s.ann.Must(http.StatusOK, "PUT", path, map[string]any{})
}

// search finds what the story has said so far.
func (s *story) search(t *testing.T) {
	say(s.ann, s.ann.Dial(), "agent:adam", "the walrus plan")
	g := newGolden(t, "get_search")
	s.anonymous(g, "GET", "/v1/search?q=walrus")
	for _, query := range []string{
		"?q=walrus+pl", "?q=adam&kind=tmate", "?q=adam&kind=thread", "?q=%22", "?q=walrus&thread_id=" + randomID,
		"", "?q=x&kind=nothing", "?q=x&limit=51",
	} {
		g.do(query, s.ann, "GET", "/v1/search"+query, nil)
	}
	g.do("of somebody else", s.bob, "GET", "/v1/search?q=walrus", nil)
}
