package v1_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/cmd/app/apptest"
)

// notes is a page of what Adam remembers.
type notes struct {
	Memories []struct {
		ID, Content string
		ThreadID    string  `json:"thread_id"`
		MessageID   *string `json:"message_id"`
		Seq         int64
	}
	Next *int64 `json:"next_before"`
}

func (n notes) String() string {
	var all []string
	for _, m := range n.Memories {
		all = append(all, m.Content)
	}
	return strings.Join(all, ", ")
}

func memories(u *apptest.User, query string) (n notes) {
	u.Must(http.StatusOK, "GET", "/v1/agents/adam/memories"+query, nil).Decode(&n)
	return n
}

func TestMemories(t *testing.T) {
	t.Parallel()
	_, ann, bob, _ := product(t, nil)
	s := ann.Dial()
	for _, fact := range []string{"red", "green", "blue"} {
		say(ann, s, "agent:adam", "note "+fact)
	}
	say(ann, s, "team:all", "note @adam red again")
	say(bob, bob.Dial(), "agent:adam", "note bob's red")
	all := memories(ann, "")
	if all.String() != "@adam red again, blue, green, red" || all.Next != nil {
		t.Fatalf("all: %s, next %v", all, all.Next)
	}
	// Each names the message it was told in.
	told := map[string]string{}
	for _, m := range messages(ann, all.Memories[1].ThreadID, "") {
		told[m.ID] = m.Content
	}
	if m := all.Memories[1]; m.MessageID == nil || told[*m.MessageID] != "note blue" {
		t.Errorf("source of %+v: %v", m, told)
	}
	for query, want := range map[string]string{
		"?thread_id=agent:adam": "blue, green, red", "?thread_id=" + ann.Thread("Team Chat"): "@adam red again", "?q=RED": "@adam red again, red",
		"?q=red+again": "@adam red again", "?q=%22+OR": "", "?q=+": "@adam red again, blue, green, red",
	} {
		if got := memories(ann, query); got.String() != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	// Pages end when there is no more.
	var pages []string
	for query := "?limit=2"; query != ""; {
		page := memories(ann, query)
		pages = append(pages, page.String())
		if query = ""; page.Next != nil {
			query = fmt.Sprint("?limit=2&before=", *page.Next)
		}
	}
	if diff := cmp.Diff([]string{"@adam red again, blue", "green, red"}, pages); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
	for path, want := range map[string]int{
		"/v1/agents/nobody/memories": 404, "/v1/agents/adam/memories?limit=0": 422, "/v1/agents/adam/memories?limit=101": 422,
		"/v1/agents/adam/memories?before=0": 422, "/v1/agents/adam/memories?before=x": 422, "/v1/agents/adam/memories?q=" + strings.Repeat("x", 201): 422,
		"/v1/agents/adam/memories?thread_id=" + bob.Thread("Adam"): 404, "/v1/agents/adam/memories?thread_id=" + randomID: 404,
	} {
		ann.Must(want, "GET", path, nil)
	}
	red := "/v1/memories/" + all.Memories[3].ID
	for body, want := range map[string]int{
		`{"content":" crimson "}`: 200, `{}`: 422, `{"content":" "}`: 422, `{"content":7}`: 422, `{"content":"` + strings.Repeat("x", 1001) + `"}`: 422,
	} {
		ann.Must(want, "PATCH", red, []byte(body))
	}
	if got := memories(ann, "?q=crimson").String() + memories(ann, "?q=red").String(); got != "crimson@adam red again" {
		t.Errorf("changed: %s", got)
	}
	bob.Must(http.StatusNotFound, "PATCH", red, map[string]any{"content": "x"})
	bob.Must(http.StatusNotFound, "DELETE", red, nil)
	ann.Must(http.StatusNoContent, "DELETE", red, nil)
	ann.Must(http.StatusNotFound, "DELETE", red, nil)
	ann.Must(http.StatusNoContent, "POST", "/v1/chats/team:all/clear", nil)
	if got := memories(ann, "").String(); got != "blue, green" {
		t.Errorf("after a clear: %s", got)
	}
	// What was told before a reset is listed, and forgotten by its owner alone.
	ann.Must(http.StatusCreated, "POST", "/v1/chats/agent:adam/session/reset", nil)
	if got := memories(ann, "").String(); got != "blue, green" {
		t.Errorf("after a reset: %s", got)
	}
	ann.Must(http.StatusNotFound, "DELETE", "/v1/agents/nobody/memories", nil)
	ann.Must(http.StatusNoContent, "DELETE", "/v1/agents/adam/memories", nil)
	if got, his := memories(ann, "").String(), memories(bob, "").String(); got != "" || his != "bob's red" {
		t.Errorf("after all: Ann's %q, Bob's %q", got, his)
	}
	// A tmate that was dismissed can still be made to forget.
	bob.Must(http.StatusForbidden, "PUT", "/v1/agents/adam/permissions", map[string]any{})
	ann.Must(http.StatusOK, "POST", "/v1/agents/dismiss", map[string]any{"agent_key": "adam"})
	bob.Must(http.StatusNoContent, "DELETE", "/v1/agents/adam/memories", nil)
}

// The least of manifest, owner and role holds, in what is shown and in what is
// done.
func TestPermissions(t *testing.T) {
	t.Parallel()
	_, ann, bob, _ := product(t, nil)
	const path = "/v1/agents/adam/permissions"
	set := func(body string) { t.Helper(); ann.Must(http.StatusOK, "PUT", path, []byte(body)) }
	blocked := func(u *apptest.User, tool string) string {
		t.Helper()
		var p struct {
			Tools []struct {
				Name, Risk string
				Allowed    bool
				By         *string `json:"blocked_by"`
			}
		}
		u.Must(http.StatusOK, "GET", path, nil).Decode(&p)
		for _, x := range p.Tools {
			if x.Name == tool {
				if x.Allowed != (x.By == nil) {
					t.Errorf("%+v", x)
				}
				if x.By == nil {
					return ""
				}
				return *x.By
			}
		}
		t.Fatalf("no tool %s: %+v", tool, p)
		return ""
	}
	pins := func(u *apptest.User, title string) bool {
		say(u, u.Dial(), "agent:adam", "pin "+title)
		return strings.Contains(string(u.Must(http.StatusOK, "GET", "/v1/pinboard", nil).Body), `"`+title+`"`)
	}
	for i, c := range []struct{ set, ann, bob string }{
		{`{}`, "", ""},
		{`{"deny":["create_pinboard_post"]}`, "owner", "owner"},
		{`{"allow":["now"]}`, "owner", "owner"},
		{`{"allow":["create_pinboard_post"]}`, "", ""},
		{`{"allow":["create_pinboard_post"],"deny":["create_pinboard_post"]}`, "owner", "owner"},
		{`{"member_risk":"write"}`, "", "role"},
		{`{"member_risk":"share"}`, "", ""},
		{`{"allow":null,"deny":null,"member_risk":null}`, "", ""},
	} {
		set(c.set)
		for name, u := range map[string]*apptest.User{"ann": ann, "bob": bob} {
			want := map[string]string{"ann": c.ann, "bob": c.bob}[name]
			if got := blocked(u, "create_pinboard_post"); got != want {
				t.Errorf("%s: blocked for %s by %q, want %q", c.set, name, got, want)
			}
			if done := pins(u, fmt.Sprint(name, i)); done != (want == "") {
				t.Errorf("%s: %s pinned: %t", c.set, name, done)
			}
		}
	}
	for _, body := range []string{
		`{"allow":["a b"]}`, `{"deny":[7]}`, `{"deny":"now"}`, `{"member_risk":"all"}`, `{"member_risk":1}`,
		`{"allow":["` + strings.Repeat(`x","`, 200) + `x"]}`, `{"deny":["` + strings.Repeat("x", 65) + `"]}`,
	} {
		ann.Must(http.StatusUnprocessableEntity, "PUT", path, []byte(body))
	}
	bob.Must(http.StatusForbidden, "PUT", path, map[string]any{})
	for _, u := range []*apptest.User{ann, bob} {
		u.Must(http.StatusNotFound, "PUT", "/v1/agents/nobody/permissions", map[string]any{})
		u.Must(http.StatusNotFound, "GET", "/v1/agents/nobody/permissions", nil)
	}
}
