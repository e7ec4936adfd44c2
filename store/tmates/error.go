package tmates

import "fmt"

// Kind says whose fault an error is. The zero Kind is Internal, so that what
// nobody classified is never blamed on the client.
type Kind uint8

// The kinds of failure. Each wire contract maps them to a status in one place.
const (
	Internal Kind = iota
	Invalid
	Unauthenticated
	Forbidden
	NotFound
	Conflict
	TooLarge
	QuotaSpent
	TooMany
	Unavailable
)

// Error is a failure a caller may be shown.
type Error struct {
	Kind Kind
	Code string // stable, for programs: "thread_not_found"
	Msg  string // for people; never holds a secret, a path or a stack
	err  error  // for the log
}

// E returns a new Error. wrapped may be nil. The result is never changed
// afterwards, so it may be kept in a package variable.
func E(k Kind, code string, wrapped error, format string, a ...any) error {
	return &Error{Kind: k, Code: code, Msg: fmt.Sprintf(format, a...), err: wrapped}
}

// Error returns the text for the log: the message and what it wraps.
func (e *Error) Error() string {
	if e.err != nil {
		return e.Msg + ": " + e.err.Error()
	}
	return e.Msg
}

// Unwrap returns the wrapped error, or nil.
func (e *Error) Unwrap() error { return e.err }
