package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"
)

// The write-ahead log begins anew when a commit finds nobody reading an older part
// of it. Where reads always overlap that never happens, and it would grow for as
// long as there is disk (measured: 49 MiB in 8 s with four readers of 2 ms each).
// So once it is large, the readers are held back for a moment.
const (
	maxLog      = 16 << 20               // bytes
	commitsLook = 64                     // commits between two looks at its size
	logPatience = 100 * time.Millisecond // how long reads and writes are held back in vain
	logAgain    = 10 * time.Second       // until that is tried again
)

// watchLog looks at the log now and then; the turn is held.
func (db *DB) watchLog() {
	db.commits++
	if db.commits%commitsLook != 0 || db.readers == nil {
		return
	}
	info, err := os.Stat(db.logPath())
	if err != nil || info.Size() <= db.maxLog || !db.emptying.CompareAndSwap(false, true) {
		return
	}
	go func() {
		if err := db.emptyLog(); err != nil {
			db.log.Warn("the write-ahead log could not be emptied; it is tried again", slog.Int64("bytes", info.Size()), slog.Any("err", err))
			time.AfterFunc(logAgain, func() { db.emptying.Store(false) })
			return
		}
		db.emptying.Store(false)
	}()
}

// errReading is why the log keeps its size for now.
var errReading = errors.New("somebody reads or writes for long")

// emptyLog moves the log into the database when all who read can be held back.
func (db *DB) emptyLog() error {
	late := time.NewTimer(logPatience)
	defer late.Stop()
	var held []*conn
	defer func() {
		for _, c := range held {
			db.readers <- c
		}
	}()
	for range cap(db.readers) {
		select {
		case c, open := <-db.readers:
			if !open {
				return nil // closing empties it
			}
			held = append(held, c)
		case <-late.C:
			return errReading
		}
	}
	db.waiting.Add(1)
	select {
	case db.turn <- struct{}{}:
	case <-late.C:
		go db.pass()
		return errReading
	}
	db.waiting.Add(-1)
	defer func() { <-db.turn }()
	if db.closed {
		return nil
	}
	if db.batch != nil {
		db.settle(db.batch)
	}
	if _, err := db.w.ExecContext(context.Background(), checkpoint); err != nil {
		return fmt.Errorf("empty write-ahead log: %w", err)
	}
	return nil
}
