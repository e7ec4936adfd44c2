package store

import (
	"fmt"
	"strings"
	"testing"
)

// TestFileQueriesSearch holds that what a request asks of the index of files
// reads the person's part of it only, in order.
func TestFileQueriesSearch(t *testing.T) {
	t.Parallel()
	db, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for query, want := range map[string]string{
		newestFiles: "SEARCH files USING INDEX files_newest (user_id=?)",
		totalFiles:  "SEARCH files USING COVERING INDEX files_newest (user_id=?)",
		oneFile:     "SEARCH files USING INDEX sqlite_autoindex_files_1 (user_id=? AND path=?)",
		filesOfJob:  "SEARCH files USING INDEX files_job (user_id=? AND job_id=?)",
	} {
		args := make([]any, strings.Count(query, "?"))
		for i := range args {
			args[i] = "1"
		}
		steps := plan(t, db, query, args)
		if len(steps) == 0 || steps[0] != want {
			t.Errorf("%s\nplan %q, want %q", query, steps, want)
		}
		if plan := fmt.Sprint(steps); strings.Contains(plan, "SCAN") || query == newestFiles && strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%s\nplan %q", query, steps)
		}
	}
}

// plan returns how SQLite would run a statement, step by step.
func plan(t *testing.T, db *DB, query string, args []any) (steps []string) {
	t.Helper()
	rows, err := db.w.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatal(err)
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
