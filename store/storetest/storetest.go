// Package storetest is the suite every database behind package store must pass:
// what the rest of the product relies on, said once.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// Open returns a fresh, empty database that the test closes.
type Open func(t *testing.T, o store.Options) *store.DB

// Run runs the suite.
func Run(t *testing.T, open Open) {
	t.Run("events leave after the commit, in order, and never after a rollback", func(t *testing.T) { testEvents(t, open) })
	t.Run("a write inside a write is a bug", func(t *testing.T) { testNested(t, open) })
	t.Run("a panic gives the writer back", func(t *testing.T) { testPanic(t, open) })
	t.Run("readers cannot write", func(t *testing.T) { testReadOnly(t, open) })
	t.Run("messages are numbered, shown on their thread and scoped by owner", func(t *testing.T) { testMessages(t, open) })
	t.Run("the summary that covers most wins, and goes with its thread", func(t *testing.T) { testSummaries(t, open) })
	t.Run("what is read at once is bounded by all it holds", func(t *testing.T) { testWeight(t, open) })
	t.Run("a job has one visible outcome", func(t *testing.T) { testOutcome(t, open) })
	t.Run("facts are found by word, in one session of one tmate and person", func(t *testing.T) { testFinding(t, open) })
	t.Run("facts are listed newest first, over sessions", func(t *testing.T) { testMemoryPages(t, open) })
	t.Run("a fact is changed and forgotten by its owner only", func(t *testing.T) { testMemoryChanges(t, open) })
	t.Run("permissions are kept by organisation and tmate", func(t *testing.T) { testPermissions(t, open) })
	t.Run("clearing a thread forgets everything, deleting it too", func(t *testing.T) { testClear(t, open) })
	t.Run("one job of a lane at a time and in order", func(t *testing.T) { testLane(t, open) })
	t.Run("a job whose tmate is chosen late keeps its place", func(t *testing.T) { testDecide(t, open) })
	t.Run("a child is run by its parent only", func(t *testing.T) { testChildren(t, open) })
	t.Run("a job that is added running", func(t *testing.T) { testAddRunning(t, open) })
	t.Run("work in the background", func(t *testing.T) { testBackground(t, open) })
	t.Run("a lease that is lost settles nothing", func(t *testing.T) { testLease(t, open) })
	t.Run("retries wait for their time, orphans do not", func(t *testing.T) { testRetry(t, open) })
	t.Run("a clock that is set back stops no job", func(t *testing.T) { testClock(t, open) })
	t.Run("hires keep the order of the first hiring", func(t *testing.T) { testHires(t, open) })
	t.Run("settings have defaults", func(t *testing.T) { testSettings(t, open) })
	t.Run("a slug is taken once", func(t *testing.T) { testPosts(t, open) })
	t.Run("accounts are paged, newest first, and moved as a whole", func(t *testing.T) { testAccounts(t, open) })
	t.Run("a pass is alive until it is spent or old", func(t *testing.T) { testPasses(t, open) })
	t.Run("a deleted account leaves nothing of its own", func(t *testing.T) { testDeleteUser(t, open) })
	t.Run("an organisation has one subscription", func(t *testing.T) { testSubscription(t, open) })
	t.Run("usage is summed by organisation and period", func(t *testing.T) { testConsumed(t, open) })
	t.Run("usage is summed by tmate, model and day", func(t *testing.T) { testUsageSums(t, open) })
	t.Run("members are told from strangers", func(t *testing.T) { testMembers(t, open) })
	t.Run("files are listed newest first, counted and scoped by owner", func(t *testing.T) { testFiles(t, open) })
}

// clock is a time that moves when told.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 11, 22, 12, 0, 0, 123456000, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// world is a database with two people of one organisation, each with a thread.
type world struct {
	*store.DB
	t      *testing.T
	clock  *clock
	events []tmates.Event
}

