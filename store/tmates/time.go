package tmates

import (
	"strings"
	"time"
)

// OffsetTime writes a time as free-form maps and socket frames carry it:
// microseconds in UTC, followed by +00:00.
func OffsetTime(t time.Time) string {
	return strings.TrimSuffix(ZTime(t), "Z") + "+00:00"
}

// ZTime writes a time as REST answers carry it: UTC with six fractional digits,
// or none when the microseconds are zero, followed by Z.
func ZTime(t time.Time) string {
	t = t.UTC().Truncate(time.Microsecond)
	if t.Nanosecond() == 0 {
		return t.Format("2006-01-02T15:04:05Z")
	}
	return t.Format("2006-01-02T15:04:05.000000Z")
}
