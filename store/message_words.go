package store

import (
	"cmp"
	"context"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/tmates/tmates/store/tmates"
)

// Bounds of what a search reads of the messages without words, for each person.
const (
	tailMessages = 1000
	tailThreads  = 100
	tailBytes    = 1 << 20
)

// What is said is read without its payload.
const saidColumns = `m.thread_id, m.seq, m.id, m.user_id, m.role, m.author, m.content, m.created_at`

const (
	findMessages = `SELECT ` + saidColumns + ` FROM message_words
		JOIN messages m ON m.thread_id = message_words.thread_id AND m.seq = message_words.rowid
		WHERE message_words MATCH ? AND m.user_id = ? ORDER BY message_words.rowid DESC LIMIT ?`
	tailOfThread = `SELECT ` + saidColumns + ` FROM messages m WHERE m.thread_id = ? AND m.user_id = ? AND m.seq > ? AND m.role <> ?
		ORDER BY m.seq DESC LIMIT ?`
	// Threads of a person with messages that have no words yet, the most recently
	// active ones.
	tailThreadsOf = `SELECT id, indexed_seq FROM threads WHERE user_id = ? AND last_seq > indexed_seq ORDER BY last_seq DESC LIMIT ?`
	stepOfThread  = `SELECT ` + saidColumns + ` FROM messages m WHERE m.thread_id = ? AND m.seq > ? ORDER BY m.seq LIMIT ?`
)

func scanSaid(s scanner) (m tmates.Message, err error) {
	var created stamp
	err = s.Scan(&m.ThreadID, &m.Seq, &m.ID, &m.UserID, &m.Role, &m.Author, &m.Content, &created)
	m.CreatedAt = created.Time
	return m, err
}

// SearchMessages returns what people and tmates said in the user's threads, or in
// the one of threadID, that has every term of the query: those with all of them in
// a row first, each the newest first; at most limit, without payloads. Messages
// that have no words yet are found as well, up to a thousand of them.
func (tx *Tx) SearchMessages(ctx context.Context, userID, threadID string, q tmates.Query, limit int) (found []tmates.Message, err error) {
	if len(q.Terms) == 0 {
		return nil, nil
	}
	tail, err := tx.tail(ctx, userID, threadID)
	if err != nil {
		return nil, err
	}
	queries := []tmates.Query{q}
	if row, ok := q.InARow(); ok {
		queries = []tmates.Query{row, q}
	}
	known := map[int64]bool{}
	for _, q := range queries {
		// As many more as may be known already.
		all, err := list(ctx, tx, "search messages", scanSaid, findMessages, messageMatch(userID, threadID, q), userID, limit+len(known))
		if err != nil {
			return nil, err
		}
		for _, m := range tail {
			if q.In(m.Content) {
				all = append(all, m)
			}
		}
		all = slices.DeleteFunc(all, func(m tmates.Message) bool { return known[m.Seq] })
		slices.SortFunc(all, func(a, b tmates.Message) int { return cmp.Compare(b.Seq, a.Seq) })
		for _, m := range all[:min(len(all), limit-len(found))] {
			known[m.Seq], found = true, append(found, m)
		}
		if len(found) == limit {
			break
		}
	}
	return found, nil
}

// tail reads the messages that have no words yet.
func (tx *Tx) tail(ctx context.Context, userID, threadID string) (all []tmates.Message, err error) {
	type place struct {
		thread  string
		indexed int64
	}
	places, err := list(ctx, tx, "list threads without words", func(s scanner) (p place, err error) {
		return p, s.Scan(&p.thread, &p.indexed)
	}, tailThreadsOf, userID, tailThreads)
	if err != nil {
		return nil, err
	}
	left, size := tailMessages, tailBytes
	for _, p := range places {
		if left <= 0 || size <= 0 {
			break
		}
		if threadID != "" && p.thread != threadID {
			continue
		}
		some, _, err := listBytes(ctx, tx, size, "read messages without words", scanSaid, tailOfThread, p.thread, userID, p.indexed, tmates.MessageSystem, left)
		if err != nil {
			return nil, err
		}
		left -= len(some)
		for _, m := range some {
			size -= rowBytes + len(m.Content)
		}
		all = append(all, some...)
	}
	return all, nil
}

