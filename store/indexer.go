package store

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// wordless are the threads with messages that have no words yet. A thread may be
// among them for nothing, as after a write that was undone. What a process does
// not get to, the next one finds in the database.
type wordless struct {
	mu      *sync.Mutex
	threads map[string]bool
	added   int           // messages since the set was taken from
	bell    chan struct{} // holds a value when there are any
	full    chan struct{} // and when there are many
}

// manyWordless is how many messages are not left to themselves any longer: a
// search reads those of a person one by one.
const manyWordless = 1000

func newWordless() wordless {
	return wordless{mu: &sync.Mutex{}, threads: map[string]bool{}, bell: make(chan struct{}, 1), full: make(chan struct{}, 1)}
}

// add notes a thread with a new message.
func (w *wordless) add(threadID string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.added++; w.added == manyWordless {
		ring(w.full)
	}
	if len(w.threads) == 0 {
		ring(w.bell)
	}
	w.threads[threadID] = true
}

func ring(bell chan struct{}) {
	select {
	case bell <- struct{}{}:
	default: // it has not been heard yet
	}
}

// take empties the set.
func (w *wordless) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, bell := range []chan struct{}{w.bell, w.full} {
		select {
		case <-bell:
		default:
		}
	}
	threads := slices.Collect(maps.Keys(w.threads))
	clear(w.threads)
	w.added = 0
	return threads
}

// step is what is indexed in one transaction.
type step struct{ messages, bytes, pages int }

// Steps of indexing. A small one holds the writer for a millisecond or two,
// eight when it merges (measured with 100,000 messages); a large one costs
// half as much for each message.
var (
	smallStep = step{messages: 64, bytes: 64 << 10, pages: 16}
	largeStep = step{messages: 1024, bytes: 1 << 20, pages: 256}
)

// Pace of indexing.
const (
	gatherWords = 30 * time.Second // so that a conversation costs a commit now and then, not one more for each message
	restShare   = 20               // times as long as a step took nothing is done: a burst of messages loses less than 5 % to it
	retryWords  = time.Minute      // after a failure
)

// KeepIndexed puts the words of new messages into the index of the search, half a
// minute after they came or when a thousand wait, and begins with what an earlier
// process left. While nobody says anything it does nothing. It blocks until ctx
// ends.
func (db *DB) KeepIndexed(ctx context.Context) {
	for err := db.findWordless(ctx); err != nil; err = db.findWordless(ctx) {
		if !db.again(ctx, err) {
			return
		}
	}
	db.indexWaiting(ctx, largeStep, 1) // what is older than this process is not found before
	for {
		select {
		case <-db.wordless.bell:
		case <-ctx.Done():
			return
		}
		db.gather(ctx)
		db.indexWaiting(ctx, smallStep, restShare)
	}
}

// gather waits for more messages.
func (db *DB) gather(ctx context.Context) {
	timer := time.NewTimer(gatherWords)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-db.wordless.full:
	case <-ctx.Done():
	}
}

// indexWaiting puts the words of what waits now in, with rests so many times as
// long as the steps, until ctx ends.
func (db *DB) indexWaiting(ctx context.Context, size step, share int) {
	threads := db.wordless.take()
	for len(threads) > 0 && ctx.Err() == nil {
		began := time.Now()
		left, err := db.indexStep(ctx, threads, size)
		if err != nil {
			db.again(ctx, err)
			continue
		}
		if threads = left; len(threads) > 0 {
			rest(ctx, time.Since(began)*time.Duration(share))
		}
	}
}

// IndexAll puts the words of every message in.
func (db *DB) IndexAll(ctx context.Context) error {
	if err := db.findWordless(ctx); err != nil {
		return err
	}
	for threads := db.wordless.take(); len(threads) > 0; {
		left, err := db.indexStep(ctx, threads, largeStep)
		if err != nil {
			return err
		}
		threads = left
	}
	return nil
}

// findWordless looks for what an earlier process did not get to.
func (db *DB) findWordless(ctx context.Context) error {
	return db.Read(ctx, func(ctx context.Context, tx *Tx) error {
		threads, err := tx.wordlessThreads(ctx)
		for _, id := range threads {
			db.wordless.add(id)
		}
		return err
	})
}

// indexStep does one step for the first of some threads and returns those that are
// not done.
func (db *DB) indexStep(ctx context.Context, threads []string, size step) (left []string, err error) {
	err = db.Write(ctx, func(ctx context.Context, tx *Tx) error {
		left = threads
		for todo := size; len(left) > 0 && todo.messages > 0 && todo.bytes > 0; {
			done, more, err := tx.addMessageWords(ctx, left[0], todo)
			if err != nil {
				return err
			}
			todo.messages, todo.bytes = todo.messages-done.messages, todo.bytes-done.bytes
			if !more {
				left = left[1:]
			}
		}
		return tx.mergeWords(ctx, size.pages)
	})
	return left, err
}

// again says what went wrong and waits; it reports whether to go on.
func (db *DB) again(ctx context.Context, err error) bool {
	if ctx.Err() != nil {
		return false
	}
	db.log.Error("messages could not be indexed for the search", "err", err, "again_in", retryWords)
	return rest(ctx, retryWords)
}

// rest waits; it reports whether to go on.
func rest(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
