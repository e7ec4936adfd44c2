package v1_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/cmd/app/apptest"
	"github.com/tmates/tmates/cmd/config"
)

// pinned is what the tests look at in a post.
type pinned struct {
	ID, Title, Slug, Excerpt, Priority string
	AuthorKey                          *string          `json:"author_agent_key"`
	Author                             *string          `json:"author_display"`
	Attachments                        []map[string]any `json:"attachments"`
}

func pin(u *apptest.User, body map[string]any) (p pinned) {
	u.Must(http.StatusCreated, "POST", "/v1/pinboard", body).Decode(&p)
	return p
}

func TestQuirksOfThePinboard(t *testing.T) {
	t.Parallel()
	app, ann, bob, _ := product(t, nil)
	t.Run("Q-P1 words are priorities, numbers are normal", func(t *testing.T) {
		for sent, want := range map[any]string{
			"low": "low", " High": "high", "urgent": "urgent", "normal": "normal", "whatever": "normal", 0: "normal", 3: "normal", nil: "normal",
		} {
			if p := pin(ann, map[string]any{"title": "T", "content_md": "c", "priority": sent}); p.Priority != want {
				t.Errorf("priority %v = %q, want %q", sent, p.Priority, want)
			}
		}
	})
	t.Run("Q-P2 people write, too", func(t *testing.T) {
		p := pin(bob, map[string]any{"title": "T", "content_md": "c"})
		if p.AuthorKey != nil || p.Author == nil || *p.Author != "Bob" {
			t.Errorf("post = %+v", p)
		}
		p = pin(bob, map[string]any{"title": "T", "content_md": "c", "author_agent_key": "nobody_here"})
		if p.AuthorKey == nil || *p.Author != "Nobody_Here" {
			t.Errorf("post = %+v", p)
		}
	})
	t.Run("Q-P3 links lead somewhere", func(t *testing.T) {
		p := pin(ann, map[string]any{"title": "T", "content_md": "c", "attachments": []any{
			map[string]any{"label": "nowhere"}, map[string]any{"url": nil}, map[string]any{"url": "https://a.example", "name": "A"},
		}})
		want := []map[string]any{{"url": "https://a.example", "label": "A", "type": nil}}
		if diff := cmp.Diff(want, p.Attachments); diff != "" {
			t.Errorf("attachments (-want +got):\n%s", diff)
		}
	})
	t.Run("Q-P5 slugs are free and end well", func(t *testing.T) {
		title := strings.Repeat("a", 63) + " b"
		first, second := pin(ann, map[string]any{"title": title, "content_md": ""}), pin(ann, map[string]any{"title": title, "content_md": ""})
		if first.Slug != strings.Repeat("a", 63) || !strings.HasPrefix(second.Slug, first.Slug+"-") || len(second.Slug) != len(first.Slug)+7 {
			t.Errorf("slugs %q and %q", first.Slug, second.Slug)
		}
	})
	t.Run("Q-P6 excerpts are words", func(t *testing.T) {
		if p := pin(ann, map[string]any{"title": "T", "content_md": "# Hi\n\nSome **body**, ~~not~~ `code`."}); p.Excerpt != "Hi Some body, not code." {
			t.Errorf("excerpt = %q", p.Excerpt)
		}
	})
	t.Run("Q-R3 everybody hears of posts and of their end", func(t *testing.T) {
		s := bob.Dial()
		p := pin(ann, map[string]any{"title": "Lunch", "content_md": "At noon.", "priority": "urgent"})
		shown, _ := s.Next()["post"].(map[string]any)
		if shown["id"] != p.ID || shown["slug"] != p.Slug || shown["priority"] != "urgent" || shown["author_agent_key"] != nil {
			t.Errorf("frame = %v", shown)
		}
		bob.Must(http.StatusForbidden, "DELETE", "/v1/pinboard/"+p.Slug, nil) // a member may only delete what is theirs
		ann.Must(http.StatusNoContent, "DELETE", "/v1/pinboard/"+p.Slug, nil)
		if f := s.Next(); f["type"] != "pinboard_post_deleted" || f["id"] != p.ID || f["slug"] != p.Slug {
			t.Errorf("frame = %v", f)
		}
		own := pin(bob, map[string]any{"title": "Mine", "content_md": ""})
		bob.Must(http.StatusNoContent, "DELETE", "/v1/pinboard/"+own.Slug, nil)
		other := pin(bob, map[string]any{"title": "Mine", "content_md": ""})
		ann.Must(http.StatusNoContent, "DELETE", "/v1/pinboard/"+other.Slug, nil) // the owner may delete everything
	})
	t.Run("Q-P4 a slug is looked up at home only", func(t *testing.T) {
		app.Do("GET", "/v1/pinboard/t", "", nil)
		ann.Must(http.StatusNotFound, "GET", "/v1/pinboard/lunch", nil)
		ann.Must(http.StatusNotFound, "GET", "/v1/pinboard/%25", nil)
	})
}

