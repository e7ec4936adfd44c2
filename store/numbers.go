package store

import (
	"context"
	"fmt"
	"maps"
)

// numbers are the sequences that count messages, jobs and memories. They are drawn
// in memory, which the turn of a write guards, and stored once for each batch: a
// number costs no statement.
type numbers struct {
	drawn map[string]int64
	kept  map[string]int64 // as they are stored
}

func newNumbers() numbers { return numbers{drawn: map[string]int64{}, kept: map[string]int64{}} }

// next draws the next number of a sequence. A rollback gives it back.
func (tx *Tx) next(ctx context.Context, sequence string) (int64, error) {
	n := tx.numbers
	if _, read := n.kept[sequence]; !read {
		var value int64
		err := tx.tx.QueryRowContext(ctx, `SELECT value FROM sequences WHERE name = ?`, sequence).Scan(&value)
		if err != nil {
			return 0, fmt.Errorf("draw %s number: %w", sequence, err)
		}
		n.drawn[sequence], n.kept[sequence] = value, value
	}
	n.drawn[sequence]++
	tx.draws = append(tx.draws, sequence)
	return n.drawn[sequence], nil
}

// giveBack undoes the draws of a write that is undone. It is the newest.
func (n *numbers) giveBack(draws []string) {
	for _, sequence := range draws {
		n.drawn[sequence]--
	}
}

// store writes down what was drawn, at the end of a batch.
func (n *numbers) store(c *conn) error {
	for sequence, value := range n.drawn {
		if value == n.kept[sequence] {
			continue
		}
		if _, err := c.ExecContext(context.Background(), `UPDATE sequences SET value = ? WHERE name = ?`, value, sequence); err != nil {
			return fmt.Errorf("store %s numbers: %w", sequence, err)
		}
	}
	return nil
}

// settled ends a batch: what was drawn is stored now, or as if it never was.
func (n *numbers) settled(err error) {
	if err != nil {
		n.drawn = maps.Clone(n.kept)
		return
	}
	n.kept = maps.Clone(n.drawn)
}
