package rules

import (
	"fmt"
	"slices"
	"strings"
)

// maxErrors bounds how many mistakes of one file are reported.
const maxErrors = 20

// Error is one mistake in a rules file. Line and Col count from 1.
type Error struct {
	File      string
	Line, Col int
	Text      string
}

// Error returns "file:line:col: text".
func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Col, e.Text)
}

// Errors lists the mistakes of a rules file in the order of the file, at most
// 20 of them.
type Errors []*Error

// Error returns one line for each mistake.
func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the single mistakes.
func (es Errors) Unwrap() []error {
	errs := make([]error, len(es))
	for i, e := range es {
		errs[i] = e
	}
	return errs
}

// nearest returns the candidate with the fewest edits to get to it.
func nearest(word string, candidates []string) string {
	return slices.MinFunc(candidates, func(a, b string) int {
		return distance(word, a) - distance(word, b)
	})
}

// distance is the Levenshtein distance in bytes. Only the first 64 count, so
// that a huge key costs nothing.
func distance(a, b string) int {
	a, b = a[:min(len(a), 64)], b[:min(len(b), 64)]
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
