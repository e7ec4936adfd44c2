package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/store/tmates"
)

var here = agents.Scope{UserID: "ada", TmateKey: "adam", ThreadID: "thread", JobID: "job"}

// crew is the use-cases with nothing behind them. It refuses every other scope.
type crew struct {
	t     *testing.T
	posts []tmates.Post
	files []tmates.File
	team  []*agents.Tmate
	facts []string
	said  []tmates.Message
	texts map[string]string
	err   error
}

func (c *crew) in(s agents.Scope) error {
	if s != here {
		c.t.Errorf("a tool asks for the scope %+v", s)
	}
	return c.err
}

func (c *crew) Pin(_ context.Context, s agents.Scope, p tmates.Post) (tmates.Post, error) {
	p.Slug = tmates.Slug(p.Title)
	c.posts = append(c.posts, p)
	return p, c.in(s)
}

func (c *crew) RecentPosts(_ context.Context, s agents.Scope, limit int) ([]tmates.Post, error) {
	return c.posts[:min(limit, len(c.posts))], c.in(s)
}

func (c *crew) RecentFiles(_ context.Context, s agents.Scope, limit int) ([]tmates.File, int, error) {
	return c.files[:min(limit, len(c.files))], len(c.files), c.in(s)
}

func (c *crew) WriteFile(_ context.Context, s agents.Scope, name, content string) (tmates.File, error) {
	if strings.HasPrefix(name, "full") {
		return tmates.File{}, tmates.E(tmates.TooLarge, "file_quota", nil, "No room is left.")
	}
	c.files = append(c.files, tmates.File{Path: name, Size: int64(len(content))})
	return c.files[len(c.files)-1], c.in(s)
}

func (c *crew) Teammates(_ context.Context, s agents.Scope) ([]*agents.Tmate, error) {
	return c.team, c.in(s)
}

func (c *crew) AskTeammate(_ context.Context, s agents.Scope, teammate, request string) (string, error) {
	switch teammate {
	case "bob":
		return "", tmates.E(tmates.NotFound, "no_colleague", nil, "There is no bob.")
	case "broken":
		return "", errors.New("disk gone")
	}
	return "They say yes to " + request, c.in(s)
}

func (c *crew) Remember(_ context.Context, s agents.Scope, fact string) error {
	if len(c.facts) == 3 {
		return tmates.E(tmates.Conflict, "memory_full", nil, "Memory is full.")
	}
	c.facts = append(c.facts, fact)
	return c.in(s)
}

func (c *crew) Recall(_ context.Context, s agents.Scope, query string, limit int) (found []string, err error) {
	if limit != maxRecalled {
		c.t.Errorf("recall asks for %d", limit)
	}
	for _, f := range c.facts {
		if strings.Contains(f, query) {
			found = append(found, f)
		}
	}
	return found, c.in(s)
}

func (c *crew) Forget(_ context.Context, s agents.Scope, query string) (gone, near []string, err error) {
	for i, f := range c.facts {
		if f == query {
			c.facts = slices.Delete(c.facts, i, i+1)
			return []string{f}, nil, c.in(s)
		}
	}
	if query == "nothing" {
		return nil, nil, c.in(s)
	}
	return nil, c.facts, c.in(s)
}

func (c *crew) ReadFile(_ context.Context, s agents.Scope, name string) (string, bool, error) {
	text, ok := c.texts[name]
	if !ok && c.err == nil {
		return "", false, tmates.E(tmates.NotFound, "file_not_found", nil, "There is no file named %q.", name)
	}
	return strings.TrimSuffix(text, "…"), strings.HasSuffix(text, "…"), c.in(s)
}

func (c *crew) ReadPost(_ context.Context, s agents.Scope, slug string) (tmates.Post, string, error) {
	for _, p := range c.posts {
		if p.Slug == slug {
			return p, "Nora", c.in(s)
		}
	}
	if c.err == nil {
		return tmates.Post{}, "", tmates.E(tmates.NotFound, "post_not_found", nil, "Pinboard post not found")
	}
	return tmates.Post{}, "", c.err
}

func (c *crew) History(_ context.Context, s agents.Scope, limit int) ([]tmates.Message, error) {
	return c.said[len(c.said)-min(limit, len(c.said)):], c.in(s)
}

