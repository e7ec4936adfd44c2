package tmates

// maxNamed is how many bytes of a name are compared: a huge one costs nothing.
const maxNamed = 64

// Nearest returns the first of the names that takes the fewest edits to get to
// from a misspelt one, for the hint of an error; "" when there are none.
func Nearest(misspelt string, names []string) (name string, edits int) {
	for i, n := range names {
		if d := distance(misspelt, n); i == 0 || d < edits {
			name, edits = n, d
		}
	}
	return name, edits
}

// distance is the Levenshtein distance in bytes.
func distance(a, b string) int {
	a, b = a[:min(len(a), maxNamed)], b[:min(len(b), maxNamed)]
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
