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

	"github.com/tmates/tmates/migrations"
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
	return &DB{pool: w, dir: dir, now: func() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }}
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
	if _, err := db.pool.ExecContext(ctx, `INSERT INTO a (v) VALUES ('kept')`); err != nil {
		t.Fatal(err)
	}
	if err := migrate(ctx, db, both(firstStep, secondStep), log); err != nil {
		t.Fatal(err)
	}
	if v, w := row(ctx, t, db.pool, `SELECT v, w FROM a`); v != "kept" || w != "new" {
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
	if err := db.pool.QueryRowContext(ctx, `SELECT COUNT(*) FROM pragma_table_info('a')`).Scan(&columns); err != nil || columns != 1 {
		t.Errorf("the table has %d columns, %v", columns, err)
	}
	db.now = func() time.Time { return time.Date(2026, 11, 22, 12, 0, 1, 0, time.UTC) } // a snapshot is never overwritten
	if err := migrate(ctx, db, both(firstStep, secondStep), log); err != nil {
		t.Errorf("the mended migration: %v", err)
	}
}

// TestBillingUpgrade brings a database of the first schema to today's: its
// organisation is still the instance's, without a subscription so far.
func TestBillingUpgrade(t *testing.T) {
	t.Parallel()
	ctx, log := t.Context(), slog.New(slog.DiscardHandler)
	const name = "00001_init.sql"
	first, err := migrations.FS.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	old := bare(t, dir)
	if err := migrate(ctx, old, fstest.MapFS{name: {Data: first}}, log); err != nil {
		t.Fatal(err)
	}
	for _, insert := range []string{
		`INSERT INTO organisations (id, name, type, created_at) VALUES ('org', 'Shop', 'personal', 1)`,
		`INSERT INTO usage (job_id, organisation_id, user_id, tmate_key, actions, prompt_tokens, completion_tokens, created_at)
		 VALUES ('j', 'org', 'ada', 'adam', 1, 2, 3, 1000000)`,
	} {
		if _, err := old.pool.ExecContext(ctx, insert); err != nil {
			t.Fatal(err)
		}
	}
	if err := old.pool.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := Open(ctx, Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	err = db.Read(ctx, func(ctx context.Context, tx *Tx) error {
		org, found, err := tx.FirstOrganisation(ctx)
		if err != nil || !found || org.ID != "org" || org.Own {
			t.Errorf("organisation %+v, %v, %v", org, found, err)
		}
		if s, found, err := tx.Subscription(ctx, "org"); err != nil || found {
			t.Errorf("subscription %+v, %v", s, err)
		}
		used, err := tx.Consumed(ctx, "org", time.Unix(1, 0), time.Unix(2, 0))
		if err != nil || used.Actions != 1 || used.Tokens != 5 {
			t.Errorf("used %+v, %v", used, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func row(ctx context.Context, t *testing.T, db *sql.DB, query string) (a, b string) {
	t.Helper()
	if err := db.QueryRowContext(ctx, query).Scan(&a, &b); err != nil {
		t.Fatal(err)
	}
	return a, b
}
