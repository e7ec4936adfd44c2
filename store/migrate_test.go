package store

import (
	"context"
	"database/sql"
	"log/slog"
	"maps"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"
)

// steps are migrations of a made-up product.
var (
	firstStep  = fstest.MapFS{"00001_a.sql": {Data: []byte("-- +goose Up\nCREATE TABLE a (v TEXT);\n")}}
	secondStep = fstest.MapFS{"00002_b.sql": {Data: []byte("-- +goose Up\nALTER TABLE a ADD COLUMN w TEXT NOT NULL DEFAULT 'new';\n")}}
	brokenStep = fstest.MapFS{"00002_b.sql": {Data: []byte("-- +goose Up\nALTER TABLE a ADD COLUMN w TEXT;\nSELECT nonsense FROM nowhere;\n")}}
)

func both(a, b fstest.MapFS) fstest.MapFS {
	sum := maps.Clone(a)
	maps.Copy(sum, b)
	return sum
}

// bare opens a database that has no schema yet.
func bare(t *testing.T, dir string) *DB {
	t.Helper()
	w, err := sql.Open("sqlite", dsn(filepath.Join(dir, FileName)))
	if err != nil {
		t.Fatal(err)
	}
	w.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = w.Close() })
	return &DB{w: w, dir: dir, now: func() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }}
}

func snapshots(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, BackupFolder, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestUpgradeTakesASnapshotFirst(t *testing.T) {
	t.Parallel()
	ctx, dir, log := t.Context(), t.TempDir(), slog.New(slog.DiscardHandler)
	db := bare(t, dir)
	if err := migrate(ctx, db, firstStep, log); err != nil {
		t.Fatal(err)
	}
	if got := snapshots(t, dir); len(got) != 0 {
		t.Fatalf("a fresh database has the snapshots %v", got)
	}
	if _, err := db.w.ExecContext(ctx, `INSERT INTO a (v) VALUES ('kept')`); err != nil {
		t.Fatal(err)
	}
	if err := migrate(ctx, db, both(firstStep, secondStep), log); err != nil {
		t.Fatal(err)
	}
	if v, w := row(ctx, t, db.w, `SELECT v, w FROM a`); v != "kept" || w != "new" {
		t.Errorf("after the upgrade: %q, %q", v, w)
	}
	taken := snapshots(t, dir)
	if len(taken) != 1 || filepath.Base(taken[0]) != "schema-1-20261122T120000.000000Z.db" {
		t.Fatalf("snapshots: %v", taken)
	}
	old, err := sql.Open("sqlite", taken[0])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = old.Close() }()
	if v, ok := row(ctx, t, old, `SELECT v, (SELECT integrity_check FROM pragma_integrity_check) FROM a`); v != "kept" || ok != "ok" {
		t.Errorf("the snapshot holds %q and is %q", v, ok)
	}
	// Up to date: nothing happens.
	if err := migrate(ctx, db, both(firstStep, secondStep), log); err != nil || len(snapshots(t, dir)) != 1 {
		t.Errorf("a second run: %v, %v", err, snapshots(t, dir))
	}
}

func TestFailedUpgradeChangesNothing(t *testing.T) {
	t.Parallel()
	ctx, dir, log := t.Context(), t.TempDir(), slog.New(slog.DiscardHandler)
	db := bare(t, dir)
	if err := migrate(ctx, db, firstStep, log); err != nil {
		t.Fatal(err)
	}
	if err := migrate(ctx, db, both(firstStep, brokenStep), log); err == nil {
		t.Fatal("a broken migration passed")
	}
	var columns int
	if err := db.w.QueryRowContext(ctx, `SELECT COUNT(*) FROM pragma_table_info('a')`).Scan(&columns); err != nil || columns != 1 {
		t.Errorf("the table has %d columns, %v", columns, err)
	}
	db.now = func() time.Time { return time.Date(2026, 11, 22, 12, 0, 1, 0, time.UTC) } // a snapshot is never overwritten
	if err := migrate(ctx, db, both(firstStep, secondStep), log); err != nil {
		t.Errorf("the mended migration: %v", err)
	}
}

func row(ctx context.Context, t *testing.T, db *sql.DB, query string) (a, b string) {
	t.Helper()
	if err := db.QueryRowContext(ctx, query).Scan(&a, &b); err != nil {
		t.Fatal(err)
	}
	return a, b
}
