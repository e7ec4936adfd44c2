package tools

import (
	"context"
	"encoding/json"
	"errors"
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
	c.facts = append(c.facts, fact)
	return c.in(s)
}

func (c *crew) Recall(_ context.Context, s agents.Scope) ([]string, error) { return c.facts, c.in(s) }

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
			posts: []tmates.Post{{Title: "News", Excerpt: "Short.", CreatedAt: day}, {Title: "Old", CreatedAt: day}},
			files: []tmates.File{{Path: "a/b.txt", Size: 1536, Modified: day}, {Path: "c", Modified: day}},
			team:  []*agents.Tmate{{Name: "Adam", Description: "Starter."}},
			facts: []string{"Ada likes tea", "The code is 4711"},
		}
	}
	for _, c := range []struct {
		crew       *crew
		tool, args string
		want       string
	}{
		{full(), "list_pinboard_posts", `{}`, "- News (22 Nov 2026): Short.\n- Old (22 Nov 2026)"},
		{full(), "list_pinboard_posts", `{"limit":1}`, "- News (22 Nov 2026): Short."},
		{&crew{t: t}, "list_pinboard_posts", `{}`, "The Pinboard is empty."},
		{full(), "list_files", `{"limit":1}`, "- a/b.txt (1.5 KB, 22 Nov 2026)\nand 1 more"},
		{&crew{t: t}, "list_files", `{}`, "There are no files yet."},
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
		{full(), "recall", `{"query":"CODE door"}`, "- The code is 4711"},
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
		"list_pinboard_posts": `{}`, "list_files": `{}`, "list_teammates": `{}`, "recall": `{}`,
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
		names = append(names, tool.Name)
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
	want := "create_pinboard_post list_pinboard_posts list_files write_file list_teammates ask_teammate remember recall"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("tools %q, want %q", got, want)
	}
	alone := here
	alone.ThreadID = ""
	for _, tool := range All(&crew{t: t}, alone) {
		if tool.Name == "remember" || tool.Name == "recall" {
			t.Errorf("%s is offered without a conversation", tool.Name)
		}
	}
}
