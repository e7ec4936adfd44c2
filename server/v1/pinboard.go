package v1

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/tmates/tmates/store/tmates"
)

// board is what the Pinboard needs from the use-cases.
type board interface {
	Posts(ctx context.Context, userID, before string, limit int) (posts []tmates.Post, names map[string]string, err error)
	Post(ctx context.Context, userID, slug string) (p tmates.Post, name string, err error)
	AddPost(ctx context.Context, userID string, p tmates.Post) (kept tmates.Post, name string, err error)
	DeletePost(ctx context.Context, userID, slug string) error
}

// Bounds of a post a client writes. Upstream has none.
const (
	maxPostTitle = 1000    // code points
	maxPostText  = 500_000 // code points
	maxPostLinks = 50      // attachments, and as many sources
)

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
		posts, names, err := use.Posts(c.ctx(), c.user, c.QueryParam("before"), limit)
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

// addPost serves POST /pinboard.
func addPost(use board) func(call) error {
	return func(c call) error {
		p, err := decodePost(c.body)
		if err != nil {
			return err
		}
		p, author, err := use.AddPost(c.ctx(), c.user, p)
		if err != nil {
			return err
		}
		return writeJSON(c, http.StatusCreated, postOf(p, author))
	}
}

// deletePost serves DELETE /pinboard/:slug, an addition.
func deletePost(use board) func(call) error {
	return func(c call) error {
		slug, err := pathValue(c, "slug")
		if err != nil {
			return err
		}
		if err := use.DeletePost(c.ctx(), c.user, slug); err != nil {
			return err
		}
		return c.NoContent(http.StatusNoContent)
	}
}

// decodePost validates a new post. Its author may be a tmate's key; without one
// the caller wrote it (Q-P2).
func decodePost(b body) (p tmates.Post, err error) {
	var k checker
	f, ok := k.object(b)
	if !ok {
		return p, k.err()
	}
	p = tmates.Post{
		Title: strings.TrimSpace(f.required("title", 0, maxPostTitle)), Content: f.required("content_md", 0, maxPostText),
		Excerpt: f.text("excerpt", maxPostText), TmateKey: strings.ToLower(strings.TrimSpace(f.text("author_agent_key", 0))),
		CoverURL: strings.TrimSpace(f.text("cover_url", maxURL)), Priority: f.priority("priority"),
		Attachments: f.links("attachments"), Sources: f.links("sources"),
	}
	if p.TmateKey != "" && !tmates.ValidKey(p.TmateKey) {
		k.value(f.at("author_agent_key"), f.in["author_agent_key"], "this is not the key of a tmate")
	}
	return p, k.err()
}

// priority reads a word, or a whole number, which upstream takes and ignores
// (Q-P1).
func (f fields) priority(name string) string {
	switch v := f.in[name].(type) {
	case nil, json.Number:
		f.whole(name)
	case string:
		return tmates.Priority(v)
	default:
		f.k.add(f.at(name), "string_type", "Input should be a valid string", v, nil)
	}
	return tmates.Priority("")
}

// links reads an optional list of objects; null is no list.
func (f fields) links(name string) (all []map[string]any) {
	if !f.sent(name) {
		return nil
	}
	for i, v := range f.list(name, maxPostLinks) {
		object, ok := v.(map[string]any)
		if !ok {
			f.k.add(join(f.at(name), i), "dict_type", "Input should be a valid dictionary", v, nil)
			continue
		}
		for _, key := range tmates.LinkKeys { // what is no text there counts as missing
			if text, ok := object[key].(string); ok {
				f.k.length(join(join(f.at(name), i), key), text, 0, maxURL)
			}
		}
		all = append(all, object)
	}
	return all
}
