package store_test

import (
	"cmp"
	"context"
	"database/sql"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// costly are the functions whose statements may read a whole table or index, or
// sort by themselves, and why that is no harm.
var costly = map[string]string{
	// At the start, or once a day.
	"ReadyJobs":       "once, reads what waits for a worker",
	"AdoptOrphans":    "once, reads what is not final",
	"UnparkJobs":      "once, reads what waits for its time",
	"FileOwners":      "once",
	"wordlessThreads": "once",
	"CountUsers":      "once",
	"Claimed":         "stops at the first account",
	"PruneSessions":   "once a day; an index would be written with each refresh",
	// For the operator or an admin.
	"UsersPage":         "looks for a part of the address",
	"EmployedKeys":      "when the catalog is looked at",
	"Audits":            "the whole log",
	"AllJobs":           "the newest, read off the index backwards",
	"FirstOrganisation": "a row for each workspace",
	"UsageSums":         "reads the period it sums, and sorts the sums",
	// What is sorted is as few as the person, the account or the limit has of it.
	"Hires":        "tmates of an organisation",
	"Identities":   "ways to log in of one person",
	"Membership":   "organisations of one person",
	"GroupThreads": "team chats of an organisation",
	"Memories":     "the newest, turned round",
	"FindMemories": "the best, put in order",
	"SearchPosts":  "numbers of those that say the words, put in order",
	"tail":         "threads of one person, with messages of the last half minute",
}

// TestPlans asks SQLite how it would run every statement of this room: none reads
// a whole table or index, and none sorts, but for those with a reason.
func TestPlans(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	statements, built := statementsOf(t)
	traced := map[string]bool{}
	db := open(t, store.Options{Dir: dir, Trace: func(query string) { traced[query] = true }})
	// Statements that are put together while the program runs.
	if diff := slices.Compare(built, []string{"dropWords", "dropThreadWords", "dropPostWords", "UsageSums"}); diff != 0 {
		t.Fatalf("functions that build their statements: %v; add a way to see the others'", built)
	}
	for _, by := range []tmates.UsageBy{tmates.ByTmate, tmates.ByModel, tmates.ByDay} {
		for _, user := range []string{"", "ada"} {
			err := db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				clear(traced)
				_, err := tx.UsageSums(ctx, "org", user, by, time.Time{}.AddDate(2000, 0, 0), 10)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			for query := range traced {
				if strings.HasPrefix(query, "SELECT") {
					statements[query] = "UsageSums"
				}
			}
		}
	}
	if len(statements) < 100 {
		t.Errorf("only %d statements were found", len(statements))
	}
	raw, err := sql.Open("sqlite", filepath.Join(dir, store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	used := map[string]bool{}
	for _, query := range slices.Sorted(maps.Keys(statements)) {
		where := statements[query]
		for _, step := range planOf(t, raw, query) {
			if !strings.HasPrefix(step, "SCAN") && !strings.Contains(step, "TEMP B-TREE") || harmless(step) {
				continue
			}
			if used[where] = true; costly[where] == "" {
				t.Errorf("%s: %s\n\t%s", where, step, strings.Join(strings.Fields(query), " "))
			}
		}
	}
	for where := range costly {
		if !used[where] {
			t.Errorf("%s costs nothing: take it off the list", where)
		}
	}
}

// TestUnreadPlan sees that counting what is unread reads an index and no message.
func TestUnreadPlan(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var counted []string
	db := open(t, store.Options{Dir: dir, Trace: func(query string) {
		if strings.Contains(query, "SELECT COUNT(*)") {
			counted = append(counted, query)
		}
	}})
	err := db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.Threads(ctx, "o", "u", 1); err != nil {
			return err
		}
		return tx.CountUnread(ctx, &tmates.Thread{ID: "t", UserID: "u", LastSeq: 1})
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(counted) != 2 {
		t.Fatalf("%d statements count: %q", len(counted), counted)
	}
	raw, err := sql.Open("sqlite", filepath.Join(dir, store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	for _, query := range counted {
		plan := strings.Join(planOf(t, raw, query), "; ")
		if !strings.Contains(plan, "COVERING INDEX messages_news (user_id=? AND thread_id=? AND news_seq>?)") {
			t.Errorf("plan: %s", plan)
		}
	}
}

// harmless reports whether a step reads no table: a row of constants, or what the
// statement itself has found already.
func harmless(step string) bool {
	return strings.HasPrefix(step, "SCAN CONSTANT ROW") || strings.HasPrefix(step, "SCAN (subquery") || step == "SCAN unread" ||
		strings.Contains(step, "VIRTUAL TABLE") // has a plan of its own; every search names words
}

// planOf returns how SQLite runs a statement.
func planOf(t *testing.T, raw *sql.DB, query string) (steps []string) {
	t.Helper()
	rows, err := raw.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, make([]any, strings.Count(query, "?"))...)
	if err != nil {
		t.Fatalf("%v\n\t%s", err, query)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}

// statementsOf finds the statements in the source of this room: their texts with
// the function, and the functions that put theirs together from variables.
func statementsOf(t *testing.T) (statements map[string]string, built []string) {
	t.Helper()
	set := token.NewFileSet()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") || name == "lock_windows.go" {
			continue
		}
		f, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	// Only this room's constants are needed: what is imported may stay unknown.
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	conf := types.Config{Importer: nothing{}, Error: func(error) {}, FakeImportC: true}
	room, _ := conf.Check("store", set, files, info)
	statements = map[string]string{}
	for _, name := range room.Scope().Names() {
		c, ok := room.Scope().Lookup(name).(*types.Const)
		switch {
		case !ok:
		case strings.HasPrefix(name, "wordsOf"):
			which := constant.StringVal(c.Val())
			statements[`DELETE FROM memory_words WHERE rowid IN (SELECT seq FROM memories WHERE `+which+`)`] = "dropWords"
			if name != "wordsOfMemory" && name != "wordsOfTmate" { // those are of memories alone
				statements[`DELETE FROM message_words WHERE rowid IN (SELECT seq FROM messages WHERE `+which+`)`] = "dropThreadWords"
			}
		case strings.HasPrefix(name, "postWordsOf"):
			statements[`DELETE FROM post_words WHERE rowid IN (SELECT seq FROM posts WHERE `+constant.StringVal(c.Val())+`)`] = "dropPostWords"
		}
	}
	for _, f := range files {
		for _, decl := range f.Decls {
			where := os.DevNull
			if fn, ok := decl.(*ast.FuncDecl); ok {
				where = fn.Name.Name
			}
			ast.Inspect(decl, func(n ast.Node) bool {
				e, ok := n.(ast.Expr)
				if !ok {
					return true
				}
				if v := info.Types[e].Value; v != nil && v.Kind() == constant.String {
					if text := constant.StringVal(v); isStatement(text) {
						// A constant that is part of a longer one is seen with that.
						statements[text] = cmp.Or(strings.TrimPrefix(where, os.DevNull), statements[text], "a constant")
					}
					return false
				}
				if b, ok := e.(*ast.BinaryExpr); ok && b.Op == token.ADD && isStatement(leftmost(info, b)+" ") {
					built = append(built, where)
					return false
				}
				return true
			})
		}
	}
	return statements, built
}

// leftmost is the constant with which a sum of texts begins.
func leftmost(info *types.Info, b *ast.BinaryExpr) string {
	if v := info.Types[b.X].Value; v != nil && v.Kind() == constant.String {
		return constant.StringVal(v)
	}
	if x, ok := b.X.(*ast.BinaryExpr); ok {
		return leftmost(info, x)
	}
	return ""
}

func isStatement(text string) bool {
	word, _, more := strings.Cut(strings.TrimLeft(text, " \n\t"), " ")
	return more && slices.Contains([]string{"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}, word)
}

// nothing imports no package.
type nothing struct{}

func (nothing) Import(path string) (*types.Package, error) {
	if path == "fmt" || path == "context" {
		return importer.Default().Import(path)
	}
	return types.NewPackage(path, filepath.Base(path)), nil
}
