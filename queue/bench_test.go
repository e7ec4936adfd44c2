package queue_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tmates/tmates/queue"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// BenchmarkQueue stores jobs that do nothing, eight at a time, and runs them: the
// time is that of a job from end to end, at synchronous=FULL.
func BenchmarkQueue(b *testing.B) {
	for _, workers := range []int{4, 32} {
		b.Run(fmt.Sprint(workers), func(b *testing.B) { benchmarkQueue(b, workers) })
	}
}

func benchmarkQueue(b *testing.B, workers int) {
	var commits atomic.Int64
	db, err := store.Open(b.Context(), store.Options{Dir: b.TempDir(), Trace: func(query string) {
		if query == "COMMIT" {
			commits.Add(1)
		}
	}})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	const users = 8
	for n := range users {
		err := db.Write(b.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.AddUser(ctx, tmates.User{ID: fmt.Sprint(n), Email: fmt.Sprint(n, "@example.com")})
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	var ran sync.WaitGroup
	ran.Add(b.N)
	s := shelf{db}
	var w *queue.Workers
	w = queue.New(queue.Options{Storage: s, Workers: workers, PerUser: workers, Handle: func(ctx context.Context, j tmates.Job) error {
		defer ran.Done()
		return s.finish(ctx, w, j)
	}})
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	commits.Store(0)
	b.ResetTimer()
	begun := time.Now()
	var all sync.WaitGroup
	for n := range users {
		all.Go(func() {
			for i := n; i < b.N; i += users {
				err := db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
					_, err := tx.AddJob(ctx, tmates.Job{ID: fmt.Sprint(i), UserID: fmt.Sprint(n), TmateKey: "adam", Background: true})
					return err
				})
				if err != nil {
					b.Error(err)
					ran.Done()
					continue
				}
				w.Ready(fmt.Sprint(n), true)
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64(b.N)/time.Since(begun).Seconds(), "stored/s")
	ran.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "run/s")
	b.ReportMetric(float64(commits.Load())/float64(b.N), "commits/job")
	stop()
	if err := <-ended; err != nil {
		b.Error(err)
	}
}
