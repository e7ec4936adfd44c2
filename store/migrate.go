package store

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/pressly/goose/v3"

	"github.com/tmates/tmates/store/tmates"
)

// BackupFolder holds the snapshots, inside the data folder.
const BackupFolder = "backups"

// migrate brings the schema to the newest of the steps. An older
// database is copied into the backups first.
func migrate(ctx context.Context, db *DB, steps fs.FS, log *slog.Logger) error {
	p, err := goose.NewProvider(goose.DialectSQLite3, db.pool, steps, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	have, want, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	switch {
	case have > want:
		return newerSchema(db.dir, have, want)
	case have == want:
		return nil
	case have > 0:
		name, err := db.snapshot(ctx, have)
		if err != nil {
			return err
		}
		log.Info("database snapshot taken before the upgrade", "file", name, "schema", have, "upgrade_to", want)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("upgrade database from schema %d to %d: %w", have, want, err)
	}
	return nil
}

func snapshotName(schema int64, at string) string {
	return fmt.Sprintf("schema-%d-%s.db", schema, at)
}

// snapshot writes a complete, compact copy of the database into the backups,
// synced to disk, and returns its path.
func (db *DB) snapshot(ctx context.Context, schema int64) (string, error) {
	dir := filepath.Join(db.dir, BackupFolder)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("create backup folder: %w", err)
	}
	path := filepath.Join(dir, snapshotName(schema, db.Now().Format("20060102T150405.000000Z")))
	if _, err := db.pool.ExecContext(ctx, `VACUUM INTO ?`, path); err != nil {
		return "", fmt.Errorf("take snapshot before the upgrade: %w", err)
	}
	for _, name := range []string{path, dir} {
		if err := syncPath(name); err != nil {
			return "", fmt.Errorf("sync snapshot: %w", err)
		}
	}
	return path, nil
}

func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return f.Sync()
}

// newerSchema explains what to do with a database from the future: the newest
// snapshot this program can read is named, when there is one.
func newerSchema(dir string, have, want int64) error {
	back := ""
	for v := want; v > 0 && back == ""; v-- {
		// The names sort by time within one schema, so the last is the newest.
		if names, _ := filepath.Glob(filepath.Join(dir, BackupFolder, snapshotName(v, "*"))); len(names) > 0 {
			back = names[len(names)-1]
		}
	}
	path := filepath.Join(dir, FileName)
	advice := "install the newer tmates again"
	if back != "" {
		advice += fmt.Sprintf(", or go back to the snapshot taken before its upgrade (what was written since is left behind in %[1]s.newer):\n"+
			"  mv %[1]q %[1]q.newer && rm -f %[1]q-wal %[1]q-shm && cp %[2]q %[1]q", path, back)
	}
	return tmates.E(tmates.Conflict, "schema_newer", nil,
		"the database %s was written by a newer tmates (schema %d, this one knows %d): %s", path, have, want, advice)
}
