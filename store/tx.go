package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/tmates/tmates/store/tmates"
)

// Tx is a transaction. It lives no longer than the function it was given to.
type Tx struct {
	Now    time.Time // one clock reading for the whole transaction
	tx     *conn
	newID  func() string
	events []tmates.Event

	numbers  *numbers  // nil for a reader, which draws none
	wordless *wordless // nil for a reader
	draws    []string  // sequences this write drew from, once for each number
}

// NewID returns a fresh id for a row.
func (tx *Tx) NewID() string { return tx.newID() }

// Emit queues an event that leaves after the commit.
func (tx *Tx) Emit(ev tmates.Event) { tx.events = append(tx.events, ev) }

// exec runs one statement; what names it in an error.
func (tx *Tx) exec(ctx context.Context, what, query string, args ...any) (int64, error) {
	res, err := tx.tx.ExecContext(ctx, query, args...)
	if isForeignKey(err) { // deleted since the caller was let in
		return 0, fmt.Errorf("%s: %w", what, errors.Join(ErrNoUser, err))
	}
	if err != nil {
		return 0, fmt.Errorf("%s: %w", what, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("%s: %w", what, err)
	}
	return n, nil
}

// scanner is a row or the current one of several.
type scanner interface{ Scan(dest ...any) error }

// one reads a single row; found is false when there is none.
func one[T any](ctx context.Context, tx *Tx, what string, scan func(scanner) (T, error), query string, args ...any) (v T, found bool, err error) {
	v, err = scan(tx.tx.QueryRowContext(ctx, query, args...))
	if errors.Is(err, sql.ErrNoRows) {
		return v, false, nil
	}
	if err != nil {
		return v, false, fmt.Errorf("%s: %w", what, err)
	}
	return v, true, nil
}

// oneOr is one for a row whose absence is the error missing.
func oneOr[T any](ctx context.Context, tx *Tx, missing error, what string, scan func(scanner) (T, error), query string, args ...any) (T, error) {
	v, found, err := one(ctx, tx, what, scan, query, args...)
	if err == nil && !found {
		err = missing
	}
	return v, err
}

// each yields the rows of a query. After an error none follows.
func each[T any](ctx context.Context, tx *Tx, what string, scan func(scanner) (T, error), query string, args ...any) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		rows, err := tx.tx.QueryContext(ctx, query, args...)
		if err != nil {
			yield(none, fmt.Errorf("%s: %w", what, err))
			return
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			v, err := scan(rows)
			if err != nil {
				yield(none, fmt.Errorf("%s: %w", what, err))
				return
			}
			if !yield(v, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(none, fmt.Errorf("%s: %w", what, err))
		}
	}
}

// list drains a query, so that no rows are open when the next statement runs.
func list[T any](ctx context.Context, tx *Tx, what string, scan func(scanner) (T, error), query string, args ...any) (all []T, err error) {
	for v, err := range each(ctx, tx, what, scan, query, args...) {
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

// listBytes is list that stops before the rows weigh more than most bytes
// together; the first is always taken. more tells that there were others.
func listBytes[T any](ctx context.Context, tx *Tx, most int, what string, scan func(scanner) (T, error), query string, args ...any) (all []T, more bool, err error) {
	total := 0
	weigh := func(s scanner) (T, error) { return scan(scale{s, &total}) }
	for v, err := range each(ctx, tx, what, weigh, query, args...) {
		if err != nil {
			return nil, false, err
		}
		if total > most && len(all) > 0 {
			return all, true, nil
		}
		all = append(all, v)
	}
	return all, false, nil
}

// rowBytes is what a row weighs besides its texts.
const rowBytes = 500

// scale adds up what the rows it scans weigh: every text, JSON included, in
// whichever column it stands.
type scale struct {
	scanner
	total *int
}

// Scan implements [scanner].
func (s scale) Scan(dest ...any) error {
	err := s.scanner.Scan(dest...)
	*s.total += rowBytes
	for _, d := range dest {
		switch d := d.(type) {
		case *string:
			*s.total += len(*d)
		case interface{ size() int }:
			*s.total += d.size()
		}
	}
	return err
}

// micros is a time as it is stored: NULL when it never happened.
func micros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// stamp reads what micros wrote.
type stamp struct{ time.Time }

// Scan implements [sql.Scanner].
func (s *stamp) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		s.Time = time.Time{}
	case int64:
		s.Time = time.UnixMicro(v).UTC()
	default:
		return fmt.Errorf("time column holds %T", v)
	}
	return nil
}

// jsonText encodes a value for a TEXT column. The values are maps, slices and
// texts made by this program, so that encoding cannot fail.
func jsonText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic("store: " + err.Error())
	}
	return string(b)
}

// jsonColumn reads a TEXT column of JSON into *V; empty text leaves it alone.
type jsonColumn[V any] struct {
	v     *V
	bytes int // of the text that was read
}

// Scan implements [sql.Scanner].
func (c *jsonColumn[V]) Scan(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("JSON column holds %T", v)
	}
	c.bytes = len(s)
	if s == "" {
		return nil
	}
	return json.Unmarshal([]byte(s), c.v)
}

func (c *jsonColumn[V]) size() int { return c.bytes }

func asJSON[V any](v *V) *jsonColumn[V] { return &jsonColumn[V]{v: v} }
