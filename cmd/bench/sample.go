package bench

import (
	"math"
	"slices"
	"time"
)

// percentile returns the value that a share of all samples does not exceed, by
// the nearest rank; 0 without samples. It sorts the samples.
func percentile(samples []time.Duration, share float64) time.Duration {
	if len(samples) == 0 {
		return 0
	}
	slices.Sort(samples)
	rank := int(math.Ceil(share * float64(len(samples))))
	return samples[min(max(rank, 1), len(samples))-1]
}

// median returns the middle of the values, the mean of the two middle ones when
// their number is even; 0 without values.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(values))
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}

// series are the values of each measurement, one a pass.
type series map[string][]float64

func (s series) add(name string, value float64) { s[name] = append(s[name], value) }

// median of the passes of a measurement.
func (s series) median(name string) float64 { return median(s[name]) }

// ratio is the median of what two measurements of the same pass are to each
// other; 0 when one is missing. Passes that ran under other load then count only
// against their neighbour.
func (s series) ratio(name, base string) float64 {
	var all []float64
	for i, v := range s[name] {
		if i < len(s[base]) && s[base][i] > 0 {
			all = append(all, v/s[base][i])
		}
	}
	return median(all)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func microseconds(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
