package app

import (
	"cmp"
	"io/fs"
	"math"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
)

const (
	mib = 1 << 20
	gib = 1 << 30
)

// budget is how much memory the program may use and what follows from it.
type budget struct {
	memory     int64 // bytes; 0: not known
	soft       int64 // limit for the garbage collector to set, in bytes; 0: none
	hashes     int   // passwords hashed at a time, 19 MiB each
	requests   int   // worked on at a time, about 4 MiB each when their bodies are the largest
	largeReads int   // answers of up to 4 MiB at a time, about 16 MiB each with what they are made of
	cacheKiB   int   // of each database connection
}

// spend divides the memory. A machine that tells nothing is taken for a large
// one. set says that the operator limits the collector (GOMEMLIMIT).
func spend(memory int64, set bool) budget {
	b := budget{memory: memory, hashes: 2, requests: 256, largeReads: 64, cacheKiB: 8192}
	if memory == 0 {
		return b
	}
	b.requests = int(min(max(memory/(8*mib), 16), 256))
	b.largeReads = int(min(max(memory/(64*mib), 2), 64))
	if memory < gib {
		b.hashes, b.cacheKiB = 1, 2048
		if !set { // the rest is for the database's pages, for files, and for the system
			b.soft = memory / 2
		}
	}
	return b
}

// memoryOf returns how many bytes the program may use, and whether GOMEMLIMIT
// says so: limit is what the collector holds itself to, math.MaxInt64 for none.
// Else it is the least of the machine's memory and of the limits of the control
// groups around the program, as root, the file system from / on, tells them; 0
// when it tells nothing.
func memoryOf(limit int64, root fs.FS) (bytes int64, set bool) {
	if limit < math.MaxInt64 {
		return limit, true
	}
	bytes = math.MaxInt64
	for _, n := range append(groupLimits(root), machineMemory(root)) {
		if n > 0 {
			bytes = min(bytes, n)
		}
	}
	if bytes == math.MaxInt64 {
		return 0, false
	}
	return bytes, false
}

// machineMemory reads MemTotal.
func machineMemory(root fs.FS) int64 {
	for line := range strings.Lines(read(root, "proc/meminfo")) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "MemTotal:" && fields[2] == "kB" {
			n, _ := strconv.ParseInt(fields[1], 10, 64)
			return n << 10
		}
	}
	return 0
}

// groupLimits reads the limits of the program's control group and of those above
// it, of both versions of the hierarchy. In a container the path may be the
// host's, so the root of the hierarchy, where the container's own limit then
// stands, is always read.
func groupLimits(root fs.FS) (limits []int64) {
	for line := range strings.Lines(read(root, "proc/self/cgroup")) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		top, name := "sys/fs/cgroup", "memory.max"
		switch {
		case parts[0] == "0" && parts[1] == "": // version 2
		case strings.Contains(","+parts[1]+",", ",memory,"):
			top, name = "sys/fs/cgroup/memory", "memory.limit_in_bytes"
		default:
			continue
		}
		for group := path.Join("/", parts[2]); ; group = path.Dir(group) {
			// "max" is no number, and version 1 says a number beyond any memory.
			n, _ := strconv.ParseInt(strings.TrimSpace(read(root, path.Join(top, group, name))), 10, 64)
			limits = append(limits, n)
			if group == "/" {
				break
			}
		}
	}
	return limits
}

// read returns a small file; nothing when it cannot be read.
func read(root fs.FS, name string) string {
	b, err := fs.ReadFile(root, name)
	if err != nil {
		return ""
	}
	return string(b)
}

// budgetOf reads what this machine has and what the operator chose.
func budgetOf(requests, hashes int, root fs.FS) budget {
	memory, set := memoryOf(debug.SetMemoryLimit(-1), root)
	b := spend(memory, set)
	b.requests, b.hashes = cmp.Or(requests, b.requests), cmp.Or(hashes, b.hashes)
	return b
}
