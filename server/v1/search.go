package v1

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/tmates/tmates/server/team"
	"github.com/tmates/tmates/store/tmates"
)

// finder is what the search needs from the use-cases. It is an addition of this
// edition.
type finder interface {
	Search(ctx context.Context, userID string, s team.Search) ([]team.Finding, error)
}

const maxFound = 50 // in one answer

type segmentBody struct {
	Text  string `json:"text"`
	Match bool   `json:"match,omitempty"`
}

// foundBody is one thing that was found; what a kind does not have is null.
type foundBody struct {
	Kind      string        `json:"kind"`
	ID        string        `json:"id"`
	ThreadID  *string       `json:"thread_id"`
	Title     string        `json:"title"`
	Author    *string       `json:"author"`
	Snippet   []segmentBody `json:"snippet"`
	Seq       *int64        `json:"seq"`
	Slug      *string       `json:"slug"`
	Path      *string       `json:"path"`
	Key       *string       `json:"key"`
	CreatedAt *string       `json:"created_at"`
}

func foundOf(f team.Finding) foundBody {
	b := foundBody{
		Kind: f.Kind, ID: f.ID, ThreadID: orNull(f.ThreadID), Title: f.Title, Author: orNull(f.Author), Snippet: []segmentBody{},
		Slug: orNull(f.Slug), CreatedAt: timeOrNull(f.At),
	}
	for _, s := range f.Snippet {
		b.Snippet = append(b.Snippet, segmentBody(s))
	}
	switch f.Kind {
	case team.FoundMessage:
		b.Seq = &f.Seq
		b.Title = cmp.Or(f.Title, "Conversation")
	case team.FoundFile:
		b.Path = &f.ID
	case team.FoundTmate:
		b.Key = &f.ID
	}
	return b
}

// search serves GET /search.
func search(use finder) func(call) error {
	type answer struct {
		Query string      `json:"query"`
		Items []foundBody `json:"items"`
	}
	return func(c call) error {
		text, s, err := searchQuery(c)
		if err != nil {
			return err
		}
		found, err := use.Search(c.ctx(), c.user, s)
		if err != nil {
			return err
		}
		out := answer{Query: text, Items: []foundBody{}}
		for _, f := range found {
			out.Items = append(out.Items, foundOf(f))
		}
		return writeJSON(c, http.StatusOK, out)
	}
}

func searchQuery(c call) (text string, s team.Search, err error) {
	if s.Limit, err = queryLimit(c, maxFound, 20); err != nil {
		return "", s, err
	}
	query := c.QueryParams()
	var k checker
	text = k.query(query, "q")
	k.length([]any{"query", "q"}, text, 0, maxQuery)
	for _, kind := range query["kind"] {
		if !slices.Contains(team.Found(), kind) {
			k.value([]any{"query", "kind"}, kind, "must be one of "+strings.Join(team.Found(), ", "))
		}
	}
	s.Words, s.Kinds, s.Thread = tmates.ParseQuery(text), query["kind"], query.Get("thread_id")
	return text, s, k.err()
}
