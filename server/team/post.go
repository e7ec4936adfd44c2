package team

import (
	"context"
	"crypto/rand"
	"encoding/hex"

	"github.com/google/uuid"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// Posts returns the posts of the caller's organisation, newest first, with the
// names of their authors; with before only those behind the post of that slug.
func (t *Team) Posts(ctx context.Context, userID, before string, limit int) (posts []tmates.Post, names map[string]string, err error) {
	c, err := t.Caller(ctx, userID)
	if err != nil {
		return nil, nil, err
	}
	err = t.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		var last tmates.Post
		if before != "" {
			var found bool
			if last, found, err = tx.PostBySlug(ctx, c.Organisation.ID, before); err != nil {
				return err
			}
			if !found {
				return errNoPost
			}
		}
		posts, err = tx.Posts(ctx, c.Organisation.ID, last, limit)
		if err != nil {
			return err
		}
		names, err = t.authors(ctx, tx, c, posts)
		return err
	})
	return posts, names, err
}

// Post returns a post of the caller's organisation by slug, with its author's
// name.
func (t *Team) Post(ctx context.Context, userID, slug string) (p tmates.Post, name string, err error) {
	c, err := t.Caller(ctx, userID)
	if err != nil {
		return p, "", err
	}
	err = t.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		var found bool
		if p, found, err = tx.PostBySlug(ctx, c.Organisation.ID, slug); err != nil {
			return err
		}
		if !found {
			return errNoPost
		}
		names, err := t.authors(ctx, tx, c, []tmates.Post{p})
		name = names[p.ID]
		return err
	})
	return p, name, err
}

// authors names the author of each post by the post's id.
func (t *Team) authors(ctx context.Context, tx *store.Tx, c Caller, posts []tmates.Post) (map[string]string, error) {
	names, people := map[string]string{}, map[string]string{c.User.ID: author(c.User)}
	for _, p := range posts {
		if p.TmateKey != "" {
			names[p.ID] = t.tmateName(p.TmateKey, c)
			continue
		}
		if _, ok := people[p.UserID]; !ok {
			u, err := tx.UserByID(ctx, p.UserID)
			if err != nil && !isNotFound(err) {
				return nil, err
			}
			people[p.UserID] = author(u)
		}
		names[p.ID] = people[p.UserID]
	}
	return names, nil
}

// Pin publishes a post as the tmate of the scope. The same text pinned twice by
// one job is one post, so that a repeated attempt does not repeat it.
func (t *Team) Pin(ctx context.Context, s agents.Scope, p tmates.Post) (tmates.Post, error) {
	p.ID = uuid.NewSHA1(uuid.NameSpaceURL, []byte("post:"+s.JobID+":"+p.Title+"\x00"+p.Content)).String()
	p.TmateKey = s.TmateKey
	p.Excerpt = tmates.Excerpt(p.Excerpt, p.Content)
	p.Priority = tmates.Priority(p.Priority)
	err := t.write(ctx, s.UserID, func(ctx context.Context, tx *store.Tx, c Caller) error {
		p.OrganisationID, p.UserID, p.CreatedAt, p.UpdatedAt = c.Organisation.ID, c.User.ID, tx.Now, tx.Now
		old, found, err := tx.PostByID(ctx, p.OrganisationID, p.ID)
		if err != nil {
			return err
		}
		if found {
			p = old
			return nil
		}
		return publish(ctx, tx, &p)
	})
	return p, err
}

