package config

import (
	"slices"
	"strings"

	"github.com/tmates/tmates/store/tmates"
)

// maxHinted is the longest name, in bytes, for which a near one is looked for:
// the search takes time by length.
const maxHinted = 64

// hint ends an error about an unknown name.
func hint(near string) string {
	if near == "" {
		return "tmates.example.yaml lists all"
	}
	return "did you mean " + near + "?"
}

// keyHint finds what the unknown key name under prefix was meant to be.
func (s schema) keyHint(prefix, name string) string {
	if section, leaf, ok := strings.Cut(name, "."); ok && prefix == "" {
		if _, known := s.rule(name); known {
			return "write " + quote(leaf) + " below " + quote(section)
		}
	}
	for _, key := range s.all() { // right name, wrong section
		if _, leaf, nested := strings.Cut(key, "."); nested && leaf == name {
			return hint(key)
		}
	}
	if _, top := s.keys[name]; top {
		return hint(name)
	}
	siblings, _ := s.under(prefix)
	near := nearest(name, siblings, "")
	if near == "" {
		return hint("")
	}
	return hint(join(prefix, near))
}

// nearest returns the name that is nearest to an unknown one, or "" when more
// than half of that (at least two letters) would change. The prefix all share
// does not count.
func nearest(name string, names []string, prefix string) string {
	if len(name) > maxHinted {
		return ""
	}
	name = strings.TrimPrefix(name, prefix)
	short := make([]string, len(names))
	for i, n := range names {
		short[i] = strings.TrimPrefix(n, prefix)
	}
	best, edits := tmates.Nearest(name, short)
	if i := slices.Index(short, best); i >= 0 && edits <= max(2, len(name)/2) {
		return names[i]
	}
	return ""
}
