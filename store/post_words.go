package store

import (
	"context"
	"encoding/hex"

	"github.com/tmates/tmates/store/tmates"
)

// Which posts lose their words, with the values the statement asks for.
const (
	postWordsOfPost         = `organisation_id = ? AND id = ?`
	postWordsOfOrganisation = `organisation_id = ?`
)

const (
	// A title counts most. What is sorted are numbers, not texts.
	searchPosts = `SELECT post_words.rowid FROM post_words WHERE post_words MATCH ?
		ORDER BY bm25(post_words, 0.0, 10.0, 1.0), post_words.rowid DESC LIMIT ?`
	postByNumber = `SELECT ` + postColumns + ` FROM posts WHERE seq = ? AND organisation_id = ?`
)

// SearchPosts returns the posts of the organisation that have every term of the
// query in title, excerpt or text, the best ones first: at most limit, and some
// 4 MiB.
func (tx *Tx) SearchPosts(ctx context.Context, organisationID string, q tmates.Query, limit int) (found []tmates.Post, err error) {
	if len(q.Terms) == 0 {
		return nil, nil
	}
	match := `owner : "` + organisationWord(organisationID) + `" AND {title content} : (` + expression(q) + `)`
	numbers, err := list(ctx, tx, "search posts", func(s scanner) (n int64, err error) { return n, s.Scan(&n) }, searchPosts, match, limit)
	if err != nil {
		return nil, err
	}
	size := 0
	for _, n := range numbers {
		p, there, err := one(ctx, tx, "read found post", scanPost, postByNumber, n, organisationID)
		if err != nil {
			return nil, err
		}
		if size += len(p.Content); size > maxPostBytes {
			break
		}
		if there {
			found = append(found, p)
		}
	}
	return found, nil
}

func organisationWord(id string) string { return "o" + hex.EncodeToString([]byte(id)) }

func (tx *Tx) addPostWords(ctx context.Context, seq int64, p tmates.Post) error {
	_, err := tx.exec(ctx, "index post", `INSERT INTO post_words (rowid, owner, title, content) VALUES (?, ?, ?, ?)`,
		seq, organisationWord(p.OrganisationID), tmates.Spaced(p.Title), tmates.Spaced(p.Excerpt+" "+p.Content))
	return err
}

// dropPostWords takes posts out of the index; it comes before they are deleted.
func (tx *Tx) dropPostWords(ctx context.Context, which string, args ...any) error {
	_, err := tx.exec(ctx, "drop words of posts", `DELETE FROM post_words WHERE rowid IN (SELECT seq FROM posts WHERE `+which+`)`, args...)
	return err
}
