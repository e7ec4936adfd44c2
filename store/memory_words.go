package store

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tmates/tmates/store/tmates"
)

// Everything that knows SQLite's full-text search stands in this file,
// message_words.go and post_words.go: another dialect brings its own. The index is
// kept in step with the memories by their own methods, in the same transaction;
// its rows are named by seq.

// Bounds of a search, whatever is asked for.
const (
	maxSearchWords = 16
	maxSearchWord  = 64 // code points
	leastPrefix    = 3  // code points of a word that also finds longer ones
)

// Which memories, and for a thread and more which messages, lose their words, with
// the values the statement asks for.
const (
	wordsOfMemory       = `id = ? AND user_id = ?`
	wordsOfTmate        = `user_id = ? AND tmate_key = ?`
	wordsOfThread       = `thread_id = ? AND user_id = ?`
	wordsOfUser         = `thread_id IN (SELECT id FROM threads WHERE user_id = ?)`
	wordsOfOrganisation = `thread_id IN (SELECT id FROM threads WHERE organisation_id = ?)`
)

const (
	foundColumns = `m.id, m.user_id, m.thread_id, m.tmate_key, m.session_id, m.content, m.source_id, m.seq, m.created_at
		FROM memory_words JOIN memories m ON m.seq = memory_words.rowid
		WHERE memory_words MATCH ? AND m.user_id = ? AND m.tmate_key = ?`
	recallMemories = `SELECT ` + memoryColumns + ` FROM (
		SELECT ` + foundColumns + ` AND m.session_id = ? ORDER BY bm25(memory_words, 0.0, 1.0), m.seq DESC LIMIT ?
	) AS best ORDER BY seq`
	searchMemories = `SELECT ` + foundColumns + ` AND memory_words.rowid < ? AND (? = '' OR m.thread_id = ?)
		ORDER BY memory_words.rowid DESC LIMIT ?`
)

// Words says how much of a query a memory has to say.
type Words string

// How much it may be.
const (
	AnyWord   Words = " OR "
	EveryWord Words = " AND "
)

// FindMemories returns the facts of a conversation session that say any or every
// word of the query, the limit best ones, oldest first. A query of
// labels alone, as "to-do: done:", finds what bears one of them, sign and all.
func (tx *Tx) FindMemories(ctx context.Context, userID, sessionID, tmateKey string, words Words, query string, limit int) ([]tmates.Memory, error) {
	match := matching(userID, tmateKey, query, words)
	if match == "" {
		return nil, nil
	}
	found, err := list(ctx, tx, "find memories", scanMemory, recallMemories, match, userID, tmateKey, sessionID, limit)
	labels := searchWords(strings.ToLower(query))
	if slices.ContainsFunc(labels, func(w string) bool { return !isLabel(w) }) {
		return found, err
	}
	return slices.DeleteFunc(found, func(m tmates.Memory) bool {
		content := strings.ToLower(m.Content)
		return !slices.ContainsFunc(labels, func(w string) bool { return strings.Contains(content, w) })
	}), err
}

// pageByWords is MemoryPage for a filter with a query.
func (tx *Tx) pageByWords(ctx context.Context, userID string, f MemoryFilter) ([]tmates.Memory, error) {
	match := matching(userID, f.TmateKey, f.Query, EveryWord)
	if match == "" {
		return nil, nil
	}
	return list(ctx, tx, "search memories", scanMemory, searchMemories, match, userID, f.TmateKey, f.Before, f.ThreadID, f.ThreadID, f.Limit)
}

func (tx *Tx) addWords(ctx context.Context, seq int64, m tmates.Memory) error {
	_, err := tx.exec(ctx, "index memory", `INSERT INTO memory_words (rowid, owner, content) VALUES (?, ?, ?)`,
		seq, ownerWord(m.UserID, m.TmateKey), tmates.Spaced(m.Content))
	return err
}

// dropWords takes memories out of the index; it comes before they are deleted.
func (tx *Tx) dropWords(ctx context.Context, which string, args ...any) error {
	_, err := tx.exec(ctx, "drop words", `DELETE FROM memory_words WHERE rowid IN (SELECT seq FROM memories WHERE `+which+`)`, args...)
	return err
}

// ownerWord makes one word of a user and a tmate.
func ownerWord(userID, tmateKey string) string {
	return hex.EncodeToString([]byte(userID)) + "x" + hex.EncodeToString([]byte(tmateKey))
}

// matching is the expression that finds a query in the user's and the tmate's
// part of the index; empty when the query has no word. What blanks set apart is
// looked for as it stands, whatever signs are in it; none of them is an operator.
func matching(userID, tmateKey, query string, words Words) string {
	var terms []string
	for _, w := range searchWords(query) {
		term := `"` + tmates.Spaced(w) + `"`
		if utf8.RuneCountInString(w) >= leastPrefix && !isLabel(w) && !tmates.IsAlone(w) {
			term += "*"
		}
		terms = append(terms, term)
	}
	if len(terms) == 0 {
		return ""
	}
	return `owner : "` + ownerWord(userID, tmateKey) + `" AND content : (` + strings.Join(terms, string(words)) + `)`
}

// isLabel reports whether a word names a kind of fact, as tmates that keep lists
// begin theirs.
func isLabel(word string) bool { return strings.HasSuffix(word, ":") }

// searchWords returns the words of a query that can be found at all, each once.
func searchWords(query string) (words []string) {
	for w := range strings.FieldsSeq(query) {
		w = strings.Map(func(r rune) rune {
			if r == '"' || r == 0 {
				return ' '
			}
			return r
		}, strings.ToValidUTF8(w, ""))
		if runes := []rune(w); len(runes) > maxSearchWord {
			w = string(runes[:maxSearchWord])
		}
		said := strings.ContainsFunc(w, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) })
		if said && !slices.Contains(words, w) && len(words) < maxSearchWords {
			words = append(words, w)
		}
	}
	return words
}
