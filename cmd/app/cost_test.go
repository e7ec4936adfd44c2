package app_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "modernc.org/sqlite" // grows and explains the database beside the program

	"github.com/tmates/tmates/cmd/app/apptest"
	"github.com/tmates/tmates/cmd/config"
	"github.com/tmates/tmates/store"
)

// statements collects what the database was asked.
type statements struct {
	mu  sync.Mutex
	all []string
}

func (s *statements) add(query string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, strings.Join(strings.Fields(query), " "))
}

// onTheirOwn are parts of the statements of the queue and of the index of
// messages, which look for work by themselves, and of the transactions in which
// they write.
var onTheirOwn = []string{
	"UPDATE jobs SET state = 'running'", "SELECT MIN(run_at)", "indexed_seq", "message_words", "FROM messages m WHERE m.thread_id",
	"BEGIN", "COMMIT", "SAVEPOINT", "PRAGMA wal_checkpoint",
}

// take returns the statements since the last time, without theirs.
func (s *statements) take() (asked []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, q := range s.all {
		if !slices.ContainsFunc(onTheirOwn, func(part string) bool { return strings.Contains(q, part) }) {
			asked = append(asked, q)
		}
	}
	s.all = nil
	return asked
}

const manyThreads = 50 // with Team Chat

// Reading costs the same number of statements however much there is, and none
// of them walks through a table (Q-C27).
func TestCostDoesNotGrowQC27(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i := range manyThreads - 2 { // and Adam
		folder := filepath.Join(dir, "tmates", fmt.Sprintf("t%02d", i))
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "manifest.yaml"), fmt.Appendf(nil, "name: Tmate %d", i), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	asked := &statements{}
	// The clock stands: what is known about a login for a while stays known.
	at := time.Now()
	start := func() *apptest.App {
		return apptest.Start(t, apptest.Options{Dir: dir, Trace: asked.add, Now: func() time.Time { return at }, Config: func(c *config.Config) { c.Store.Synchronous = "normal" }})
	}
	a := start()
	ann := a.AddUser("ann@example.org", "Ann")
	for i := range manyThreads - 2 {
		ann.Must(http.StatusOK, "POST", "/v1/agents/hire", map[string]any{"agent_key": fmt.Sprintf("t%02d", i)})
	}
	paths := []string{
		"/v1/chats?limit=50", "/v1/chats/" + ann.Thread("Adam"), "/v1/chats/team:all?limit=1", "/v1/agents/metadata", "/v1/agents/enabled",
		"/v1/agents/store", "/v1/teammates", "/v1/jobs", "/v1/jobs?limit=100", "/v1/pinboard", "/v1/files", "/v1/profile", "/v1/settings/mobile",
		"/v1/organization", "/v1/organization/members", "/v1/billing/plan", "/v1/billing/pricing", "/v1/auth/user/status",
	}
	cost := func() map[string][]string {
		per := map[string][]string{}
		for _, path := range paths {
			ann.Must(http.StatusOK, "GET", path, nil) // whoever is looked up once in a while is known now
			asked.take()
			ann.Must(http.StatusOK, "GET", path, nil)
			per[path] = asked.take()
		}
		return per
	}
	before := cost()
	a.Stop()
	grow(t, dir)
	a = start()
	ann = a.Login(ann.Email)
	if diff := cmp.Diff(before, cost()); diff != "" {
		t.Errorf("statements (-few rows +many):\n%s", diff)
	}
	var list []any
	ann.Must(http.StatusOK, "GET", "/v1/chats?limit=50", nil).Decode(&list)
	if n := len(before["/v1/chats?limit=50"]); len(list) != manyThreads || n == 0 || n > 6 {
		t.Errorf("%d threads with %d statements", len(list), n)
	}
	db := beside(t, dir, "busy_timeout(10000)")
	seen := map[string]bool{}
	for path, queries := range before {
		for _, q := range queries {
			if seen[q] {
				continue
			}
			seen[q] = true
			for _, step := range plan(t, db, q) {
				if strings.HasPrefix(step, "SCAN") && step != "SCAN unread" { // that is what the statement has found itself
					t.Errorf("%s: %s\n%s", path, step, q)
				}
			}
		}
	}
}

// beside opens the database of a folder next to the program.
func beside(t *testing.T, dir string, pragmas ...string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, store.FileName)+"?_pragma="+strings.Join(pragmas, "&_pragma="))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// grow adds 100,000 messages over all threads, and 2,000 jobs, posts and usage
// records, to a server that is stopped.
func grow(t *testing.T, dir string) {
	t.Helper()
	db := beside(t, dir, "journal_mode(OFF)", "synchronous(OFF)", "cache_size(-65536)")
	defer func() { _ = db.Close() }()
	const count = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) `
	for _, q := range []string{
		fmt.Sprintf(count, 100_000/manyThreads) + `INSERT INTO messages (thread_id, seq, id, organisation_id, user_id, role, content, created_at)
			SELECT t.id, 1000000 + n.i, substr(t.id, 1, 24) || printf('%012x', n.i), t.organisation_id, t.user_id, 'user', 'word ' || n.i, n.i FROM threads t, n`,
		fmt.Sprintf(count, 2000) + `INSERT INTO jobs (id, seq, user_id, organisation_id, tmate_key, lane, state, run_at, created_at, updated_at)
			SELECT printf('00000000-0000-4000-8000-%012x', n.i), 1000000 + n.i, m.user_id, m.organisation_id, 'adam', 'l' || n.i, 'succeeded', n.i, n.i, n.i FROM members m, n`,
		fmt.Sprintf(count, 2000) + `INSERT INTO posts (id, seq, organisation_id, user_id, slug, title, created_at, updated_at)
			SELECT printf('00000000-0000-4000-9000-%012x', n.i), 1000000 + n.i, m.organisation_id, m.user_id, 'p' || n.i, 'T', n.i, n.i FROM members m, n`,
		fmt.Sprintf(count, 2000) + `INSERT INTO usage (job_id, organisation_id, user_id, tmate_key, actions, prompt_tokens, completion_tokens, created_at)
			SELECT printf('00000000-0000-4000-8000-%012x', n.i), m.organisation_id, m.user_id, 'adam', 1, 1, 1, n.i FROM members m, n`,
	} {
		if _, err := db.ExecContext(context.Background(), q); err != nil {
			t.Fatal(err)
		}
	}
}

// plan returns how SQLite would run a statement, step by step.
func plan(t *testing.T, db *sql.DB, query string) (steps []string) {
	t.Helper()
	args := slices.Repeat([]any{nil}, strings.Count(query, "?"))
	rows, err := db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, detail)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}
