package app

import (
	"math"
	"testing"
	"testing/fstest"
)

func TestMemoryOf(t *testing.T) {
	t.Parallel()
	const meminfo = "MemTotal:        1000 kB\nMemFree:          500 kB\n"
	none := int64(math.MaxInt64)
	for name, c := range map[string]struct {
		limit int64
		files map[string]string
		want  int64
		set   bool
	}{
		"GOMEMLIMIT comes first":     {limit: 5000, files: map[string]string{"proc/meminfo": meminfo}, want: 5000, set: true},
		"the machine":                {limit: none, files: map[string]string{"proc/meminfo": meminfo}, want: 1_024_000},
		"nothing is told":            {limit: none},
		"nothing readable":           {limit: none, files: map[string]string{"proc/meminfo": "MemTotal: many kB\n", "proc/self/cgroup": "nonsense\n0:x\n"}},
		"a group, version 2":         {limit: none, want: 3000, files: map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max": "3000\n"}},
		"a group above, version 2":   {limit: none, want: 2000, files: map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max": "max\n", "sys/fs/cgroup/a/memory.max": "2000\n"}},
		"a group without a limit":    {limit: none, want: 1_024_000, files: map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/memory.max": "max\n"}},
		"a limit beyond the machine": {limit: none, want: 1_024_000, files: map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/memory.max": "9000000000\n"}},
		"a container, version 2":     {limit: none, want: 4000, files: map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "4000\n"}},
		"a group, version 1": {limit: none, want: 3000, files: map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "5:cpu,cpuacct:/a\n4:hugetlb,memory:/a\n0::/a\n", "sys/fs/cgroup/memory/a/memory.limit_in_bytes": "3000\n",
		}},
		"a container, version 1": {limit: none, want: 3000, files: map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "4:memory:/docker/abc\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "3000\n",
		}},
		"no limit, version 1": {limit: none, want: 1_024_000, files: map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "4:memory:/\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
		}},
	} {
		root := fstest.MapFS{}
		for path, text := range c.files {
			root[path] = &fstest.MapFile{Data: []byte(text)}
		}
		if got, set := memoryOf(c.limit, root); got != c.want || set != c.set {
			t.Errorf("%s: %d, %t; want %d, %t", name, got, set, c.want, c.set)
		}
	}
}

func TestSpend(t *testing.T) {
	t.Parallel()
	for _, want := range []budget{
		{memory: 0, hashes: 2, requests: 256, largeReads: 64, cacheKiB: 8192},
		{memory: 64 * mib, soft: 32 * mib, hashes: 1, requests: 16, largeReads: 2, cacheKiB: 2048},
		{memory: 512 * mib, soft: 256 * mib, hashes: 1, requests: 64, largeReads: 8, cacheKiB: 2048},
		{memory: gib, hashes: 2, requests: 128, largeReads: 16, cacheKiB: 8192},
		{memory: 24 * gib, hashes: 2, requests: 256, largeReads: 64, cacheKiB: 8192},
	} {
		if got := spend(want.memory, false); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	if b := spend(512*mib, true); b.soft != 0 {
		t.Errorf("the operator's limit is replaced by %d", b.soft)
	}
}
