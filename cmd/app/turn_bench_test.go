package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/tmates/tmates/cmd/config"
	"github.com/tmates/tmates/server/identity"
	"github.com/tmates/tmates/server/team"
	"github.com/tmates/tmates/store"
)

// BenchmarkTurn measures a whole turn, from the message to the kept reply, without
// HTTP, by how many people write at a time.
func BenchmarkTurn(b *testing.B) {
	for _, people := range []int{1, 32} {
		for _, batch := range []int{1, 128} {
			b.Run(fmt.Sprintf("people=%d/batch=%d", people, batch), func(b *testing.B) { benchmarkTurn(b, people, batch) })
		}
	}
}

func benchmarkTurn(b *testing.B, people, batch int) {
	cfg, err := config.Load(config.LoadOptions{Environ: []string{
		"TMATES_DATA=" + b.TempDir(), "TMATES_CHAT_MESSAGES_PER_MINUTE=0", "TMATES_QUEUE_WORKERS=32", fmt.Sprint("TMATES_STORE_BATCH=", batch),
	}})
	if err != nil {
		b.Fatal(err)
	}
	folder := filepath.Join(cfg.Data, "tmates", "echo")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		b.Fatal(err)
	}
	for name, text := range map[string]string{"manifest.yaml": "schema: tmates/v1\nname: Echo\n", "rules.yaml": "otherwise: {say: Done.}\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	lock, _, err := store.AcquireLock(cfg.Data)
	if err != nil {
		b.Fatal(err)
	}
	r, err := open(b.Context(), Options{Config: cfg}, lock, "http://127.0.0.1")
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.workers.Run(ctx) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			b.Error(err)
		}
		if err := r.close(); err != nil {
			b.Error(err)
		}
		_ = lock.Release()
	}()
	work := make(chan struct{}, b.N)
	for range b.N {
		work <- struct{}{}
	}
	close(work)
	var all sync.WaitGroup
	var ready []func()
	for n := range people {
		u, err := r.identity.AddUser(ctx, identity.NewUser{Email: fmt.Sprintf("person%d@example.com", n)})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := r.team.Hire(ctx, u.ID, "echo"); n == 0 && err != nil {
			b.Fatal(err)
		}
		th, err := r.team.ResolveThread(ctx, u.ID, "agent:echo")
		if err != nil {
			b.Fatal(err)
		}
		ready = append(ready, func() {
			w := r.hub.Watch(u.ID, th.ID)
			defer w.Close()
			for range work {
				if _, err := r.team.Say(ctx, u.ID, th.ID, team.Words{Text: "two hundred bytes of text, more or less"}); err != nil {
					b.Error(err)
					return
				}
				for busy := true; busy; {
					<-w.C
					if busy, err = r.team.Waiting(ctx, u.ID, th.ID); err != nil {
						b.Error(err)
						return
					}
				}
			}
		})
	}
	b.ResetTimer()
	for _, run := range ready {
		all.Go(run)
	}
	all.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "turns/s")
}
