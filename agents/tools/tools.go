// Package tools holds what tmates can do besides talking. Each tool states the
// one method it needs; the use-cases behind them check what the user may see,
// so that no argument of a model can reach another user's data.
//
// A tool answers in text, also when the request makes no sense; an error means
// that the machine is broken and ends the job. No tool opens a connection.
package tools

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/store/tmates"
)

// What the tools work on. Every method answers for the scope's user only.
type (
	pinner interface {
		Pin(ctx context.Context, s agents.Scope, p tmates.Post) (tmates.Post, error)
	}
	postLister interface {
		RecentPosts(ctx context.Context, s agents.Scope, limit int) ([]tmates.Post, error)
	}
	teamReader interface {
		Teammates(ctx context.Context, s agents.Scope) ([]*agents.Tmate, error)
	}
	colleagueAsker interface {
		AskTeammate(ctx context.Context, s agents.Scope, teammate, request string) (answer string, err error)
	}
)

// Crew is everything the built-in tools need.
type Crew interface {
	pinner
	postLister
	postReader
	fileLister
	fileReader
	fileWriter
	teamReader
	colleagueAsker
	historian
	noteKeeper
	noteReader
	noteForgetter
	clock
}

// All returns the tools of a turn. Those that work on the thread are left out
// when there is none.
func All(crew Crew, s agents.Scope) []agents.Tool {
	all := []agents.Tool{
		pin(crew, s), listPosts(crew, s), readPost(crew, s), listFiles(crew, s), readFile(crew, s), writeFile(crew, s), listTeammates(crew, s),
		askTeammate(crew, s), calculate(), now(crew, s),
	}
	if s.ThreadID != "" {
		all = append(all, remember(crew, s), recall(crew, s), forget(crew, s), readHistory(crew, s))
	}
	return all
}

const (
	maxTitle   = 200   // code points of a post's title
	maxContent = 20000 // code points of a post's text
	maxList    = 20    // entries a listing may ask for
)

func pin(crew pinner, s agents.Scope) agents.Tool {
	type args struct {
		Title    string `json:"title"`
		Content  string `json:"content_md"`
		Excerpt  string `json:"excerpt"`
		Priority string `json:"priority"`
	}
	return agents.Tool{
		Name:        "create_pinboard_post",
		Description: "Publish a post on the Pinboard, where the whole team reads it.",
		Doing:       "Writing to the Pinboard",
		Risk:        agents.RiskShare,
		Schema: schema(`{"title":{"type":"string","description":"Short headline"},
			"content_md":{"type":"string","description":"The text, in Markdown"},
			"excerpt":{"type":"string","description":"One-sentence summary"},
			"priority":{"type":"string","enum":["low","normal","high","urgent"]}}`, "title", "content_md"),
		Run: run(func(ctx context.Context, a args) (string, error) {
			title, content := strings.TrimSpace(a.Title), strings.TrimSpace(a.Content)
			switch {
			case title == "":
				return "A post needs a title.", nil
			case content == "":
				return "A post needs a text in content_md.", nil
			case len([]rune(title)) > maxTitle:
				return fmt.Sprintf("The title is longer than %d characters.", maxTitle), nil
			case len([]rune(content)) > maxContent:
				return fmt.Sprintf("The text is longer than %d characters.", maxContent), nil
			}
			p, err := crew.Pin(ctx, s, tmates.Post{Title: title, Content: content, Excerpt: a.Excerpt, Priority: a.Priority})
			if err != nil {
				return "", err
			}
			return fmt.Sprintf("Published %q on the Pinboard as %s.", p.Title, p.Slug), nil
		}),
	}
}

type limitArgs struct {
	Limit int `json:"limit"`
}

func (a limitArgs) bounded() int {
	if a.Limit <= 0 {
		return 5
	}
	return min(a.Limit, maxList)
}

const limitSchema = `{"limit":{"type":"integer","minimum":1,"maximum":20,"description":"How many, 5 unless told"}}`

func listPosts(crew postLister, s agents.Scope) agents.Tool {
	return agents.Tool{
		Name:        "list_pinboard_posts",
		Description: "List the newest posts of the team's Pinboard: titles, slugs and summaries.",
		Doing:       "Reading the Pinboard",
		Risk:        agents.RiskRead,
		Schema:      schema(limitSchema),
		Run: run(func(ctx context.Context, a limitArgs) (string, error) {
			posts, err := crew.RecentPosts(ctx, s, a.bounded())
			if err != nil || len(posts) == 0 {
				return "The Pinboard is empty.", err
			}
			var b strings.Builder
			for _, p := range posts {
				fmt.Fprintf(&b, "- %s (%s, %s)", p.Title, p.Slug, p.CreatedAt.Format("2 Jan 2006"))
				if p.Excerpt != "" {
					b.WriteString(": " + p.Excerpt)
				}
				b.WriteByte('\n')
			}
			return strings.TrimSuffix(b.String(), "\n"), nil
		}),
	}
}

func listTeammates(crew teamReader, s agents.Scope) agents.Tool {
	return agents.Tool{
		Name:        "list_teammates",
		Description: "List the teammates who are hired, with what they do.",
		Doing:       "Looking up the team",
		Risk:        agents.RiskRead,
		Schema:      schema(`{}`),
		Run: run(func(ctx context.Context, _ struct{}) (string, error) {
			team, err := crew.Teammates(ctx, s)
			if err != nil || len(team) == 0 {
				return "Nobody is hired at the moment.", err
			}
			var b strings.Builder
			for _, t := range team {
				fmt.Fprintf(&b, "- %s: %s\n", t.Name, strings.TrimSpace(t.Description))
			}
			return strings.TrimSuffix(b.String(), "\n"), nil
		}),
	}
}

// schema builds the JSON Schema of an argument object.
func schema(properties string, required ...string) json.RawMessage {
	names, err := json.Marshal(append([]string{}, required...))
	if err != nil {
		panic("tools: " + err.Error())
	}
	return json.RawMessage(fmt.Sprintf(`{"type":"object","properties":%s,"required":%s,"additionalProperties":false}`, properties, names))
}

// run decodes the arguments; what does not fit becomes text for the model.
func run[A any](fn func(context.Context, A) (string, error)) func(context.Context, json.RawMessage) (string, error) {
	return func(ctx context.Context, raw json.RawMessage) (string, error) {
		var a A
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields() // the schemas allow none, and a brain marks arguments it could not read with one
		if err := d.Decode(&a); err != nil {
			return "The arguments do not fit: " + err.Error(), nil
		}
		return fn(ctx, a)
	}
}
