package bench

import (
	"math"
	"strconv"
	"strings"
)

// number writes a value with three or four digits that count.
func number(v float64, unit string) string {
	digits := 0
	if a := math.Abs(v); a != 0 && a < 1000 {
		digits = max(0, 2-int(math.Floor(math.Log10(a))))
	}
	s := strconv.FormatFloat(v, 'f', min(digits, 4), 64)
	if unit != "" {
		s += " " + unit
	}
	return s
}

// times writes a ratio.
func times(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) + " x" }

// Rows shows the figures as a table, its head first. With an earlier result each
// has what was measured then, and how that changed.
func (r Result) Rows(earlier *Result) (rows [][]string) {
	head := []string{"SCENARIO", "WHAT", "MEASURED", "LIMIT", "RATIO"}
	if earlier != nil {
		head = append(head, "EARLIER", "CHANGE")
	}
	rows = append(rows, head)
	for _, f := range r.Figures {
		row := append([]string{scenarioOf(f.Key), f.What}, f.cells()...)
		if earlier != nil {
			then, change := "-", "-"
			if old, ok := earlier.Figure(f.Key); ok {
				then = number(old.Value, old.Unit)
				if f.Missing == "" && old.Value != 0 {
					change = times(f.Value / old.Value)
				}
			}
			row = append(row, then, change)
		}
		rows = append(rows, row)
	}
	return rows
}

// cells are a figure's value, its limit and the ratio.
func (f Figure) cells() []string {
	switch {
	case f.Missing != "":
		return []string{"n/a: " + f.Missing, "-", "-"}
	case f.Against == nil:
		return []string{number(f.Value, f.Unit), "-", "-"}
	}
	return []string{number(f.Value, f.Unit), number(f.Against.Value, f.Unit) + " (" + f.Against.What + ")", times(f.Against.Ratio)}
}

// scenarioOf is the first part of a figure's key.
func scenarioOf(key string) string {
	name, _, _ := strings.Cut(key, ".")
	return name
}

// GoalRows shows verdicts as a table, its head first.
func GoalRows(all []Verdict) (rows [][]string) {
	rows = append(rows, []string{"WHAT", "MEASURED", "LIMIT", "RATIO", "GOAL", "RESULT"})
	for _, v := range all {
		cells := []string{"-", "-", "-"}
		if f := v.Figure; f.Key != "" {
			if !v.Ratio {
				f.Against = nil // is not what the goal is about
			}
			cells = f.cells()
		}
		rows = append(rows, append(append([]string{v.What}, cells...), v.Bar, string(v.Outcome)))
	}
	return rows
}
