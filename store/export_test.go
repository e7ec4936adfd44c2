package store

import "context"

// Pragma reads a pragma of the writing connection.
func Pragma(ctx context.Context, db *DB, name string) (v string, err error) {
	err = db.w.QueryRowContext(ctx, "PRAGMA "+name).Scan(&v)
	return v, err
}
