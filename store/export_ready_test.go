package store

import "context"

// SetPragma changes the writing connection.
func SetPragma(ctx context.Context, db *DB, name, value string) error {
	_, err := db.w.ExecContext(ctx, "PRAGMA "+name+" = "+value)
	return err
}

// Fill writes more than fits.
func Fill(ctx context.Context, db *DB) error {
	return db.Write(ctx, FillIn)
}

// FillIn is Fill inside a transaction.
func FillIn(ctx context.Context, tx *Tx) error {
	_, err := tx.exec(ctx, "fill the disk", `CREATE TABLE filler AS SELECT hex(zeroblob(1000000)) AS x`)
	return err
}