func newWorld(t *testing.T, open Open) *world {
	t.Helper()
	w := &world{t: t, clock: newClock()}
	n := 0
	w.DB = open(t, store.Options{
		Now: w.clock.now, NewID: func() string { n++; return fmt.Sprintf("id-%04d", n) },
		OnEmit: func(evs []tmates.Event) { w.events = append(w.events, evs...) },
	})
	w.write(func(ctx context.Context, tx *store.Tx) error {
		org := tmates.Organisation{ID: "org", Name: "Shop", Type: "personal", CreatedAt: tx.Now}
		if err := tx.AddOrganisation(ctx, org); err != nil {
			return err
		}
		for _, name := range []string{"ada", "bob"} {
			if _, err := tx.AddUser(ctx, tmates.User{ID: name, Email: name + "@example.com", CreatedAt: tx.Now, UpdatedAt: tx.Now}); err != nil {
				return err
			}
			if err := tx.AddMember(ctx, tmates.Member{OrganisationID: "org", UserID: name, Role: tmates.RoleMember, CreatedAt: tx.Now}); err != nil {
				return err
			}
			if err := tx.AddThread(ctx, tmates.Thread{ID: "thread-" + name, OrganisationID: "org", UserID: name, Slug: tmates.TeamChatSlug,
				Title: "Team Chat", Kind: tmates.KindGroup}); err != nil {
				return err
			}
		}
		return nil
	})
	return w
}

func (w *world) write(fn func(context.Context, *store.Tx) error) {
	w.t.Helper()
	if err := w.Write(w.t.Context(), fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) read(fn func(context.Context, *store.Tx) error) {
	w.t.Helper()
	if err := w.Read(w.t.Context(), fn); err != nil {
		w.t.Fatal(err)
	}
}

// job queues work of a user for a tmate in the user's thread.
func (w *world) job(id, user, tmate string) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.AddJob(ctx, tmates.Job{ID: id, UserID: user, OrganisationID: "org", ThreadID: "thread-" + user, TmateKey: tmate})
		return err
	})
}

// claim makes due jobs ready, begins the next one of whoever has one and returns
// it; an empty one when there is none.
func (w *world) claim(lease string) (j tmates.Job) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) (err error) {
		if _, err = tx.ReadyDueJobs(ctx, 100); err != nil {
			return err
		}
		ready, err := tx.ReadyJobs(ctx)
		for _, r := range ready {
			if err == nil && j.ID == "" {
				j, _, err = tx.ClaimJob(ctx, r.UserID, r.Background, lease)
			}
		}
		return err
	})
	return j
}

func testEvents(t *testing.T, open Open) {
	w := newWorld(t, open)
	emit := func(name string, result error) error {
		return w.Write(t.Context(), func(_ context.Context, tx *store.Tx) error {
			tx.Emit(tmates.Event{UserID: name})
			return result
		})
	}
	refused := errors.New("refused")
	for i, result := range []error{nil, refused, nil} {
		if err := emit(fmt.Sprint(i), result); !errors.Is(err, result) {
			t.Fatalf("write %d: %v, want %v", i, err, result)
		}
	}
	want := []tmates.Event{{UserID: "0"}, {UserID: "2"}}
	if diff := cmp.Diff(want, w.events); diff != "" {
		t.Fatalf("events (-want +got):\n%s", diff)
	}
}

func testNested(t *testing.T, open Open) {
	w := newWorld(t, open)
	defer func() {
		if recover() == nil {
			t.Fatal("a Write inside a Write did not panic")
		}
	}()
	_ = w.Write(t.Context(), func(ctx context.Context, _ *store.Tx) error {
		return w.Write(ctx, func(context.Context, *store.Tx) error { return nil })
	})
}

func testPanic(t *testing.T, open Open) {
	w := newWorld(t, open)
	func() {
		defer func() { _ = recover() }()
		_ = w.Write(t.Context(), func(context.Context, *store.Tx) error { panic("bug") })
	}()
	w.job("after", "ada", "adam")
	if j := w.claim("l"); j.ID != "after" {
		t.Fatalf("claimed %q after a panic, want %q", j.ID, "after")
	}
}

func testReadOnly(t *testing.T, open Open) {
	w := newWorld(t, open)
	err := w.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		return tx.PutSettings(ctx, "ada", tmates.DefaultSettings())
	})
	if err == nil {
		t.Fatal("a reader wrote")
	}
}

