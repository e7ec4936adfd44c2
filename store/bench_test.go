package store_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// BenchmarkWrite keeps messages, by how many writers there are at a time.
func BenchmarkWrite(b *testing.B) {
	for _, writers := range []int{1, 8, 32, 64} {
		b.Run(fmt.Sprint(writers), func(b *testing.B) {
			db, err := store.Open(b.Context(), store.Options{Dir: b.TempDir()})
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			err = db.Write(b.Context(), func(ctx context.Context, tx *store.Tx) error {
				if _, err := tx.AddUser(ctx, tmates.User{ID: "ada", Email: "ada@example.com"}); err != nil {
					return err
				}
				if err := tx.AddOrganisation(ctx, tmates.Organisation{ID: "org", CreatedAt: tx.Now}); err != nil {
					return err
				}
				return tx.AddThread(ctx, tmates.Thread{ID: "thread", OrganisationID: "org", UserID: "ada", Slug: "s", LastActivity: tx.Now})
			})
			if err != nil {
				b.Fatal(err)
			}
			work := make(chan struct{}, b.N)
			for range b.N {
				work <- struct{}{}
			}
			close(work)
			done := make(chan error, writers)
			b.ResetTimer()
			for range writers {
				go func() {
					for range work {
						err := db.Write(b.Context(), func(ctx context.Context, tx *store.Tx) error {
							_, err := tx.AddMessage(ctx, tmates.Message{
								ID: tx.NewID(), ThreadID: "thread", OrganisationID: "org", UserID: "ada", Role: tmates.MessageUser, Content: "two hundred bytes of text, more or less",
							})
							return err
						})
						if err != nil {
							done <- err
							return
						}
					}
					done <- nil
				}()
			}
			for range writers {
				if err := <-done; err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
		})
	}
}