func TestQuirksOfPeople(t *testing.T) {
	t.Parallel()
	app, ann, _, _ := product(t, nil)
	t.Run("Q-B7 a profile is changed, never emptied", func(t *testing.T) {
		ann.Must(http.StatusOK, "PATCH", "/v1/profile", map[string]any{"avatar_url": "https://a.example/x.png"})
		for _, body := range []map[string]any{{"display_name": nil}, {"display_name": " "}, {"avatar_url": ""}, {}} {
			ann.Must(http.StatusUnprocessableEntity, "PATCH", "/v1/profile", body)
		}
		ann.Must(http.StatusOK, "PATCH", "/v1/settings/mobile", map[string]any{"mentions": false})
		var p struct {
			Avatar string `json:"avatar_url"`
		}
		ann.Must(http.StatusOK, "GET", "/v1/profile/me", nil).Decode(&p)
		if p.Avatar != "https://a.example/x.png" {
			t.Errorf("avatar = %q", p.Avatar)
		}
	})
	t.Run("Q-B8 local mail domains", func(t *testing.T) {
		pi := app.AddUser("me@pi.local", "Me")
		pi.Must(http.StatusOK, "PATCH", "/v1/profile", map[string]any{"display_name": "Myself", "email": "me@pi.local"})
	})
	t.Run("Q-B9 the callback writes no markup of others", func(t *testing.T) {
		for _, query := range []string{"?error=<script>alert(1)</script>", "?error=%3Cimg%20src=x%3E", "?code=a&state=b", ""} {
			res := app.Do("GET", "/v1/integrations/gmail/callback"+strings.ReplaceAll(query, "<", "%3C"), "", nil)
			if body := string(res.Body); res.Status != http.StatusBadRequest || strings.Contains(body, "<script") || strings.Contains(body, "<img") ||
				!strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
				t.Errorf("%s: %d %s", query, res.Status, body)
			}
		}
	})
	t.Run("Q-B12 no other origin unless listed", func(t *testing.T) {
		const origin = "https://a.example"
		open, _, _, _ := product(t, func(c *config.Config) { c.CORSOrigins = []string{origin} })
		for _, c := range []struct {
			app            *apptest.App
			method, origin string
			status         int
			allowed        string
		}{
			{app, "GET", origin, 200, ""},
			{app, "OPTIONS", origin, 405, ""},
			{open, "GET", origin, 200, origin},
			{open, "GET", "https://b.example", 200, ""},
			{open, "OPTIONS", origin, 200, origin},
			{open, "OPTIONS", "https://b.example", 400, ""},
		} {
			req, err := http.NewRequestWithContext(t.Context(), c.method, c.app.URL+"/v1/health", nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Origin", c.origin)
			req.Header.Set("Access-Control-Request-Method", "GET")
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			if got := res.Header.Get("Access-Control-Allow-Origin"); res.StatusCode != c.status || got != c.allowed {
				t.Errorf("%s from %s: %d %q, want %d %q", c.method, c.origin, res.StatusCode, got, c.status, c.allowed)
			}
		}
	})
}

