package store

import (
	"context"

	"github.com/tmates/tmates/store/tmates"
)

// Bounds of looking for names, which are read and compared one by one.
const (
	maxTitles = 2_000
	maxNames  = 10_000
)

// SearchThreads returns the user's threads in an organisation that a query names by
// their title: of the 2,000 that were active last, newest first, at most limit.
// Only what is listed of a thread is filled in.
func (tx *Tx) SearchThreads(ctx context.Context, organisationID, userID string, q tmates.Query, limit int) (found []tmates.Thread, err error) {
	scan := func(s scanner) (t tmates.Thread, err error) {
		var active stamp
		err = s.Scan(&t.ID, &t.Slug, &t.Title, &t.Kind, asJSON(&t.TmateKeys), &t.LastSeq, &active)
		t.LastActivity = active.Time
		return t, err
	}
	threads := each(ctx, tx, "search threads", scan, `SELECT id, slug, title, kind, tmate_keys, last_seq, last_activity
		FROM threads WHERE user_id = ? AND organisation_id = ? ORDER BY last_activity DESC, last_seq DESC, id LIMIT ?`, userID, organisationID, maxTitles)
	for t, err := range threads {
		if err != nil {
			return nil, err
		}
		if q.In(t.Title) {
			found = append(found, t)
		}
		if len(found) == limit {
			break
		}
	}
	return found, nil
}

// SearchFiles returns the user's files that a query names, by what their sender
// called them or by their path: of the newest 10,000, newest first, at most limit.
func (tx *Tx) SearchFiles(ctx context.Context, userID string, q tmates.Query, limit int) (found []tmates.File, err error) {
	for f, err := range each(ctx, tx, "search files", scanFile, newestFiles, userID, maxNames) {
		if err != nil {
			return nil, err
		}
		if q.In(f.Name) || q.In(f.Path) {
			found = append(found, f)
		}
		if len(found) == limit {
			break
		}
	}
	return found, nil
}
