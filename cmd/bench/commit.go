package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver the store uses
)

// rowText is what a bare row holds: as long as a short message.
var rowText = strings.Repeat("two hundred bytes of text, more or less. ", 5)

// commits is a bare SQLite database as safe as the store's: what one commit
// costs on this disk with nothing around it.
type commits struct {
	db     *sql.DB
	insert *sql.Stmt
}

// openCommits opens one in a new folder inside dir.
func openCommits(ctx context.Context, dir string) (*commits, error) {
	dir, err := os.MkdirTemp(dir, "bare-")
	if err != nil {
		return nil, fmt.Errorf("open bare database: %w", err)
	}
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(filepath.Join(dir, "bare.db"))}).EscapedPath()}
	db, err := sql.Open("sqlite", u.String()+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	if err != nil {
		return nil, fmt.Errorf("open bare database: %w", err)
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, `CREATE TABLE bare (id INTEGER PRIMARY KEY, body TEXT NOT NULL)`); err != nil {
		return nil, errors.Join(fmt.Errorf("open bare database: %w", err), db.Close())
	}
	insert, err := db.PrepareContext(ctx, `INSERT INTO bare (body) VALUES (?)`)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open bare database: %w", err), db.Close())
	}
	return &commits{db, insert}, nil
}

func (c *commits) close() error { return errors.Join(c.insert.Close(), c.db.Close()) }

// bare opens a bare database, which is closed with the scenario.
func (r *run) bare(ctx context.Context) (*commits, error) {
	c, err := openCommits(ctx, r.dir)
	if err == nil {
		r.finally(c.close)
	}
	return c, err
}

// single commits one row at a time for a while and returns how long each took.
func (c *commits) single(ctx context.Context, d time.Duration) (samples []time.Duration, err error) {
	for begun := time.Now(); time.Since(begun) < d; {
		at := time.Now()
		if _, err := c.insert.ExecContext(ctx, rowText); err != nil {
			return nil, fmt.Errorf("bare commit: %w", err)
		}
		samples = append(samples, time.Since(at))
	}
	return samples, nil
}

// grouped commits rows by the 64 for a while and returns how many a second.
func (c *commits) grouped(ctx context.Context, d time.Duration) (rate float64, err error) {
	rows, begun := 0, time.Now()
	for time.Since(begun) < d {
		tx, err := c.db.BeginTx(ctx, nil)
		if err != nil {
			return 0, fmt.Errorf("bare commit: %w", err)
		}
		insert := tx.StmtContext(ctx, c.insert)
		for range 64 {
			if _, err := insert.ExecContext(ctx, rowText); err != nil {
				return 0, errors.Join(fmt.Errorf("bare commit: %w", err), tx.Rollback())
			}
		}
		if err := tx.Commit(); err != nil {
			return 0, fmt.Errorf("bare commit: %w", err)
		}
		rows += 64
	}
	return float64(rows) / time.Since(begun).Seconds(), nil
}