// messageMatch is the expression that finds a query in the user's part of the
// index, or the thread's.
func messageMatch(userID, threadID string, q tmates.Query) string {
	owner := personWord(userID)
	if threadID != "" {
		owner += " " + threadWord(threadID)
	}
	return `owner : "` + owner + `" AND content : (` + expression(q) + `)`
}

// expression writes a query as the index wants it. Its terms are letters, digits
// and blanks, so that none of them is an operator.
func expression(q tmates.Query) string {
	terms := make([]string, 0, len(q.Terms))
	for _, t := range q.Terms {
		term := `"` + tmates.Spaced(t.Text) + `"`
		if t.Prefix {
			term += "*"
		}
		terms = append(terms, term)
	}
	return strings.Join(terms, " AND ")
}

func personWord(userID string) string   { return "u" + hex.EncodeToString([]byte(userID)) }
func threadWord(threadID string) string { return "t" + hex.EncodeToString([]byte(threadID)) }

// addMessageWords puts the words of the thread's next messages in: at most so many,
// and so many bytes. It returns what it read; more tells that there are others.
func (tx *Tx) addMessageWords(ctx context.Context, threadID string, most step) (done step, more bool, err error) {
	indexed, found, err := one(ctx, tx, "read words of thread", func(s scanner) (seq int64, err error) { return seq, s.Scan(&seq) },
		`SELECT indexed_seq FROM threads WHERE id = ?`, threadID)
	if err != nil || !found {
		return done, false, err
	}
	all, cut, err := listBytes(ctx, tx, most.bytes, "read messages without words", scanSaid, stepOfThread, threadID, indexed, most.messages)
	if err != nil || len(all) == 0 {
		return done, false, err
	}
	for _, m := range all {
		done.messages++
		done.bytes += rowBytes + len(m.Content)
		if m.Role == tmates.MessageSystem || m.Content == "" {
			continue
		}
		_, err := tx.exec(ctx, "index message", `INSERT INTO message_words (rowid, owner, content, thread_id) VALUES (?, ?, ?, ?)`,
			m.Seq, personWord(m.UserID)+" "+threadWord(m.ThreadID), tmates.Spaced(m.Content), m.ThreadID)
		if err != nil {
			return done, false, err
		}
	}
	_, err = tx.exec(ctx, "note words of thread", `UPDATE threads SET indexed_seq = ? WHERE id = ?`, all[len(all)-1].Seq, threadID)
	return done, cut || len(all) == most.messages, err
}

// mergeWords merges a few pages of the index.
func (tx *Tx) mergeWords(ctx context.Context, pages int) error {
	_, err := tx.exec(ctx, "merge words", `INSERT INTO message_words (message_words, rank) VALUES ('merge', ?)`, pages)
	return err
}

// dropThreadWords takes the messages and memories of threads out of the indexes; it
// comes before they are deleted.
func (tx *Tx) dropThreadWords(ctx context.Context, which string, args ...any) error {
	if err := tx.dropWords(ctx, which, args...); err != nil {
		return err
	}
	_, err := tx.exec(ctx, "drop words of messages", `DELETE FROM message_words WHERE rowid IN (SELECT seq FROM messages WHERE `+which+`)`, args...)
	return err
}

// wordlessThreads lists the threads with messages that have no words yet.
func (tx *Tx) wordlessThreads(ctx context.Context) ([]string, error) {
	return list(ctx, tx, "list threads without words", func(s scanner) (id string, err error) { return id, s.Scan(&id) },
		`SELECT id FROM threads WHERE last_seq > indexed_seq`)
}
