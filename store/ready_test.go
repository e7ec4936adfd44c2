package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tmates/tmates/store"
)

// written reports whether do wrote to the database's files.
func written(t *testing.T, dir string, do func()) bool {
	t.Helper()
	var before, after [2]os.FileInfo
	look := func(all *[2]os.FileInfo) {
		for i, name := range []string{store.FileName, store.FileName + "-wal"} {
			var err error
			if all[i], err = os.Stat(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	look(&before)
	do()
	look(&after)
	for i := range before {
		if !after[i].ModTime().Equal(before[i].ModTime()) || after[i].Size() != before[i].Size() {
			return true
		}
	}
	return false
}

// Asking whether the database can be written writes nothing, unless the last
// write failed for want of room: then only a write can tell.
func TestWritable(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := open(t, store.Options{Dir: dir})
	ask := func() {
		if err := db.Writable(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if written(t, dir, ask) {
		t.Error("asking wrote to the disk")
	}
	pages, err := store.Pragma(t.Context(), db, "page_count")
	if err != nil {
		t.Fatal(err)
	}
	if err := store.SetPragma(t.Context(), db, "max_page_count", pages); err != nil {
		t.Fatal(err)
	}
	if err := store.Fill(t.Context(), db); err == nil {
		t.Fatal("the disk is not full")
	}
	if !written(t, dir, ask) {
		t.Error("after a full disk nothing was tried")
	}
	if written(t, dir, ask) {
		t.Error("asking again wrote to the disk")
	}
	if err := store.SetPragma(t.Context(), db, "query_only", "1"); err != nil {
		t.Fatal(err)
	}
	if err := db.Writable(t.Context()); err == nil {
		t.Error("writable, but no statement may write")
	}
}

// Whoever waits for the writer too long is told so.
func TestWritableWaitsItsTurn(t *testing.T) {
	t.Parallel()
	db := open(t, store.Options{})
	err := db.Write(t.Context(), func(context.Context, *store.Tx) error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if err := db.Writable(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("behind another write: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