func TestQuirksOfTheClient(t *testing.T) {
	t.Parallel()
	_, ann, _, _ := product(t, nil)
	s, adam := ann.Dial(), ann.Thread("Adam")
	t.Run("Q-K4 a thread only grows", func(t *testing.T) {
		before := messages(ann, adam, "")
		for _, text := range []string{"hello", "fail", "again"} {
			say(ann, s, adam, text)
			after := messages(ann, adam, "")
			if len(after) != len(before)+2 || after[len(before)].Content != text {
				t.Fatalf("after %q: %d messages, before %d", text, len(after), len(before))
			}
			if diff := cmp.Diff(before, after[:len(before)]); diff != "" {
				t.Errorf("what was there changed:\n%s", diff)
			}
			before = after
		}
	})
	t.Run("Q-K5 names and any case are keys", func(t *testing.T) {
		for _, name := range []string{"dana", "Dana", "NUMBERS"} {
			manage(t, ann, "add", name)
			ann.Must(http.StatusCreated, "POST", "/v1/chats?agent_key="+name, nil)
			manage(t, ann, "remove", name)
		}
	})
	t.Run("Q-K7 our own rules answer with text", func(t *testing.T) {
		for _, c := range []struct{ method, path, body string }{
			{"POST", "/v1/jobs", `{"agent_key":" "}`},
			{"POST", "/v1/agents/hire", `{}`},
			{"PATCH", "/v1/profile", `{"email":"other@example.org"}`},
			{"PATCH", "/v1/profile", `{"display_name":"` + strings.Repeat("x", 1<<20) + `"}`},
			{"GET", "/v1/files/download/..%2Fx", ""},
		} {
			var out struct{ Detail any }
			res := ann.Do(c.method, c.path, []byte(c.body))
			if res.Decode(&out); res.Status < 400 {
				t.Errorf("%s %s: %d", c.method, c.path, res.Status)
			}
			if _, ok := out.Detail.(string); !ok {
				t.Errorf("%s %s: %d %s", c.method, c.path, res.Status, fmt.Sprint(out.Detail))
			}
		}
	})
}

// The official client takes a word that begins with a digit for a number of its
// list.
func TestKeysBeginWithALetterQK6(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, key := range []string{"3d-artist", "artist-3d"} {
		folder := filepath.Join(dir, "tmates", key)
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "manifest.yaml"), []byte("name: Artist"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	body := string(apptest.Start(t, apptest.Options{Dir: dir}).Do("GET", "/v1/agents/platform", "", nil).Body)
	if strings.Contains(body, "3d-artist") || !strings.Contains(body, "artist-3d") {
		t.Errorf("platform = %s", body)
	}
}

// What a manifest says of the inside is for those who belong here.
func TestStrangersDoNotSeeTheInsideQA7(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	folder := filepath.Join(dir, "tmates", "bob")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	manifest := "name: Bob\nbrain: {provider: hidden-one}\npermissions: {deny: [hidden_two]}\nlimits: {tokens_per_day: 424242}\nstarters: [Shown to all]\n"
	if err := os.WriteFile(filepath.Join(folder, "manifest.yaml"), []byte(manifest), 0o600); err != nil {
		t.Fatal(err)
	}
	app := apptest.Start(t, apptest.Options{Dir: dir})
	stranger, member := string(app.Do("GET", "/v1/agents/platform", "", nil).Body), string(app.AddUser("ann@example.org", "Ann").Do("GET", "/v1/agents/platform", nil).Body)
	for _, hidden := range []string{"hidden-one", "hidden_two", "424242"} {
		if strings.Contains(stranger, hidden) || !strings.Contains(member, hidden) {
			t.Errorf("%s: stranger %v, member %v", hidden, strings.Contains(stranger, hidden), strings.Contains(member, hidden))
		}
	}
	if !strings.Contains(stranger, "Shown to all") {
		t.Errorf("platform = %s", stranger)
	}
}

// Every socket of a person hears everything.
func TestEverySocketHearsQR10(t *testing.T) {
	t.Parallel()
	_, ann, bob, _ := product(t, nil)
	sockets, other := []*apptest.Socket{ann.Dial(), ann.Dial(), ann.Dial()}, bob.Dial()
	ann.Must(http.StatusCreated, "POST", "/v1/chats/agent:adam/messages", map[string]any{"content": "hello"})
	var first []map[string]any
	for _, s := range sockets {
		frames := s.Until(apptest.Completed)
		if first == nil {
			first = frames
		}
		if diff := cmp.Diff(first, frames); diff != "" {
			t.Errorf("one socket heard something else:\n%s", diff)
		}
	}
	pin(bob, map[string]any{"title": "Only this", "content_md": ""})
	if f := other.Next(); f["type"] != "pinboard_post" {
		t.Errorf("Bob hears %v", f)
	}
}
