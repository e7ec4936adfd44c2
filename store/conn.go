package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// maxStatements bounds the statements a connection keeps prepared: the first so
// many it runs, which is more than the program has.
const maxStatements = 256

// conn is one connection with its prepared statements: preparing anew would cost
// as much as running (measured: 11.6 instead of 22.9 us for a small write). It
// serves one transaction at a time.
type conn struct {
	c     *sql.Conn
	stmts map[string]*sql.Stmt
	show  func(query string) // see [Options].Trace
}

// connect takes a connection out of a pool for good.
func connect(ctx context.Context, pool *sql.DB, show func(query string)) (*conn, error) {
	c, err := pool.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return &conn{c: c, stmts: map[string]*sql.Stmt{}, show: show}, nil
}

// close gives the connection back to its pool.
func (c *conn) close() error {
	var errs []error
	for _, s := range c.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, c.c.Close())...)
}

// prepared returns the statement of a query; nil when there are too many, or
// when it cannot be prepared: running it then says why.
func (c *conn) prepared(ctx context.Context, query string) *sql.Stmt {
	s := c.stmts[query]
	if s != nil || len(c.stmts) == maxStatements {
		return s
	}
	s, err := c.c.PrepareContext(context.WithoutCancel(ctx), query)
	if err != nil {
		return nil
	}
	c.stmts[query] = s
	return s
}

// ExecContext is [sql.Conn]'s with a prepared statement.
func (c *conn) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	c.show(query)
	if s := c.prepared(ctx, query); s != nil { //nolint:sqlclosecheck // lives as long as the connection
		return s.ExecContext(ctx, args...)
	}
	return c.c.ExecContext(ctx, query, args...)
}

// QueryContext is [sql.Conn]'s with a prepared statement.
func (c *conn) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	c.show(query)
	if s := c.prepared(ctx, query); s != nil { //nolint:sqlclosecheck // lives as long as the connection
		return s.QueryContext(ctx, args...)
	}
	return c.c.QueryContext(ctx, query, args...)
}

// QueryRowContext is [sql.Conn]'s with a prepared statement.
func (c *conn) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	c.show(query)
	if s := c.prepared(ctx, query); s != nil { //nolint:sqlclosecheck // lives as long as the connection
		return s.QueryRowContext(ctx, args...)
	}
	return c.c.QueryRowContext(ctx, query, args...)
}

// run executes a statement of the transaction's own, unseen but for a commit,
// which is what costs.
func (c *conn) run(query string) error {
	if query == commit {
		c.show(query)
	}
	var err error
	if s := c.prepared(context.Background(), query); s != nil { //nolint:sqlclosecheck // lives as long as the connection
		_, err = s.ExecContext(context.Background())
	} else {
		_, err = c.c.ExecContext(context.Background(), query)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", strings.ToLower(query), err)
	}
	return nil
}
