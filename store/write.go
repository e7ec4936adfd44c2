package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/tmates/tmates/store/tmates"
)

// Statements around transactions. Savepoints are never nested.
const (
	beginWriting = "BEGIN IMMEDIATE"
	beginReading = "BEGIN"
	commit       = "COMMIT"
	rollback     = "ROLLBACK"
	checkpoint   = "PRAGMA wal_checkpoint(TRUNCATE)" // moves the write-ahead log into the database and empties it
	isolate      = "SAVEPOINT one"
	keepOne      = "RELEASE one"
	undoOne      = "ROLLBACK TO one"
)

type writing struct{}

// crowded is how many waiting writes are too many: at some thousands a second
// the last of them would wait for a good part of one.
const crowded = 1000

// Crowded reports whether so many writes wait that new ones should be sent away
// to come back. Writes that end what was begun are never sent away.
func (db *DB) Crowded() bool { return db.waiting.Load() >= crowded }

// errClosed is what a write or a read after [DB.Close] gets.
var errClosed = errors.New("the database is closed")

// batch is a transaction that several writes share, and with it the one fsync.
type batch struct {
	kept   int // writes that are in it
	events []tmates.Event
	done   chan struct{} // closed once it is committed or lost
	err    error         // set before done is closed
}

// Write runs fn in the write transaction. fn must not call a model, the network
// or Write: everybody else waits. When fn returns an error nothing of it is kept
// and no event leaves. Once Write returns nil, what fn did is on the disk.
//
// Writes that wait for one another share a commit: the one that finds nobody
// waiting commits for all. Each is apart from its neighbours, so that one that
// fails takes nothing of the others with it; only a commit that fails loses
// all, and says so to each. A lone write costs no more than a transaction of its
// own. The context ends the wait, not the work: a statement that were broken off
// would take the neighbours' with it.
func (db *DB) Write(ctx context.Context, fn func(context.Context, *Tx) error) (err error) {
	defer func() { db.note(err) }()
	if ctx.Value(writing{}) != nil {
		panic("store: Write inside Write") // would wait for itself for ever
	}
	db.waiting.Add(1)
	select {
	case db.turn <- struct{}{}:
	case <-ctx.Done():
		go db.pass() // whoever counts on this write to commit must not wait in vain
		return fmt.Errorf("wait to write: %w", context.Cause(ctx))
	}
	b, err := db.take(ctx, fn)
	if b == nil {
		return err
	}
	<-b.done
	return b.err
}

// pass takes a turn and does nothing with it.
func (db *DB) pass() {
	db.turn <- struct{}{}
	db.waiting.Add(-1)
	db.leave()
}

// leave ends a turn. An open batch is committed, unless somebody waits who will
// come to this point as well; events leave before the next turn begins, and
// hence in commit order.
func (db *DB) leave() {
	if b := db.batch; b != nil && (b.err != nil || b.kept == db.most || db.waiting.Load() == 0) {
		db.settle(b)
	}
	<-db.turn
}

// settle ends a batch.
func (db *DB) settle(b *batch) {
	db.batch = nil
	if b.err == nil {
		b.err = db.numbers.store(db.w)
	}
	if b.err == nil {
		b.err = db.w.run(commit)
	}
	db.numbers.settled(b.err)
	if b.err != nil {
		_ = db.w.run(rollback) // may be over already
	} else if len(b.events) > 0 {
		db.onEmit(b.events)
	}
	close(b.done)
	db.boundLog()
}

// take runs fn at its turn and ends the turn. It returns the batch that holds
// the work, or nil when nothing of it is kept.
func (db *DB) take(ctx context.Context, fn func(context.Context, *Tx) error) (*batch, error) {
	db.waiting.Add(-1)
	defer db.leave() // also after a panic in fn
	if db.closed {
		return nil, errClosed
	}
	if db.batch == nil {
		if err := db.w.run(beginWriting); err != nil {
			return nil, err
		}
		db.batch = &batch{done: make(chan struct{})}
	}
	b := db.batch
	if b.kept > 0 { // undone, the first leaves an empty transaction and needs no savepoint
		if b.err = db.w.run(isolate); b.err != nil {
			return b, nil
		}
	}
	kept := false
	tx := &Tx{tx: db.w, Now: db.Now(), newID: db.newID, numbers: &db.numbers, wordless: &db.wordless}
	defer func() {
		if !kept {
			db.numbers.giveBack(tx.draws)
			db.undo(b)
		}
	}()
	if err := fn(context.WithValue(context.WithoutCancel(ctx), writing{}, true), tx); err != nil {
		return nil, err
	}
	if b.kept > 0 {
		b.err = db.w.run(keepOne)
	}
	kept = true
	b.kept++
	b.events = append(b.events, tx.events...)
	return b, nil
}

// undo takes the newest write of a batch back. A transaction that SQLite has
// ended by itself, as it does when the disk is full, has lost all of them.
func (db *DB) undo(b *batch) {
	if b.kept == 0 {
		db.batch = nil
		_ = db.w.run(rollback)
		return
	}
	b.err = cmp.Or(db.w.run(undoOne), db.w.run(keepOne))
}
