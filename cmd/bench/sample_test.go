package bench

import (
	"testing"
	"time"
)

func TestPercentile(t *testing.T) {
	t.Parallel()
	var hundred []time.Duration
	for i := 100; i > 0; i-- {
		hundred = append(hundred, time.Duration(i))
	}
	for _, c := range []struct {
		samples []time.Duration
		share   float64
		want    time.Duration
	}{
		{nil, 0.5, 0},
		{[]time.Duration{7}, 0.5, 7},
		{[]time.Duration{7}, 0.99, 7},
		{[]time.Duration{3, 1, 2}, 0.5, 2},
		{[]time.Duration{4, 1, 3, 2}, 0.5, 2},
		{hundred, 0.5, 50},
		{hundred, 0.99, 99},
		{hundred, 1, 100},
		{hundred, 0, 1},
	} {
		if got := percentile(c.samples, c.share); got != c.want {
			t.Errorf("percentile %v of %d samples is %d, want %d", c.share, len(c.samples), got, c.want)
		}
	}
}

func TestSeries(t *testing.T) {
	t.Parallel()
	s := series{}
	for _, pass := range [][2]float64{{10, 5}, {100, 20}, {12, 4}} { // the second ran beside something else
		s.add("turn", pass[0])
		s.add("limit", pass[1])
	}
	s.add("turn", 1) // without a limit of the same pass
	if got := s.ratio("turn", "limit"); got != 3 {
		t.Errorf("the ratio is %v, want the median of 2, 5 and 3", got)
	}
	if got := s.median("turn"); got != 11 {
		t.Errorf("the median is %v, want 11", got)
	}
	if got := s.ratio("turn", "nothing"); got != 0 {
		t.Errorf("the ratio to nothing is %v", got)
	}
	if got := s.median("nothing"); got != 0 {
		t.Errorf("the median of nothing is %v", got)
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"0": number(0, ""), "0.134 ms": number(0.1337, "ms"), "5.00": number(5, ""), "13.6 ms": number(13.61, "ms"), "816 /s": number(816.4, "/s"),
		"74037 /s": number(74037.2, "/s"), "-1.32 MB": number(-1.321, "MB"), "0.0001": number(0.0001, ""),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