func (c *crew) Clock(_ context.Context, s agents.Scope) (time.Time, error) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		c.t.Fatal(err)
	}
	return time.Date(2026, 11, 25, 23, 30, 0, 0, time.UTC).In(berlin), c.in(s)
}

// use runs the tool with a name.
func use(t *testing.T, c *crew, name, args string) (string, error) {
	t.Helper()
	for _, tool := range All(c, here) {
		if tool.Name == name {
			return tool.Run(t.Context(), json.RawMessage(args))
		}
	}
	t.Fatalf("there is no tool %s", name)
	return "", nil
}

func TestTools(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	full := func() *crew {
		return &crew{
			t:     t,
			posts: []tmates.Post{{Title: "News", Slug: "news", Excerpt: "Short.", Content: "# News\n\nAll of it.", CreatedAt: day}, {Title: "Old", Slug: "old", CreatedAt: day}},
			files: []tmates.File{{Path: "a/b.txt", Size: 1536, Modified: day}, {Path: "0f.pdf", Name: "Plan.pdf", Modified: day}},
			texts: map[string]string{"a.txt": "words", "empty.txt": "", "cut.txt": "words…"},
			said: []tmates.Message{
				{Author: "Ada", Content: strings.Repeat("x", 600), CreatedAt: day}, {Content: "A new conversation began.", CreatedAt: day},
				{Author: "Ada", Content: "look", CreatedAt: day, Payload: map[string]any{"attachments": []any{map[string]any{"uri": "/v1/files/download/0f.pdf", "name": "Plan.pdf"}}}},
			},
			team:  []*agents.Tmate{{Name: "Adam", Description: "Starter."}},
			facts: []string{"Ada likes tea", "The code is 4711"},
		}
	}
	for _, c := range []struct {
		crew       *crew
		tool, args string
		want       string
	}{
		{full(), "list_pinboard_posts", `{}`, "- News (news, 22 Nov 2026): Short.\n- Old (old, 22 Nov 2026)"},
		{full(), "list_pinboard_posts", `{"limit":1}`, "- News (news, 22 Nov 2026): Short."},
		{&crew{t: t}, "list_pinboard_posts", `{}`, "The Pinboard is empty."},
		{full(), "list_files", `{"limit":1}`, "- a/b.txt (1.5 KB, 22 Nov 2026)\nand 1 more"},
		{full(), "list_files", `{}`, "- a/b.txt (1.5 KB, 22 Nov 2026)\n- Plan.pdf (0 B, 22 Nov 2026), stored as 0f.pdf"},
		{&crew{t: t}, "list_files", `{}`, "There are no files yet."},
		{full(), "read_file", `{"name":" a.txt "}`, "a.txt:\nwords"},
		{full(), "read_file", `{"name":"empty.txt"}`, "empty.txt has no text in it."},
		{full(), "read_file", `{"name":"cut.txt"}`, "cut.txt, part 1 of 1:\nwords\n[the text goes on, but no more of it can be read]"},
		{full(), "read_file", `{"name":"a.txt","part":2}`, "a.txt has 1 parts; there is no part 2."},
		{full(), "read_file", `{"name":"b.txt"}`, `There is no file named "b.txt".`},
		{full(), "read_file", `{"name":" "}`, "Which file? Its name is missing."},
		{full(), "read_pinboard_post", `{"slug":"news"}`, "\"News\" by Nora, 22 Nov 2026:\n# News\n\nAll of it."},
		{full(), "read_pinboard_post", `{"slug":"none"}`, "Pinboard post not found"},
		{full(), "read_history", `{"limit":1}`, "- Ada (22 Nov 2026 12:00): look\n  with the file Plan.pdf"},
		{full(), "read_history", `{"limit":3}`, "- Ada (22 Nov 2026 12:00): " + strings.Repeat("x", 500) +
			"…\n- Event (22 Nov 2026 12:00): A new conversation began.\n- Ada (22 Nov 2026 12:00): look\n  with the file Plan.pdf"},
		{&crew{t: t}, "read_history", `{}`, "Nothing was said yet."},
		{full(), "now", `{}`, "Now it is Thursday, 26 November 2026, 00:30 (Europe/Berlin, week 48)."},
		{full(), "now", `{"days":-26}`, "Now it is Thursday, 26 November 2026, 00:30 (Europe/Berlin, week 48).\n-26 days: Saturday, 31 October 2026 (week 44)."},
		{full(), "now", `{"days":40000}`, "That is more than 36500 days away."},
		{full(), "calculate", `{"expression":" (1250 + 19%) / 12 "}`, "(1250 + 19%) / 12 ≈ 123.95833333333333333"},
		{full(), "calculate", `{"expression":"` + strings.Repeat("1+", 600) + `1"}`, "The expression is longer than 1000 characters."},
		{full(), "write_file", `{"name":" plan q3.md ","content":"# Plan"}`, "Saved plan q3.md (6 B): /v1/files/download/plan%20q3.md"},
		{full(), "write_file", `{"name":"Pläne","content":"x"}`, "Saved Pläne.txt (1 B): /v1/files/download/Pl%C3%A4ne.txt"},
		{full(), "write_file", `{"name":"full.txt","content":"x"}`, "No room is left."},
		{full(), "write_file", `{"name":"a.txt","content":" \n"}`, "A file needs a text in content."},
		{full(), "write_file", `{"name":"a.txt","content":"` + strings.Repeat("x", 256<<10+1) + `"}`, "The text is longer than 256 KB."},
		{full(), "write_file", `{"name":"` + strings.Repeat("x", 97) + `.txt","content":"x"}`, "The name is longer than 100 characters."},
		{full(), "list_teammates", `{}`, "- Adam: Starter."},
		{&crew{t: t}, "list_teammates", `{}`, "Nobody is hired at the moment."},
		{full(), "ask_teammate", `{"teammate":"nora","request":"tea?"}`, "They say yes to tea?"},
		{full(), "ask_teammate", `{"teammate":"bob","request":"tea?"}`, "There is no bob."},
		{full(), "remember", `{"fact":" Mimi is a cat "}`, "Noted: Mimi is a cat"},
		{full(), "remember", `{"fact":"  "}`, "There is nothing to remember."},
		{full(), "recall", `{}`, "- Ada likes tea\n- The code is 4711"},
		{full(), "recall", `{"query":"code"}`, "- The code is 4711"},
		{full(), "forget", `{"query":" Ada likes tea "}`, "Forgotten: Ada likes tea"},
		{full(), "forget", `{"query":"tea"}`, "Nothing was forgotten: it is not clear which fact is meant. Those that come near:\n- Ada likes tea\n- The code is 4711"},
		{full(), "forget", `{"query":"nothing"}`, "Nothing like that was remembered."},
		{full(), "forget", `{"query":""}`, "Which fact? It is missing."},
		{&crew{t: t, facts: []string{"1", "2", "3"}}, "remember", `{"fact":"4"}`, "Memory is full."},
		{full(), "remember", `{"fact":"` + strings.Repeat("x", 1001) + `"}`, "The fact is longer than 1000 characters."},
		{full(), "recall", `{"query":"bicycle"}`, "Nothing was remembered about that."},
		{full(), "create_pinboard_post", `{"title":"Tea","content_md":"At **four**."}`, `Published "Tea" on the Pinboard as tea.`},
		{full(), "create_pinboard_post", `{"title":" ","content_md":"x"}`, "A post needs a title."},
		{full(), "create_pinboard_post", `{"title":"x"}`, "A post needs a text in content_md."},
		{full(), "create_pinboard_post", `{"title":"x","content_md":"y","user_id":"bob"}`, `The arguments do not fit: json: unknown field "user_id"`},
		{full(), "create_pinboard_post", `{"title":7}`, "The arguments do not fit: json: cannot unmarshal number into Go struct field args.title of type string"},
	} {
		got, err := use(t, c.crew, c.tool, c.args)
		if err != nil || got != c.want {
			t.Errorf("%s %s: %q, %v; want %q", c.tool, c.args, got, err, c.want)
		}
	}
}