func testMessages(t *testing.T, open Open) {
	w := newWorld(t, open)
	for i, user := range []string{"ada", "bob", "ada"} {
		w.clock.move(time.Second)
		w.write(func(ctx context.Context, tx *store.Tx) error {
			m, err := tx.AddMessage(ctx, tmates.Message{ID: fmt.Sprint("m", i), ThreadID: "thread-" + user, OrganisationID: "org", UserID: user,
				Role: tmates.MessageUser, Content: fmt.Sprintf("  hello\n%d ", i)})
			if m.Seq != int64(i+1) || !m.CreatedAt.Equal(tx.Now) {
				t.Errorf("message %d got seq %d at %v", i, m.Seq, m.CreatedAt)
			}
			return err
		})
	}
	w.read(func(ctx context.Context, tx *store.Tx) error {
		got, err := tx.Messages(ctx, "ada", "thread-ada", 0, 1)
		if err != nil || len(got) != 1 || got[0].ID != "m2" || got[0].Payload == nil {
			t.Errorf("newest message of ada: %+v, %v", got, err)
		}
		if got, err := tx.Messages(ctx, "bob", "thread-ada", 0, 10); err != nil || len(got) != 0 {
			t.Errorf("bob reads ada's thread: %+v, %v", got, err)
		}
		if got, more, err := tx.MessagesAfter(ctx, "ada", "thread-ada", 1, 10); err != nil || more || len(got) != 1 || got[0].Seq != 3 {
			t.Errorf("after seq 1: %+v, more %v, %v", got, more, err)
		}
		if got, more, err := tx.MessagesAfter(ctx, "ada", "thread-ada", 0, 1); err != nil || !more || len(got) != 1 || got[0].Seq != 1 {
			t.Errorf("one after seq 0: %+v, more %v, %v", got, more, err)
		}
		th, err := tx.Thread(ctx, "ada", "thread-ada")
		if err != nil || th.LastMessage != "hello 2" || !th.LastActivity.Equal(w.clock.now()) {
			t.Errorf("thread: %+v, %v", th, err)
		}
		_, err = tx.Thread(ctx, "bob", "thread-ada")
		if !errors.Is(err, store.ErrNoThread) {
			t.Errorf("bob's look at ada's thread: %v, want %v", err, store.ErrNoThread)
		}
		return nil
	})
}

func testOutcome(t *testing.T, open Open) {
	w := newWorld(t, open)
	add := func(id string) (err error) {
		w.write(func(ctx context.Context, tx *store.Tx) error {
			_, err = tx.AddMessage(ctx, tmates.Message{ID: id, ThreadID: "thread-ada", OrganisationID: "org", UserID: "ada", JobID: "j",
				Role: tmates.MessageAssistant, Content: id})
			return nil
		})
		return err
	}
	if err := add("first"); err != nil {
		t.Fatal(err)
	}
	if err := add("second"); !errors.Is(err, store.ErrAnswered) {
		t.Fatalf("second outcome: %v, want %v", err, store.ErrAnswered)
	}
	w.read(func(ctx context.Context, tx *store.Tx) error {
		got, err := tx.Messages(ctx, "ada", "thread-ada", 0, 10)
		if err != nil || len(got) != 1 || got[0].Content != "first" {
			t.Errorf("messages: %+v, %v", got, err)
		}
		return nil
	})
}

