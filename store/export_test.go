package store

import (
	"context"
	"database/sql"
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