// A name a model makes up never leads out of the user's folder, and never ends in
// what somebody's machine would run.
func TestNamesOfWrittenFiles(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"../a.txt", "/etc/a.txt", "sub/a.txt", `..\a.txt`, `C:a.txt`, ".txt", ".hidden.txt", "a\x00.txt", "a\nb.txt", "a\u202etxt.md", "..",
		"a.html", "a.svg", "a.exe", "a.txt.sh", "a.", "a.txt ",
	} {
		c := &crew{t: t}
		args, err := json.Marshal(map[string]string{"name": name, "content": "x"})
		if err != nil {
			t.Fatal(err)
		}
		got, err := use(t, c, "write_file", string(args))
		switch {
		case name == "a.txt ": // blanks around a name are nobody's wish
			if len(c.files) != 1 || c.files[0].Path != "a.txt" {
				t.Errorf("%q: %s, %v", name, got, c.files)
			}
		case err != nil || len(c.files) != 0 || !strings.HasPrefix(got, "The name must"):
			t.Errorf("%q: %q, %v, wrote %v", name, got, err, c.files)
		}
	}
}

func TestToolsPassABrokenMachineOn(t *testing.T) {
	t.Parallel()
	broken := &crew{t: t, err: errors.New("disk gone")}
	if _, err := use(t, broken, "ask_teammate", `{"teammate":"broken","request":"x"}`); err == nil {
		t.Error("ask_teammate hides that the machine is broken")
	}
	for tool, args := range map[string]string{
		"list_pinboard_posts": `{}`, "list_files": `{}`, "list_teammates": `{}`, "recall": `{}`, "now": `{}`, "read_history": `{}`, "forget": `{"query":"x"}`,
		"read_file": `{"name":"a.txt"}`, "read_pinboard_post": `{"slug":"x"}`,
		"write_file": `{"name":"a.txt","content":"x"}`, "remember": `{"fact":"x"}`, "create_pinboard_post": `{"title":"x","content_md":"y"}`,
	} {
		if _, err := use(t, broken, tool, args); !errors.Is(err, broken.err) {
			t.Errorf("%s: %v", tool, err)
		}
	}
}

