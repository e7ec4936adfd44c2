package tmates

import (
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	names := []string{"listen", "public_url", "data", "date"}
	for _, c := range []struct {
		word, want string
		edits      int
	}{
		{"lsiten", "listen", 2},
		{"publicurl", "public_url", 1},
		{"dat", "data", 1}, // the first of equals
		{"date", "date", 0},
		{strings.Repeat("x", 1<<20), "listen", 64},
	} {
		if got, edits := Nearest(c.word, names); got != c.want || edits != c.edits {
			t.Errorf("Nearest(%.20q) = %q, %d; want %q, %d", c.word, got, edits, c.want, c.edits)
		}
	}
	if got, _ := Nearest("x", nil); got != "" {
		t.Errorf("of no names: %q", got)
	}
}
