package store

import (
	"context"
	"database/sql"
	"os"
	"time"
)

// Pragma reads a pragma of the writing connection.
func Pragma(ctx context.Context, db *DB, name string) (v string, err error) {
	err = db.w.QueryRowContext(ctx, "PRAGMA "+name).Scan(&v)
	return v, err
}

// ConsumedPlan tells how the database would answer [Tx.Consumed], as SQLite
// words it.
func ConsumedPlan(ctx context.Context, db *DB) (detail string, err error) {
	var id, parent, unused sql.NullInt64
	err = db.w.QueryRowContext(ctx, "EXPLAIN QUERY PLAN "+consumedQuery, "org", micros(time.Unix(1, 0)), micros(time.Unix(2, 0))).
		Scan(&id, &parent, &unused, &detail)
	return detail, err
}

// Waiting is how many writes wait for their turn.
func Waiting(db *DB) int { return int(db.waiting.Load()) }

// SetMaxLog sets from which size the write-ahead log is emptied, in bytes.
func SetMaxLog(db *DB, bytes int64) { db.maxLog, db.logBound = bytes, bytes }

// LogSize returns the size of the write-ahead log, in bytes.
func LogSize(db *DB) (int64, error) {
	info, err := os.Stat(db.logPath())
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