func TestToolsAreDescribed(t *testing.T) {
	t.Parallel()
	names := []string{}
	for _, tool := range All(&crew{t: t}, here) {
		names = append(names, fmt.Sprint(tool.Name, " ", tool.Risk))
		var schema struct {
			Type       string
			Properties map[string]any
			Required   []string
		}
		if err := json.Unmarshal(tool.Schema, &schema); err != nil || schema.Type != "object" || schema.Properties == nil || schema.Required == nil {
			t.Errorf("%s: schema %s, %v", tool.Name, tool.Schema, err)
		}
		if tool.Description == "" || tool.Doing == "" {
			t.Errorf("%s is not described", tool.Name)
		}
	}
	want := "create_pinboard_post 3, list_pinboard_posts 1, read_pinboard_post 1, list_files 1, read_file 1, write_file 2, list_teammates 1, " +
		"ask_teammate 4, calculate 0, now 0, remember 2, recall 1, forget 2, read_history 1"
	if got := strings.Join(names, ", "); got != want {
		t.Errorf("tools %q, want %q", got, want)
	}
	alone := here
	alone.ThreadID = ""
	for _, tool := range All(&crew{t: t}, alone) {
		if slices.Contains([]string{"remember", "recall", "forget", "read_history"}, tool.Name) {
			t.Errorf("%s is offered without a conversation", tool.Name)
		}
	}
}

// A long text comes in parts that make it up again, each of which a result holds.
func TestParts(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		strings.Repeat("a line of words\n", 3000), strings.Repeat("x", 40_000), strings.Repeat("語", 20_000), strings.Repeat("x", partSize), strings.Repeat("x", partSize+1),
	} {
		c := &crew{t: t, texts: map[string]string{"a.txt": text}}
		var again strings.Builder
		parts := len(split(text))
		for n := 1; n <= parts; n++ {
			got, err := use(t, c, "read_file", fmt.Sprintf(`{"name":"a.txt","part":%d}`, n))
			if err != nil || len(got) > 16<<10 {
				t.Fatalf("part %d: %d bytes, %v", n, len(got), err)
			}
			if parts == 1 {
				again.WriteString(strings.TrimPrefix(got, "a.txt:\n"))
				continue
			}
			body, isHeaded := strings.CutPrefix(got, fmt.Sprintf("a.txt, part %d of %d:\n", n, parts))
			end := "\n[end]"
			if n < parts {
				end = fmt.Sprintf("\n[part %d of %d; ask for part %d to read on]", n, parts, n+1)
			}
			body, isEnded := strings.CutSuffix(body, end)
			if !isHeaded || !isEnded {
				t.Errorf("part %d: %.60q … %q", n, got, got[len(got)-60:])
			}
			again.WriteString(body)
		}
		if again.String() != text {
			t.Errorf("%.20q: the parts make %d bytes of %d", text, again.Len(), len(text))
		}
	}
}
