package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/tmates/tmates/migrations"
	"github.com/tmates/tmates/store/tmates"
)

// FileName is the database's name inside the data folder.
const FileName = "tmates.db"

// Options of [Open]. The zero value of everything but Dir has a default.
type Options struct {
	Dir         string // data folder; created with mode 0700 when missing
	Synchronous string // "full" (default) or "normal": a power cut may then lose the last commits
	Readers     int    // read-only connections; default: two for each processor, 2 to 16
	Batch       int    // writes that share a commit, at most; default 128
	CacheKiB    int    // pages each connection keeps in memory; default 8192
	Log         *slog.Logger
	Now         func() time.Time
	NewID       func() string // default: random UUID
	// OnEmit receives the events of each commit, in commit order, before the
	// next write begins. It must not block and must not write.
	OnEmit func([]tmates.Event)
	// Trace sees the text of each statement before it runs, without its values.
	// Nil: nobody does.
	Trace func(query string)
}

// DB is an open database. Its methods may be called from any goroutine.
type DB struct {
	pool    *sql.DB // one connection, which becomes w
	r       *sql.DB // query_only connections
	w       *conn
	readers chan *conn  // nil: not opened yet
	ailing  atomic.Bool // the last write failed for the disk's sake

	turn    chan struct{} // holds a value while somebody writes
	waiting atomic.Int32  // writes that wait for their turn
	most    int           // writes that share a commit
	batch   *batch        // open transaction; nil between two; guarded by turn, like closed and numbers
	numbers numbers
	commits int // so far, guarded by turn

	wordless wordless

	log      *slog.Logger
	maxLog   int64 // bytes of the write-ahead log
	logBound int64 // bytes of it at which it is emptied next, guarded by turn
	closed   bool
	dir      string
	now      func() time.Time
	newID    func() string
	onEmit   func([]tmates.Event)
	trace    func(query string)
}

// Open opens the database, a fresh one where there is none. It brings an older one
// to today's schema, after a snapshot, and refuses one that a newer program wrote.
// The caller holds the data folder's lock (see [Lock]).
func Open(ctx context.Context, o Options) (*DB, error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("create data folder: %w", err)
	}
	path := filepath.Join(o.Dir, FileName)
	if err := errors.Join(provide(path), create(path)); err != nil {
		return nil, fmt.Errorf("create database: %w", err)
	}
	sync := "FULL"
	if o.Synchronous == "normal" {
		sync = "NORMAL"
	}
	cache := fmt.Sprintf("_pragma=cache_size(-%d)", cmp.Or(o.CacheKiB, 8192)) // negative: KiB
	w, err := sql.Open("sqlite", dsn(path, cache, "_txlock=immediate", "_pragma=synchronous("+sync+")"))
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	w.SetMaxOpenConns(1)
	log := cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	db := &DB{
		pool:    w,
		turn:    make(chan struct{}, 1),
		numbers: newNumbers(), wordless: newWordless(),
		log:    log,
		maxLog: maxLog, logBound: maxLog,
		most:   cmp.Or(o.Batch, 128),
		dir:    o.Dir,
		now:    o.Now,
		newID:  o.NewID,
		onEmit: o.OnEmit,
		trace:  o.Trace,
	}
	if db.now == nil {
		db.now = time.Now
	}
	if db.newID == nil {
		db.newID = uuid.NewString
	}
	if db.trace == nil {
		db.trace = func(string) {}
	}
	if db.onEmit == nil {
		db.onEmit = func([]tmates.Event) {}
	}
	if err := migrate(ctx, db, migrations.FS, log); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	if db.w, err = connect(ctx, db.pool, db.trace); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	db.readers = make(chan *conn, cmp.Or(o.Readers, min(max(2*runtime.GOMAXPROCS(0), 2), 16)))
	db.r, err = sql.Open("sqlite", dsn(path, cache, "_pragma=query_only(1)"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open database for reading: %w", err), db.w.close(), w.Close())
	}
	for range cap(db.readers) {
		db.readers <- nil
	}
	return db, nil
}

// create makes the file, if it is not there, for its owner alone: SQLite would
// make it readable by everybody, and gives the files beside it the mode of this
// one.
func create(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(private(f), f.Close())
}

// private takes a file away from everybody but its owner, who may have copied it
// from elsewhere.
func private(f *os.File) error {
	info, err := f.Stat()
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return err
	}
	return f.Chmod(0o600)
}

// busyTimeout is how long a connection waits for a lock of another process.
const busyTimeout = 5 * time.Second

// dsn puts every pragma into the data source name, because a PRAGMA statement
// would reach one pooled connection only.
func dsn(path string, more ...string) string {
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()}
	all := []string{
		fmt.Sprintf("_pragma=busy_timeout(%d)", busyTimeout.Milliseconds()), "_pragma=journal_mode(WAL)", "_pragma=foreign_keys(1)",
	}
	return u.String() + "?" + strings.Join(append(all, more...), "&")
}

// logPath is the file of the write-ahead log.
func (db *DB) logPath() string { return filepath.Join(db.dir, FileName+"-wal") }

// NewID returns a fresh id for a row.
func (db *DB) NewID() string { return db.newID() }

// Now returns the clock in the resolution that is stored: microseconds, UTC.
func (db *DB) Now() time.Time { return db.now().UTC().Truncate(time.Microsecond) }

// Read runs fn on a snapshot of the database. Writing statements fail.
func (db *DB) Read(ctx context.Context, fn func(context.Context, *Tx) error) error {
	var c *conn
	select {
	case reader, open := <-db.readers:
		if !open {
			return errClosed
		}
		c = reader
	case <-ctx.Done():
		return fmt.Errorf("wait to read: %w", context.Cause(ctx))
	}
	defer func() { db.readers <- c }()
	if c == nil { // the first to need one more than there are
		var err error
		if c, err = connect(ctx, db.r, db.trace); err != nil {
			return err
		}
	}
	if err := c.run(beginReading); err != nil {
		return err
	}
	defer func() { _ = c.run(rollback) }()
	return fn(ctx, &Tx{tx: c, Now: db.Now(), newID: db.newID})
}

// Close moves the write-ahead log into the database and closes it. Waiting
// writes and reads finish first; later ones get an error.
func (db *DB) Close() error {
	db.turn <- struct{}{}
	defer func() { <-db.turn }()
	if db.closed {
		return nil
	}
	db.closed = true
	if db.batch != nil {
		db.settle(db.batch)
	}
	var errs []error
	for range cap(db.readers) {
		if c := <-db.readers; c != nil {
			errs = append(errs, c.close())
		}
	}
	close(db.readers)
	_, errLog := db.w.ExecContext(context.Background(), checkpoint)
	return errors.Join(append(errs, db.r.Close(), errLog, db.w.close(), db.pool.Close())...)
}

// isUnique reports whether err is a violated unique or primary key.
func isUnique(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && (e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}

// isForeignKey reports whether err is a row whose owner does not exist.
func isForeignKey(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code() == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY
}