func testClear(t *testing.T, open Open) {
	w := newWorld(t, open)
	w.write(func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.AddMessage(ctx, tmates.Message{ID: "m", ThreadID: "thread-ada", OrganisationID: "org", UserID: "ada", Content: "x"}); err != nil {
			return err
		}
		return tx.AddMemory(ctx, tmates.Memory{ID: "f", UserID: "ada", ThreadID: "thread-ada", TmateKey: "adam", SessionID: "s", Content: "fact"})
	})
	left := func() (messages, facts int) {
		w.read(func(ctx context.Context, tx *store.Tx) error {
			ms, err := tx.Messages(ctx, "ada", "thread-ada", 0, 10)
			if err != nil {
				return err
			}
			fs, err := tx.Memories(ctx, "ada", "s", "adam", 10)
			messages, facts = len(ms), len(fs)
			return err
		})
		return messages, facts
	}
	if err := w.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error { return tx.ClearThread(ctx, "bob", "thread-ada") }); !errors.Is(err, store.ErrNoThread) {
		t.Fatalf("bob clears ada's thread: %v", err)
	}
	if m, f := left(); m != 1 || f != 1 {
		t.Fatalf("before: %d messages, %d facts", m, f)
	}
	w.write(func(ctx context.Context, tx *store.Tx) error { return tx.ClearThread(ctx, "ada", "thread-ada") })
	if m, f := left(); m != 0 || f != 0 {
		t.Fatalf("after clear: %d messages, %d facts", m, f)
	}
	w.write(func(ctx context.Context, tx *store.Tx) error { return tx.DeleteThread(ctx, "ada", "thread-ada") })
	w.read(func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.Thread(ctx, "ada", "thread-ada"); !errors.Is(err, store.ErrNoThread) {
			t.Errorf("deleted thread: %v", err)
		}
		return nil
	})
}

func testHires(t *testing.T, open Open) {
	w := newWorld(t, open)
	put := func(key string, active bool) {
		w.clock.move(time.Second)
		w.write(func(ctx context.Context, tx *store.Tx) error {
			return tx.PutHire(ctx, tmates.Hire{OrganisationID: "org", TmateKey: key, Name: key, Active: active})
		})
	}
	put("nora", true)
	put("adam", true)
	put("nora", false)
	put("nora", true)
	w.read(func(ctx context.Context, tx *store.Tx) error {
		hires, err := tx.Hires(ctx, "org")
		if len(hires) != 2 || hires[0].TmateKey != "nora" || !hires[0].Active || hires[1].TmateKey != "adam" {
			t.Errorf("hires: %+v", hires)
		}
		return err
	})
	put("zoe", true)
	put("nora", false)
	w.read(func(ctx context.Context, tx *store.Tx) error {
		keys, err := tx.EmployedKeys(ctx)
		if diff := cmp.Diff([]string{"adam", "zoe"}, keys); diff != "" {
			t.Errorf("employed: %s", diff)
		}
		return err
	})
}

func testSettings(t *testing.T, open Open) {
	w := newWorld(t, open)
	want := tmates.DefaultSettings()
	want.Theme, want.Mentions = "dark", false
	w.write(func(ctx context.Context, tx *store.Tx) error { return tx.PutSettings(ctx, "ada", want) })
	w.read(func(ctx context.Context, tx *store.Tx) error {
		for user, want := range map[string]tmates.Settings{"ada": want, "bob": tmates.DefaultSettings()} {
			got, err := tx.Settings(ctx, user)
			if err != nil || got != want {
				t.Errorf("settings of %s: %+v, %v", user, got, err)
			}
		}
		return nil
	})
}

func testPosts(t *testing.T, open Open) {
	w := newWorld(t, open)
	post := tmates.Post{ID: "p1", OrganisationID: "org", UserID: "ada", Slug: "news", Title: "News", Priority: "normal"}
	w.write(func(ctx context.Context, tx *store.Tx) error {
		free, err := tx.AddPost(ctx, post)
		if !free {
			t.Error("the first post found its slug taken")
		}
		return err
	})
	post.ID = "p2"
	w.write(func(ctx context.Context, tx *store.Tx) error {
		free, err := tx.AddPost(ctx, post)
		if free {
			t.Error("the second post got the same slug")
		}
		return err
	})
	w.read(func(ctx context.Context, tx *store.Tx) error {
		if _, found, err := tx.PostBySlug(ctx, "elsewhere", "news"); found || err != nil {
			t.Errorf("another organisation reads the post: %v, %v", found, err)
		}
		p, found, err := tx.PostBySlug(ctx, "org", "news")
		if !found || p.ID != "p1" {
			t.Errorf("post: %+v, %v", p, found)
		}
		return err
	})
}
