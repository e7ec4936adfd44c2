package store

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/tmates/tmates/store/tmates"
)

// TestMemoryQueriesSearch holds that what is asked of memories reads the
// person's part of them only: 100,000 facts of others change nothing.
func TestMemoryQueriesSearch(t *testing.T) {
	t.Parallel()
	db, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	const words = "SCAN memory_words VIRTUAL TABLE INDEX "
	for query, want := range map[string][]string{
		sessionMemories: {"SEARCH memories USING INDEX memories_session (user_id=? AND session_id=? AND tmate_key=?)"},
		countMemories:   {"SEARCH memories USING COVERING INDEX memories_session (user_id=? AND session_id=? AND tmate_key=?)"},
		pageMemories:    {"SEARCH memories USING INDEX memories_tmate (user_id=? AND tmate_key=? AND seq<?)"},
		oneMemory:       {"SEARCH memories USING INDEX sqlite_autoindex_memories_1 (id=?)"},
		recallMemories:  {words + "0:M2", "SEARCH m USING INDEX memories_session (user_id=? AND session_id=? AND tmate_key=? AND seq=?)"},
		searchMemories:  {words + "192:M2<", "SEARCH m USING INDEX memories_tmate (user_id=? AND tmate_key=? AND seq=?)"},
		`DELETE FROM memory_words WHERE rowid IN (SELECT seq FROM memories WHERE ` + wordsOfTmate + `)`: {
			words + "0:=", "SEARCH memories USING COVERING INDEX memories_tmate (user_id=? AND tmate_key=?)",
		},
		`DELETE FROM memory_words WHERE rowid IN (SELECT seq FROM memories WHERE ` + wordsOfThread + `)`: {
			words + "0:=", "SEARCH memories USING INDEX memories_thread (thread_id=?)",
		},
		`DELETE FROM memory_words WHERE rowid IN (SELECT seq FROM memories WHERE ` + wordsOfOrganisation + `)`: {
			words + "0:=", "SEARCH memories USING INDEX memories_thread (thread_id=?)", "SEARCH threads USING INDEX",
		},
	} {
		args := make([]any, strings.Count(query, "?"))
		for i := range args {
			args[i] = "1"
		}
		steps := strings.Join(plan(t, db, query, args), "; ")
		for _, step := range want {
			if !strings.Contains(steps, step) {
				t.Errorf("%s\nplan %q, want %q in it", query, steps, step)
			}
		}
		if strings.Contains(steps, "SCAN memories") || strings.Contains(steps, "SCAN m ") {
			t.Errorf("%s\nplan %q", query, steps)
		}
	}
}

// Whatever ends a memory ends its words, and nothing else loses any.
func TestWordsStayInStep(t *testing.T) {
	t.Parallel()
	db, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	write := func(fn func(context.Context, *Tx) error) {
		t.Helper()
		if err := db.Write(t.Context(), fn); err != nil {
			t.Fatal(err)
		}
	}
	for _, org := range []string{"o1", "o2"} {
		write(func(ctx context.Context, tx *Tx) error {
			return tx.AddOrganisation(ctx, tmates.Organisation{ID: org, Name: org, Type: "personal", CreatedAt: tx.Now})
		})
	}
	for user, org := range map[string]string{"ada": "o1", "bob": "o1", "cleo": "o2"} {
		write(func(ctx context.Context, tx *Tx) error {
			_, err := tx.AddUser(ctx, tmates.User{ID: user, Email: user + "@example.com", CreatedAt: tx.Now, UpdatedAt: tx.Now})
			return err
		})
		for _, thread := range []string{"a", "b", "c"} {
			write(func(ctx context.Context, tx *Tx) error {
				return tx.AddThread(ctx, tmates.Thread{ID: user + thread, OrganisationID: org, UserID: user, Slug: thread, Title: thread, Kind: tmates.KindGroup})
			})
			for n, key := range []string{"adam", "nora", "adam"} {
				write(func(ctx context.Context, tx *Tx) error {
					return tx.AddMemory(ctx, tmates.Memory{
						ID: fmt.Sprint(user, thread, n), UserID: user, ThreadID: user + thread, TmateKey: key, SessionID: "s", Content: "tea",
					})
				})
			}
		}
	}
	for _, c := range []struct {
		name string
		left int // memories
		do   func(context.Context, *Tx) error
	}{
		{"nothing", 27, func(context.Context, *Tx) error { return nil }},
		{"a change", 27, func(ctx context.Context, tx *Tx) error {
			_, err := tx.ChangeMemory(ctx, "ada", "adaa0", "milk")
			return err
		}},
		{"one is forgotten", 26, func(ctx context.Context, tx *Tx) error { return tx.DeleteMemory(ctx, "ada", "adaa0") }},
		{"a thread is cleared", 24, func(ctx context.Context, tx *Tx) error { return tx.ClearThread(ctx, "ada", "adaa") }},
		{"a thread is deleted", 21, func(ctx context.Context, tx *Tx) error { return tx.DeleteThread(ctx, "ada", "adab") }},
		{"a tmate forgets", 19, func(ctx context.Context, tx *Tx) error { _, err := tx.DeleteMemories(ctx, "ada", "adam"); return err }},
		{"an account is deleted", 10, func(ctx context.Context, tx *Tx) error { return tx.DeleteUser(ctx, "bob") }},
		{"an organisation is deleted", 1, func(ctx context.Context, tx *Tx) error { return tx.DeleteOrganisation(ctx, "o2") }},
	} {
		write(c.do)
		var memories, words, strays int
		err := db.r.QueryRowContext(t.Context(), `SELECT (SELECT COUNT(*) FROM memories), (SELECT COUNT(*) FROM memory_words),
			(SELECT COUNT(*) FROM memory_words WHERE memory_words MATCH 'tea OR milk' AND rowid NOT IN (SELECT seq FROM memories))`).Scan(&memories, &words, &strays)
		if err != nil || memories != c.left || words != c.left || strays != 0 {
			t.Errorf("%s: %d memories, %d in the index, %d of them astray, %v; want %d", c.name, memories, words, strays, err, c.left)
		}
	}
}
