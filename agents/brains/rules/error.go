package rules

import (
	"fmt"
	"strings"

	"github.com/tmates/tmates/store/tmates"
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

// nearest is what a misspelt word was probably meant to be.
func nearest(word string, candidates []string) string {
	name, _ := tmates.Nearest(word, candidates)
	return name
}
