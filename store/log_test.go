package store_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// Readers that always overlap leave SQLite no moment to begin its log anew. It is
// bounded all the same, and nobody's read or write fails for it.
func TestTheLogIsBounded(t *testing.T) {
	t.Parallel()
	const limit, writes = 1 << 20, 3000
	db := open(t, store.Options{Synchronous: "normal"})
	store.SetMaxLog(db, limit)
	err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		return tx.AddOrganisation(ctx, tmates.Organisation{ID: "org", CreatedAt: tx.Now})
	})
	if err != nil {
		t.Fatal(err)
	}
	var done atomic.Bool
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for !done.Load() {
				err := db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
					_, err := tx.Posts(ctx, "org", tmates.Post{}, 40)
					return err
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	var largest int64
	for range writes {
		err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.AddPost(ctx, tmates.Post{
				ID: tx.NewID(), Slug: tx.NewID(), OrganisationID: "org", UserID: "ada", Priority: "normal", Content: strings.Repeat("x", 4000),
			})
			return err
		})
		size, errSize := store.LogSize(db)
		if err := errors.Join(err, errSize); err != nil {
			t.Fatal(err)
		}
		largest = max(largest, size)
	}
	done.Store(true)
	readers.Wait()
	if largest > 24*limit { // some commits pass before it is seen; without a bound it takes 90 MiB
		t.Errorf("the log took %d KiB", largest>>10)
	}
	t.Logf("at most %d KiB", largest>>10)
}
