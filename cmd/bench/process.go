package bench

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// clockTick is the unit of CPU times in /proc: 1/100 s on every Linux that
// matters (USER_HZ is part of its interface).
const clockTick = 10 * time.Millisecond

// usage is what a process has taken.
type usage struct {
	rss   int64         // bytes in memory now
	cpu   time.Duration // user and system time since it began, in steps of 10 ms
	files int           // open descriptors
}

// usageOf reads /proc; ok is false where there is none.
func usageOf(pid int) (u usage, ok bool) {
	dir := "/proc/" + strconv.Itoa(pid)
	status, err := os.ReadFile(dir + "/status")
	if err != nil {
		return u, false
	}
	_, rest, found := bytes.Cut(status, []byte("VmRSS:"))
	var kib int64
	if _, err := fmt.Sscanf(string(rest), "%d kB", &kib); err != nil || !found {
		return u, false
	}
	stat, err := os.ReadFile(dir + "/stat")
	if err != nil {
		return u, false
	}
	// The second field is the name in brackets, which may hold blanks; user and
	// system time are the 12th and 13th behind it.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 13 {
		return u, false
	}
	user, errUser := strconv.ParseInt(string(fields[11]), 10, 64)
	system, errSystem := strconv.ParseInt(string(fields[12]), 10, 64)
	open, errFiles := os.ReadDir(dir + "/fd")
	if errUser != nil || errSystem != nil || errFiles != nil {
		return u, false
	}
	return usage{rss: kib << 10, cpu: time.Duration(user+system) * clockTick, files: len(open)}, true
}
