package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

func testFiles(t *testing.T, open Open) {
	w := newWorld(t, open)
	at := w.clock.now()
	file := func(path string, age time.Duration, size int64, job string) tmates.File {
		return tmates.File{Path: path, Name: "name of " + path, MediaType: "text/plain", Size: size, JobID: job, Modified: at.Add(-age)}
	}
	older, b, a, written := file("older", time.Hour, 1, ""), file("b", 0, 20, ""), file("a", 0, 300, ""), file("sub/written", time.Minute, 4000, "job")
	w.write(func(ctx context.Context, tx *store.Tx) error {
		for _, f := range []tmates.File{older, b, file("a", time.Hour, 7, "other"), a, written} { // the second "a" replaces the first
			if err := tx.PutFile(ctx, "ada", f); err != nil {
				return err
			}
		}
		return tx.PutFile(ctx, "bob", file("a", 0, 50_000, "job"))
	})
	expect := func(want ...tmates.File) {
		t.Helper()
		w.read(func(ctx context.Context, tx *store.Tx) error {
			all, err := tx.Files(ctx, "ada", 10)
			if diff := cmp.Diff(want, all); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
			if err != nil {
				return err
			}
			var sum int64
			for _, f := range want {
				sum += f.Size
			}
			count, size, err := tx.FileTotals(ctx, "ada")
			if count != len(want) || size != sum {
				t.Errorf("totals %d and %d", count, size)
			}
			return err
		})
	}
	expect(a, b, written, older)
	w.read(func(ctx context.Context, tx *store.Tx) error {
		few, err := tx.Files(ctx, "ada", 1)
		if err != nil || len(few) != 1 || few[0] != a {
			t.Errorf("newest: %v, %v", few, err)
		}
		of, err := tx.FilesOfJob(ctx, "ada", "job")
		if err != nil || len(of) != 1 || of[0] != written {
			t.Errorf("of the job: %v, %v", of, err)
		}
		if f, found, err := tx.File(ctx, "ada", "b"); err != nil || !found || f != b {
			t.Errorf("one: %v, %t, %v", f, found, err)
		}
		_, found, err := tx.File(ctx, "bob", "b")
		if found {
			t.Error("Bob sees a file of Ada's")
		}
		return err
	})
	w.write(func(ctx context.Context, tx *store.Tx) error { return tx.RemoveFile(ctx, "ada", "a") })
	expect(b, written, older)
	w.write(func(ctx context.Context, tx *store.Tx) error { return tx.RemoveFiles(ctx, "ada") })
	expect()
	w.read(func(ctx context.Context, tx *store.Tx) error {
		owners, err := tx.FileOwners(ctx)
		if diff := cmp.Diff([]string{"bob"}, owners); diff != "" {
			t.Errorf("owners:\n%s", diff)
		}
		return err
	})
}
