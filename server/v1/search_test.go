package v1_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/cmd/app/apptest"
)

type finding struct {
	Kind, ID, Title string
	ThreadID        *string `json:"thread_id"`
	Slug, Path, Key *string
	Seq             *int64
	Snippet         []struct {
		Text  string
		Match bool
	}
}

// line writes a finding as "kind title: snippet", what matches in brackets.
func (f finding) line() string {
	var b strings.Builder
	for _, s := range f.Snippet {
		if s.Match {
			b.WriteString("[" + s.Text + "]")
			continue
		}
		b.WriteString(s.Text)
	}
	return f.Kind + " " + f.Title + ": " + b.String()
}

func find(u *apptest.User, query string) (all []finding) {
	var answer struct{ Items []finding }
	u.Must(http.StatusOK, "GET", "/v1/search?"+query, nil).Decode(&answer)
	return answer.Items
}

func lines(all []finding) (out []string) {
	for _, f := range all {
		out = append(out, f.line())
	}
	return out
}

// A search finds all kinds, what bears the name first, and each caller their own.
func TestSearch(t *testing.T) {
	t.Parallel()
	c := newCrossing(t, nil)
	send := func(u *apptest.User, thread, text string) {
		say(u, u.Dial(), thread, text) // and is answered "You said: …"
	}
	send(c.ann, "agent:adam", "the walrus plan")
	send(c.ann, "team:all", "<b>plan</b> of a walrus")
	send(c.bob, "team:all", "Bob's walrus")
	upload(t, c.ann, "Walrus-plans.pdf", "%PDF-1.4 x")
	pin(c.ann, map[string]any{"title": "Walrus news", "content_md": "A walrus came."})
	for query, want := range map[string][]string{
		"q=walrus+plan&kind=message": {
			"message Adam: You said: the [walrus] [plan]", "message Adam: the [walrus] [plan]",
			"message Team Chat: You said: <b>[plan]</b> of a [walrus]", "message Team Chat: <b>[plan]</b> of a [walrus]",
		},
		"q=walrus": {
			"file Walrus-plans.pdf: [Walrus]-plans.pdf", "post Walrus news: A [walrus] came.",
			"message Team Chat: You said: <b>plan</b> of a [walrus]", "message Team Chat: <b>plan</b> of a [walrus]",
			"message Adam: You said: the [walrus] plan", "message Adam: the [walrus] plan",
		},
		"q=walrus&kind=post&kind=file":          {"file Walrus-plans.pdf: [Walrus]-plans.pdf", "post Walrus news: A [walrus] came."},
		"q=walrus&thread_id=team:all":           {"message Team Chat: You said: <b>plan</b> of a [walrus]", "message Team Chat: <b>plan</b> of a [walrus]"},
		"q=walrus&thread_id=team:all&kind=file": nil,
		"q=adam&kind=tmate&kind=thread":         {"tmate Adam: [Adam]", "thread Adam: [Adam]"},
		"q=wal&kind=message&limit=1":            {"message Team Chat: You said: <b>plan</b> of a [walrus]"},
		"q=":                                    nil, "q=%22": nil, "q=*": nil, "q=alrus": nil, "q=walrus+nothing": nil, "q=%00": nil,
		"q=" + url.QueryEscape(`"walrus plan"`) + "&kind=message": {"message Adam: You said: the [walrus plan]", "message Adam: the [walrus plan]"},
		"q=" + url.QueryEscape(`walrus) OR (owner : "`):           nil,
	} {
		if diff := cmp.Diff(want, lines(find(c.ann, query))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
	// The organisation shares posts, nothing else.
	if diff := cmp.Diff([]string{"post Walrus news: A [walrus] came.", "message Team Chat: You said: Bob's [walrus]", "message Team Chat: Bob's [walrus]"}, lines(find(c.bob, "q=walrus"))); diff != "" {
		t.Errorf("Bob (-want +got):\n%s", diff)
	}
	if got := lines(find(c.carl, "q=walrus")); got != nil {
		t.Errorf("Carl finds %q", got)
	}
	for _, f := range find(c.ann, "q=walrus") { // each leads somewhere
		if f.ID == "" || (f.ThreadID != nil) != (f.Kind == "message") || (f.Seq != nil) != (f.Kind == "message") || (f.Slug != nil) != (f.Kind == "post") || (f.Path != nil) != (f.Kind == "file") {
			t.Errorf("%+v", f)
		}
	}
	thread := c.ann.Thread("Adam")
	want := c.bob.Do("GET", "/v1/search?q=walrus&thread_id="+randomID, nil)
	for _, u := range []*apptest.User{c.bob, c.carl} {
		if got := u.Do("GET", "/v1/search?q=walrus&thread_id="+thread, nil); got.Status != http.StatusNotFound || string(got.Body) != string(want.Body) {
			t.Errorf("%s in Ann's thread: %d %s, want %s", u.Email, got.Status, got.Body, want.Body)
		}
	}
	for _, query := range []string{"", "q=x&limit=0", "q=x&limit=51", "q=x&kind=secret", "q=x&kind=", "q=" + strings.Repeat("x", 201)} {
		c.ann.Must(http.StatusUnprocessableEntity, "GET", "/v1/search?"+query, nil)
	}
	// What is gone is not found.
	c.ann.Must(http.StatusNoContent, "POST", "/v1/chats/team:all/clear", nil)
	if got := lines(find(c.ann, "q=walrus&kind=message")); fmt.Sprint(got) != "[message Adam: You said: the [walrus] plan message Adam: the [walrus] plan]" {
		t.Errorf("after a clear: %q", got)
	}
}
