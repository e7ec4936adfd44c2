package app

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/server/identity"
	"github.com/tmates/tmates/server/team"
	"github.com/tmates/tmates/store"
)

// counted is a model that counts how often it is asked.
type counted struct{ asked atomic.Int32 }

func (c *counted) Think(context.Context, agents.Turn) iter.Seq2[agents.Part, error] {
	return func(yield func(agents.Part, error) bool) {
		c.asked.Add(1)
		yield(agents.Part{Text: "Hello."}, nil)
	}
}

// TestAnIdleDay: with a model connected, tmates hired and conversations behind
// it, a server on which nobody does anything asks no model and writes nothing
// for a whole day. (The watch on the folder of tmates only reads, and has tests
// of its own: inotify knows no virtual time.)
func TestAnIdleDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		model := &counted{}
		r := openRooms(t, model)
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan error, 2)
		if err := r.workers.Adopt(ctx); err != nil {
			t.Fatal(err)
		}
		go func() { ended <- r.workers.Run(ctx) }()
		go func() { ended <- r.identity.Run(ctx) }()

		u, err := r.identity.AddUser(ctx, identity.NewUser{Email: "ada@example.com"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.team.Hire(ctx, u.ID, "nora"); err != nil {
			t.Fatal(err)
		}
		for _, thread := range []string{"agent:adam", "agent:nora", "team:all"} {
			if _, err := r.team.Say(ctx, u.ID, thread, team.Words{Text: "hello"}); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Minute) // everybody has answered
		synctest.Wait()
		if n := model.asked.Load(); n != 3 {
			t.Fatalf("the model was asked %d times for three messages", n)
		}
		before := database(t, r.cfg.Data)
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		if n := model.asked.Load(); n != 3 {
			t.Errorf("the model was asked %d times more", n-3)
		}
		for name, content := range database(t, r.cfg.Data) {
			if !bytes.Equal(before[name], content) {
				t.Errorf("%s was written", name)
			}
		}
		stop()
		if err := errors.Join(<-ended, <-ended); err != nil {
			t.Error(err)
		}
	})
}

// database reads the database with its log.
func database(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for _, name := range []string{store.FileName, store.FileName + "-wal"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		all[name] = data
	}
	return all
}