// AddPost publishes a post of the caller, under the name of the tmate in
// TmateKey if there is one, and returns it with its author's name.
func (t *Team) AddPost(ctx context.Context, userID string, p tmates.Post) (kept tmates.Post, name string, err error) {
	if err := t.maySend(userID); err != nil {
		return p, "", err
	}
	err = t.write(ctx, userID, func(ctx context.Context, tx *store.Tx, c Caller) error {
		p.ID, p.OrganisationID, p.UserID, p.CreatedAt, p.UpdatedAt = tx.NewID(), c.Organisation.ID, c.User.ID, tx.Now, tx.Now
		p.Excerpt, p.Priority = tmates.Excerpt(p.Excerpt, p.Content), tmates.Priority(p.Priority)
		p.Attachments, p.Sources = tmates.NormalizeLinks(p.Attachments), tmates.NormalizeLinks(p.Sources)
		if err := publish(ctx, tx, &p); err != nil {
			return err
		}
		names, err := t.authors(ctx, tx, c, []tmates.Post{p})
		name = names[p.ID]
		return err
	})
	return p, name, err
}

// DeletePost removes a post of the caller's organisation: of the person who
// wrote it or for whom a tmate did, and of nobody else unless the caller is an
// owner or admin.
func (t *Team) DeletePost(ctx context.Context, userID, slug string) error {
	return t.write(ctx, userID, func(ctx context.Context, tx *store.Tx, c Caller) error {
		p, found, err := tx.PostBySlug(ctx, c.Organisation.ID, slug)
		switch {
		case err != nil:
			return err
		case !found:
			return errNoPost
		case p.UserID != c.User.ID && !c.Role.Leads():
			return tmates.E(tmates.Forbidden, "post_not_yours", nil, "Only its author, an owner or an admin can delete this post")
		}
		if err := tx.DeletePost(ctx, c.Organisation.ID, p.ID); err != nil {
			return err
		}
		return tell(ctx, tx, tmates.Event{Type: tmates.EventPostGone, Post: &p})
	})
}

var errNoPost = tmates.E(tmates.NotFound, "post_not_found", nil, "Pinboard post not found")

// publish keeps a post and shows it to every member of its organisation.
func publish(ctx context.Context, tx *store.Tx, p *tmates.Post) error {
	if err := addPost(ctx, tx, p); err != nil {
		return err
	}
	return tell(ctx, tx, tmates.Event{Type: tmates.EventPost, Post: p})
}

// tell shows an event about a post to every member of its organisation.
func tell(ctx context.Context, tx *store.Tx, ev tmates.Event) error {
	members, err := tx.Members(ctx, ev.Post.OrganisationID)
	for _, m := range members {
		ev.UserID = m.UserID
		tx.Emit(ev)
	}
	return err
}

// addPost keeps a post under the slug of its title, with six random hex digits
// behind it when that is taken.
func addPost(ctx context.Context, tx *store.Tx, p *tmates.Post) error {
	p.Slug = tmates.Slug(p.Title)
	for {
		free, err := tx.AddPost(ctx, *p)
		if err != nil || free {
			return err
		}
		random := make([]byte, 3)
		_, _ = rand.Read(random) // never fails: it ends the program instead
		p.Slug = tmates.SlugWithSuffix(tmates.Slug(p.Title), hex.EncodeToString(random))
	}
}

// RecentPosts returns the newest posts the scope's user can read.
func (t *Team) RecentPosts(ctx context.Context, s agents.Scope, limit int) ([]tmates.Post, error) {
	posts, _, err := t.Posts(ctx, s.UserID, "", limit)
	return posts, err
}

// ReadPost returns a post the scope's user can read, with its author's name.
func (t *Team) ReadPost(ctx context.Context, s agents.Scope, slug string) (tmates.Post, string, error) {
	return t.Post(ctx, s.UserID, slug)
}

// RecentFiles returns the newest files of the scope's user and how many there
// are in all.
func (t *Team) RecentFiles(ctx context.Context, s agents.Scope, limit int) ([]tmates.File, int, error) {
	list, total, _, err := t.Files(ctx, s.UserID, limit)
	return list, total, err
}

// Teammates returns the tmates who work for the scope's user.
func (t *Team) Teammates(ctx context.Context, s agents.Scope) ([]*agents.Tmate, error) {
	c, err := t.Caller(ctx, s.UserID)
	return c.Enabled, err
}
