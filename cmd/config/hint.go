package config

import "strings"

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

// nearest returns the first of the names that takes the fewest edits to get to,
// or "" when more than half of the name (at least two letters) would change.
// The prefix all share does not count.
func nearest(name string, names []string, prefix string) string {
	if len(name) > maxHinted {
		return ""
	}
	name = strings.TrimPrefix(name, prefix)
	best, fewest := "", max(2, len(name)/2)+1
	for _, n := range names {
		if d := edits(name, strings.TrimPrefix(n, prefix)); d < fewest {
			best, fewest = n, d
		}
	}
	return best
}

// edits is the Levenshtein distance in bytes.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(diagonal+cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
