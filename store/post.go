package store

import (
	"context"
	"math"

	"github.com/tmates/tmates/store/tmates"
)

const postColumns = `id, organisation_id, user_id, slug, title, excerpt, content, tmate_key, cover_url, priority,
	attachments, sources, created_at, updated_at`

func scanPost(s scanner) (p tmates.Post, err error) {
	var created, updated stamp
	err = s.Scan(&p.ID, &p.OrganisationID, &p.UserID, &p.Slug, &p.Title, &p.Excerpt, &p.Content, &p.TmateKey, &p.CoverURL, &p.Priority,
		asJSON(&p.Attachments), asJSON(&p.Sources), &created, &updated)
	p.CreatedAt, p.UpdatedAt = created.Time, updated.Time
	return p, err
}

// AddPost keeps a post and reports whether its slug was free.
func (tx *Tx) AddPost(ctx context.Context, p tmates.Post) (free bool, err error) {
	seq, err := tx.next(ctx, "post")
	if err != nil {
		return false, err
	}
	n, err := tx.exec(ctx, "add post",
		`INSERT INTO posts (`+postColumns+`, seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		 ON CONFLICT (organisation_id, slug) DO NOTHING`,
		p.ID, p.OrganisationID, p.UserID, p.Slug, p.Title, p.Excerpt, p.Content, p.TmateKey, p.CoverURL, p.Priority,
		jsonText(nonNil(p.Attachments)), jsonText(nonNil(p.Sources)), micros(tx.Now), micros(tx.Now), seq)
	if err != nil || n == 0 {
		return false, err
	}
	return true, tx.addPostWords(ctx, seq, p)
}

// maxPostBytes bounds what is read of posts at once, in bytes, links included.
const maxPostBytes = 4 << 20

// Posts returns the posts of an organisation that follow the post before in their
// order, or all for the zero one, newest first: at most limit, and at most 4 MiB.
func (tx *Tx) Posts(ctx context.Context, organisationID string, before tmates.Post, limit int) ([]tmates.Post, error) {
	at := int64(math.MaxInt64)
	if !before.CreatedAt.IsZero() {
		at = before.CreatedAt.UnixMicro()
	}
	all, _, err := listBytes(ctx, tx, maxPostBytes, "list posts", scanPost, `SELECT `+postColumns+`
		FROM posts WHERE organisation_id = ? AND created_at <= ? AND (created_at < ? OR id > ?)
		ORDER BY created_at DESC, id LIMIT ?`, organisationID, at, at, before.ID, limit)
	return all, err
}

// DeletePost removes a post of the organisation.
func (tx *Tx) DeletePost(ctx context.Context, organisationID, id string) error {
	if err := tx.dropPostWords(ctx, postWordsOfPost, organisationID, id); err != nil {
		return err
	}
	_, err := tx.exec(ctx, "delete post", `DELETE FROM posts WHERE organisation_id = ? AND id = ?`, organisationID, id)
	return err
}

// PostBySlug returns a post of the organisation; found is false when there is
// none.
func (tx *Tx) PostBySlug(ctx context.Context, organisationID, slug string) (p tmates.Post, found bool, err error) {
	return one(ctx, tx, "read post", scanPost, `SELECT `+postColumns+` FROM posts WHERE organisation_id = ? AND slug = ?`, organisationID, slug)
}

// PostByID is PostBySlug by id.
func (tx *Tx) PostByID(ctx context.Context, organisationID, id string) (p tmates.Post, found bool, err error) {
	return one(ctx, tx, "read post", scanPost, `SELECT `+postColumns+` FROM posts WHERE organisation_id = ? AND id = ?`, organisationID, id)
}
