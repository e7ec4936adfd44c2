package store_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// crowd is a database behind whose first write others wait.
type crowd struct {
	*store.DB
	t       *testing.T
	commits atomic.Int32
	mu      sync.Mutex
	shown   []string // ids of events, in order of delivery
	ran     []string // ids of posts, in the order in which they were written; guarded by the writes
	wg      sync.WaitGroup
	errs    []error // by number of the write
}

// newCrowd opens a database with an organisation.
func newCrowd(t *testing.T) *crowd {
	t.Helper()
	c := &crowd{t: t}
	c.DB = open(t, store.Options{
		Trace: func(query string) {
			if query == "COMMIT" {
				c.commits.Add(1)
			}
		},
		OnEmit: func(evs []tmates.Event) {
			c.mu.Lock()
			defer c.mu.Unlock()
			for _, ev := range evs {
				c.shown = append(c.shown, ev.ThreadID)
			}
		},
	})
	err := c.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		return tx.AddOrganisation(ctx, tmates.Organisation{ID: "org", Name: "Shop", Type: "personal", CreatedAt: tx.Now})
	})
	if err != nil {
		t.Fatal(err)
	}
	c.commits.Store(0)
	return c
}

// together runs writes so that all but the first wait when the first ends.
func (c *crowd) together(contexts map[int]context.Context, writes ...func(context.Context, *store.Tx) error) {
	c.t.Helper()
	c.errs = make([]error, len(writes))
	entered, release := make(chan struct{}), make(chan struct{})
	for i, write := range writes {
		ctx := c.t.Context()
		if contexts[i] != nil {
			ctx = contexts[i]
		}
		c.wg.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					c.errs[i] = fmt.Errorf("panic: %v", p)
				}
			}()
			c.errs[i] = c.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
				if i == 0 {
					close(entered)
					<-release
				}
				return write(ctx, tx)
			})
		})
		if i == 0 {
			<-entered
		}
		for store.Waiting(c.DB) < i {
			runtime.Gosched()
		}
	}
	close(release)
	c.wg.Wait()
}

// post writes a post with an event.
func (c *crowd) post(id string) func(context.Context, *store.Tx) error {
	return func(ctx context.Context, tx *store.Tx) error {
		c.ran = append(c.ran, id)
		tx.Emit(tmates.Event{ThreadID: id})
		_, err := tx.AddPost(ctx, tmates.Post{ID: id, OrganisationID: "org", UserID: "ada", Slug: id, Priority: "normal"})
		return err
	}
}

