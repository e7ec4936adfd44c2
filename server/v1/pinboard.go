package v1

import (
	"cmp"
	"context"
	"net/http"

	"github.com/tmates/tmates/store/tmates"
)

// board is what the Pinboard needs from the use-cases.
type board interface {
	Posts(ctx context.Context, userID string, limit int) (posts []tmates.Post, names map[string]string, err error)
	Post(ctx context.Context, userID, slug string) (p tmates.Post, name string, err error)
}

// postBody is a post in a REST answer.
type postBody struct {
	ID             string           `json:"id"`
	Title          string           `json:"title"`
	Slug           string           `json:"slug"`
	Excerpt        string           `json:"excerpt"`
	ContentMD      string           `json:"content_md"`
	AuthorAgentKey *string          `json:"author_agent_key"`
	AuthorDisplay  *string          `json:"author_display"`
	CoverURL       *string          `json:"cover_url"`
	Priority       string           `json:"priority"`
	CreatedAt      *string          `json:"created_at"`
	UpdatedAt      *string          `json:"updated_at"`
	Attachments    []postAttachment `json:"attachments"`
	Sources        []postSource     `json:"sources"`
}

type postAttachment struct {
	URL   string  `json:"url"`
	Label *string `json:"label"`
	Type  *string `json:"type"`
}

type postSource struct {
	URL   string  `json:"url"`
	Label *string `json:"label"`
}

func postOf(p tmates.Post, author string) postBody {
	b := postBody{
		ID: p.ID, Title: p.Title, Slug: p.Slug, Excerpt: p.Excerpt, ContentMD: p.Content, AuthorAgentKey: orNull(p.TmateKey),
		AuthorDisplay: orNull(author), CoverURL: orNull(p.CoverURL), Priority: tmates.Priority(p.Priority),
		CreatedAt: timeOrNull(p.CreatedAt), UpdatedAt: timeOrNull(p.UpdatedAt),
		Attachments: []postAttachment{}, Sources: []postSource{},
	}
	for _, a := range p.Attachments {
		label := cmp.Or(textAt(a, "label"), textAt(a, "name"))
		b.Attachments = append(b.Attachments, postAttachment{textAt(a, "url"), orNull(label), orNull(textAt(a, "type"))})
	}
	for _, s := range p.Sources {
		b.Sources = append(b.Sources, postSource{textAt(s, "url"), orNull(cmp.Or(textAt(s, "label"), textAt(s, "title")))})
	}
	return b
}

func textAt(m map[string]any, key string) string {
	s, _ := m[key].(string)
	return s
}

// listPosts serves GET /pinboard.
func listPosts(use board) func(call) error {
	return func(c call) error {
		limit, err := queryLimit(c, 100, 25)
		if err != nil {
			return err
		}
		posts, names, err := use.Posts(c.ctx(), c.user, limit)
		if err != nil {
			return err
		}
		out := []postBody{}
		for _, p := range posts {
			out = append(out, postOf(p, names[p.ID]))
		}
		return writeJSON(c, http.StatusOK, out)
	}
}

// getPost serves GET /pinboard/:slug.
func getPost(use board) func(call) error {
	return func(c call) error {
		slug, err := pathValue(c, "slug")
		if err != nil {
			return err
		}
		p, author, err := use.Post(c.ctx(), c.user, slug)
		if err != nil {
			return err
		}
		return writeJSON(c, http.StatusOK, postOf(p, author))
	}
}
