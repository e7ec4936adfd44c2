package config

import (
	"fmt"
	"io"
	"log/slog"
)

const mask = "********"

// Secret is text that must not be shown. Every way of printing it, %d and JSON
// included, gives a mask, or nothing when it is empty; only Reveal returns it.
// Keep it in exported fields: fmt cannot ask a value it reaches through an
// unexported one how to print itself.
type Secret string

// Reveal returns the text itself.
func (s Secret) Reveal() string { return string(s) }

// String returns the mask, or "" when the secret is empty.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return mask
}

// GoString is String in quotes.
func (s Secret) GoString() string { return fmt.Sprintf("%q", s.String()) }

// Format prints the mask whatever the verb: without it %d would show the text.
func (s Secret) Format(f fmt.State, verb rune) {
	out := s.String()
	if verb == 'q' || f.Flag('#') {
		out = s.GoString()
	}
	// Format has no way to report that writing failed; fmt notices by itself.
	_, _ = io.WriteString(f, out)
}

// LogValue gives loggers the mask.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText gives encoders (JSON among them) the mask.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
