package store

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"errors"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/migrations"
)

var update = flag.Bool("update", false, "make the fresh database anew from the migrations")

// TestFreshDatabase: what a fresh folder gets is what the migrations make.
func TestFreshDatabase(t *testing.T) {
	stepped := bare(t, t.TempDir())
	if err := migrate(t.Context(), stepped, migrations.FS, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if *update {
		writeFresh(t, stepped)
	}
	given := bare(t, t.TempDir())
	if err := provide(filepath.Join(given.dir, FileName)); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{
		`SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema ORDER BY name)`,
		`SELECT group_concat(version_id || ' ' || is_applied) FROM (SELECT * FROM goose_db_version ORDER BY version_id)`,
		`SELECT group_concat(name || ' ' || value) FROM (SELECT * FROM sequences ORDER BY name)`,
		`PRAGMA integrity_check`, `PRAGMA journal_mode`, `PRAGMA page_size`, `PRAGMA encoding`, `PRAGMA auto_vacuum`,
	} {
		var got, want string
		if err := errors.Join(given.pool.QueryRowContext(t.Context(), query).Scan(&got), stepped.pool.QueryRowContext(t.Context(), query).Scan(&want)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-migrations +fresh.db.gz): a migration was added? make it anew: go test ./store -run %s -update\n%s", query, t.Name(), diff)
		}
	}
	for table, want := range rows(t, stepped.pool) {
		if got := rows(t, given.pool)[table]; got != want {
			t.Errorf("%s has %d rows, want %d", table, got, want)
		}
	}
}

// rows counts the rows of every table.
func rows(t *testing.T, db *sql.DB) map[string]int {
	t.Helper()
	var names []string
	found, err := db.QueryContext(t.Context(), `SELECT name FROM sqlite_schema WHERE type = 'table'`)
	if err != nil {
		t.Fatal(err)
	}
	for found.Next() {
		var name string
		if err := found.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := errors.Join(found.Err(), found.Close()); err != nil { //nolint:sqlclosecheck // before the next query
		t.Fatal(err)
	}
	all := map[string]int{}
	for _, name := range names {
		var n int
		if err := db.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM "`+name+`"`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		all[name] = n
	}
	return all
}

// writeFresh packs the database of the migrations.
func writeFresh(t *testing.T, db *DB) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fresh.db")
	if _, err := db.pool.ExecContext(t.Context(), `VACUUM INTO ?`, path); err != nil {
		t.Fatal(err)
	}
	copied, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = copied.ExecContext(t.Context(), `PRAGMA journal_mode = WAL`) // stands in the file
	if err = errors.Join(err, copied.Close()); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Write(content)
	if err = errors.Join(err, w.Close(), os.WriteFile("fresh.db.gz", packed.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	freshDatabase = packed.Bytes()
}

// TestLeftovers: where something is left of an earlier database the migrations
// make the new one, and what is left does not get into it.
func TestLeftovers(t *testing.T) {
	t.Parallel()
	for _, left := range []string{"", "-wal", "-journal"} {
		dir := t.TempDir()
		path := filepath.Join(dir, FileName)
		if err := os.WriteFile(path+left, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := provide(path); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err == nil && info.Size() > 0 {
			t.Errorf("beside an old %q there is a database of %d bytes", left, info.Size())
		}
		db, err := Open(t.Context(), Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		err = db.Write(t.Context(), func(ctx context.Context, tx *Tx) error { _, err := tx.CountUsers(ctx); return err })
		if err = errors.Join(err, db.Close()); err != nil {
			t.Error(err)
		}
	}
}
