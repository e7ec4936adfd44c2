package store

import (
	"context"
	"errors"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// errProbe takes a probe's transaction back.
var errProbe = errors.New("only a probe")

// Writable returns why the database cannot be written now, or nil. While the
// last write went well it only takes the write lock and gives it back, so that
// asking an idle server touches no disk; after one that failed for the disk's
// sake it counts a number up, because a lock says nothing about the disk, and
// neither does a value written over itself. It waits its turn like every write, until ctx ends.
func (db *DB) Writable(ctx context.Context) error {
	doubt := db.ailing.Load()
	err := db.Write(ctx, func(ctx context.Context, tx *Tx) error {
		if !doubt {
			return errProbe
		}
		_, err := tx.exec(ctx, "probe the database",
			`INSERT INTO sequences (name, value) VALUES ('probe', 1) ON CONFLICT (name) DO UPDATE SET value = sequences.value + 1`)
		return err
	})
	if errors.Is(err, errProbe) {
		return nil
	}
	return err
}

// note remembers whether the disk takes writes. What a caller did wrong and a
// lock that was taken say nothing about that.
func (db *DB) note(err error) {
	if err == nil {
		db.ailing.Store(false)
		return
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		switch e.Code() & 0xff { // the primary code
		case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
			db.ailing.Store(true)
		}
	}
}