func (c *crowd) kept() (ids []string) {
	c.t.Helper()
	err := c.Read(c.t.Context(), func(ctx context.Context, tx *store.Tx) error {
		posts, err := tx.Posts(ctx, "org", tmates.Post{}, 1000)
		for _, p := range posts {
			ids = append(ids, p.ID)
		}
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
	slices.Sort(ids)
	return ids
}

// inOrder checks that what is kept was shown, in the order in which it was
// written.
func (c *crowd) inOrder(kept []string) {
	c.t.Helper()
	want := slices.DeleteFunc(c.ran, func(id string) bool { return !slices.Contains(kept, id) })
	if diff := cmp.Diff(want, c.shown); diff != "" {
		c.t.Errorf("shown (-want +got):\n%s", diff)
	}
}

func (c *crowd) numbered(n int) (ids []string, writes []func(context.Context, *store.Tx) error) {
	for i := range n {
		id := fmt.Sprintf("p%03d", i)
		ids, writes = append(ids, id), append(writes, c.post(id))
	}
	return ids, writes
}

// Who waits together commits together, and events leave in the order of the
// writes.
func TestWritesShareACommit(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 32, 129} {
		c := newCrowd(t)
		ids, writes := c.numbered(n)
		c.together(nil, writes...)
		if err := errors.Join(c.errs...); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(ids, c.kept()); diff != "" {
			t.Errorf("kept (-want +got):\n%s", diff)
		}
		c.inOrder(ids)
		if want := int32((n + 127) / 128); c.commits.Load() != want {
			t.Errorf("%d writes took %d commits, want %d", n, c.commits.Load(), want)
		}
	}
}

// A write that fails takes nothing of its neighbours with it, wherever it
// stands, and leaves nothing behind.
func TestAFailedWriteFailsAlone(t *testing.T) {
	t.Parallel()
	refused := errors.New("refused")
	type write = func(context.Context, *store.Tx) error
	bad := map[string]func(c *crowd) write{
		"an error": func(c *crowd) write {
			return func(ctx context.Context, tx *store.Tx) error { return errors.Join(c.post("half")(ctx, tx), refused) }
		},
		"a panic": func(c *crowd) write {
			return func(ctx context.Context, tx *store.Tx) error { panic(c.post("half")(ctx, tx)) }
		},
		"a statement": func(*crowd) write {
			return func(ctx context.Context, tx *store.Tx) error {
				return tx.AddMember(ctx, tmates.Member{OrganisationID: "nowhere", UserID: "nobody", Role: tmates.RoleMember})
			}
		},
	}
	for name, bad := range bad {
		for _, at := range []int{0, 1, 3} {
			t.Run(fmt.Sprint(name, " at ", at), func(t *testing.T) {
				t.Parallel()
				c := newCrowd(t)
				ids, writes := c.numbered(3)
				c.together(nil, slices.Insert(writes, at, bad(c))...)
				for i, err := range c.errs {
					if (err != nil) != (i == at) {
						t.Errorf("write %d: %v", i, err)
					}
				}
				if diff := cmp.Diff(ids, c.kept()); diff != "" {
					t.Errorf("kept (-want +got):\n%s", diff)
				}
				c.inOrder(ids)
			})
		}
	}
}

// A write that is given up while it waits leaves nobody waiting for its commit.
func TestAWriteIsGivenUp(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("the client is gone")
	ids, writes := c.numbered(2)
	writes[0] = func(ctx context.Context, tx *store.Tx) error {
		cancel(why)
		return c.post(ids[0])(ctx, tx)
	}
	c.together(map[int]context.Context{1: ctx}, writes...)
	if c.errs[0] != nil || !errors.Is(c.errs[1], why) && c.errs[1] != nil {
		t.Errorf("%v", c.errs)
	}
	want := ids
	if c.errs[1] != nil {
		want = ids[:1]
	}
	if diff := cmp.Diff(want, c.kept()); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	if err := c.Write(t.Context(), c.post("later")); err != nil {
		t.Error(err)
	}
}

// A context that ends while its write runs breaks nothing off.
func TestAWriteRunsToItsEnd(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	ctx, cancel := context.WithCancel(t.Context())
	ids, writes := c.numbered(3)
	writes[1] = func(ctx context.Context, tx *store.Tx) error {
		cancel()
		return c.post(ids[1])(ctx, tx)
	}
	c.together(map[int]context.Context{1: ctx}, writes...)
	if err := errors.Join(c.errs...); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(ids, c.kept()); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
}

// When SQLite itself ends the transaction, as on a full disk, everybody in it is
// told, nothing is half kept, and the next write is fine.
func TestALostBatchSaysSo(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	pages, err := store.Pragma(t.Context(), c.DB, "page_count")
	if err != nil {
		t.Fatal(err)
	}
	if err := store.SetPragma(t.Context(), c.DB, "max_page_count", pages); err != nil {
		t.Fatal(err)
	}
	ids, writes := c.numbered(3)
	c.together(nil, slices.Insert(writes, 1, func(ctx context.Context, tx *store.Tx) error { return store.FillIn(ctx, tx) })...)
	kept := c.kept()
	for i, err := range c.errs {
		if i == 1 && err == nil {
			t.Error("the disk is not full")
		}
		if i != 1 && (err == nil) != slices.Contains(kept, append(ids[:1:1], append([]string{""}, ids[1:]...)...)[i]) {
			t.Errorf("write %d: %v, but kept are %v", i, err, kept)
		}
	}
	c.inOrder(kept)
	if err := store.SetPragma(t.Context(), c.DB, "max_page_count", "1000000"); err != nil {
		t.Fatal(err)
	}
	if err := c.Write(t.Context(), c.post("later")); err != nil {
		t.Error(err)
	}
}

func TestAWriteAfterTheEnd(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	if err := errors.Join(c.Close(), c.Close()); err != nil {
		t.Fatal(err)
	}
	if err := c.Write(t.Context(), c.post("late")); err == nil {
		t.Error("a closed database took a write")
	}
	if err := c.Read(t.Context(), func(context.Context, *store.Tx) error { return nil }); err == nil {
		t.Error("a closed database was read")
	}
}

// Past a thousand waiting writes new ones should be sent away.
func TestCrowded(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	var crowded bool
	write := func(context.Context, *store.Tx) error {
		crowded = crowded || c.Crowded() // all the others wait for the first
		return nil
	}
	writes := slices.Repeat([]func(context.Context, *store.Tx) error{write}, 1001)
	c.together(nil, writes[:500]...)
	if crowded {
		t.Error("crowded with 500")
	}
	c.together(nil, writes...)
	if !crowded || c.Crowded() {
		t.Errorf("crowded with 1000 waiting: %v, afterwards: %v", crowded, c.Crowded())
	}
}

// A number that a write drew and did not keep is drawn again, so that messages are
// numbered without a gap.
func TestNumbersAreGivenBack(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	say := func(id string, result error) func(context.Context, *store.Tx) error {
		return func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.AddMessage(ctx, tmates.Message{ID: id, ThreadID: "thread", OrganisationID: "org", UserID: "ada", Role: tmates.MessageUser})
			return errors.Join(err, result)
		}
	}
	err := c.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.AddUser(ctx, tmates.User{ID: "ada", Email: "ada@example.com"}); err != nil {
			return err
		}
		return tx.AddThread(ctx, tmates.Thread{ID: "thread", OrganisationID: "org", UserID: "ada", Slug: "s"})
	})
	if err != nil {
		t.Fatal(err)
	}
	refused := errors.New("refused")
	c.together(nil, say("0", refused), say("1", nil), say("2", refused), say("3", nil), say("4", refused))
	c.together(nil, say("5", refused))
	c.together(nil, say("6", nil))
	var seqs []int64
	err = c.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		all, err := tx.Messages(ctx, "ada", "thread", 0, 10)
		for _, m := range all {
			seqs = append(seqs, m.Seq)
		}
		last, errLast := tx.LastSeq(ctx)
		if last != 3 {
			t.Errorf("the last seq is %d", last)
		}
		return errors.Join(err, errLast)
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{1, 2, 3}, seqs); diff != "" {
		t.Errorf("numbers (-want +got):\n%s", diff)
	}
}
