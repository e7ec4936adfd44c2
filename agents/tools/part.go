package tools

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/tmates/tmates/store/tmates"
)

// partSize is how much of a long text a tool shows at once, in bytes: less than a
// result may have, with room for a heading.
const partSize = 12 << 10

// part returns the n-th part of a text, with a heading that says how many there
// are. cut says that even the whole text is not all of it.
func part(name, text string, cut bool, n int) string {
	parts := split(text)
	n = max(n, 1)
	switch {
	case n > len(parts):
		return fmt.Sprintf("%s has %d parts; there is no part %d.", name, len(parts), n)
	case len(parts) == 1 && !cut:
		return name + ":\n" + text
	}
	end := fmt.Sprintf("\n[part %d of %d; ask for part %d to read on]", n, len(parts), n+1)
	if n == len(parts) {
		end = "\n[end]"
		if cut {
			end = "\n[the text goes on, but no more of it can be read]"
		}
	}
	return fmt.Sprintf("%s, part %d of %d:\n%s%s", name, n, len(parts), parts[n-1], end)
}

// split cuts a text into parts of at most partSize bytes, between lines where it
// can, and never inside a letter.
func split(text string) (parts []string) {
	for len(text) > partSize {
		end := partSize
		for end > 0 && !utf8.RuneStart(text[end]) {
			end--
		}
		if line := strings.LastIndexByte(text[:end], '\n'); line > partSize/2 {
			end = line + 1
		}
		parts, text = append(parts, text[:end]), text[end:]
	}
	return append(parts, text)
}

// refusal makes text of what a use-case refuses; what broke stays an error.
func refusal(err error) (string, error) {
	if refused, ok := errors.AsType[*tmates.Error](err); ok && refused.Kind != tmates.Internal {
		return refused.Msg, nil
	}
	return "", err
}
