package bench

import "os"

// Figure is one number that was measured.
type Figure struct {
	Key     string  `json:"key"` // stable: "message.crowd.rate"
	What    string  `json:"what"`
	Unit    string  `json:"unit,omitempty"`
	Value   float64 `json:"value"`
	Missing string  `json:"missing,omitempty"` // why there is no value
	Against *Limit  `json:"against,omitempty"`
}

// Limit is what a figure is held against: measured in the same run, in turns
// with it.
type Limit struct {
	What  string  `json:"what"`
	Value float64 `json:"value"` // in the figure's unit
	Ratio float64 `json:"ratio"` // figure to limit: the median over the passes
}

// figure adds a number of a series, and what it is held against when base names
// another one.
func (r *run) figure(s series, key, what, unit, base, baseWhat string) {
	f := Figure{Key: key, What: what, Unit: unit}
	if len(s[key]) == 0 {
		f.Missing = tooShort
		if _, ok := usageOf(os.Getpid()); !ok {
			f.Missing = noProc
		}
	}
	f.Value = s.median(key)
	if len(s[base]) > 0 && f.Missing == "" {
		f.Against = &Limit{What: baseWhat, Value: s.median(base), Ratio: s.ratio(key, base)}
	}
	r.figures = append(r.figures, f)
}

// plain adds a number that stands for itself.
func (r *run) plain(s series, key, what, unit string) { r.figure(s, key, what, unit, "", "") }

// missing adds a number that cannot be had here.
func (r *run) missing(key, what, why string) {
	r.figures = append(r.figures, Figure{Key: key, What: what, Missing: why})
}

// Why a figure of CPU or memory is missing; others are always there.
const (
	noProc   = "this system has no /proc"
	tooShort = "the run was too short to tell"
)
