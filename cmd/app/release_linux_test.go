package app

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCleanMappings(t *testing.T) {
	t.Parallel()
	const smaps = `00400000-00d35000 r-xp 00000000 fe:00 1 /bin/tmates
Size:               9428 kB
Rss:                8980 kB
Anonymous:             0 kB
VmFlags: rd ex mr mw me
00d35000-01685000 r--p 00935000 fe:00 1 /bin/tmates
Anonymous:             4 kB
01685000-0176f000 rw-p 01285000 fe:00 1 /bin/tmates
Anonymous:             0 kB
02000000-02001000 r--s 00000000 fe:00 1 /bin/tmates
Anonymous:             0 kB
30c966c00000-30c967400000 rw-p 00000000 00:00 0
Anonymous:             0 kB
7f0000000000-7f0000001000 r--p 00000000 fe:00 2 /lib/other
Anonymous:             0 kB
`
	if diff := cmp.Diff([]mapping{{0x400000, 0xd35000}}, clean(smaps, "/bin/tmates"), cmp.AllowUnexported(mapping{})); diff != "" {
		t.Error(diff)
	}
}

// TestReleaseProgram: the program goes on, with less of its file in memory.
func TestReleaseProgram(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if maps := smaps(t); len(clean(maps, program)) == 0 {
		t.Skip("no mapping of the program is clean")
	}
	before := resident(t, program)
	releaseProgram()
	if after := resident(t, program); after >= before {
		t.Errorf("%d KiB of the program are in memory, %d before", after, before)
	}
}

// resident is how much of a file is in memory through private mappings, in KiB.
func resident(t *testing.T, file string) (kib int) {
	t.Helper()
	ours := false
	for line := range strings.Lines(smaps(t)) {
		fields := strings.Fields(line)
		switch {
		case len(fields) >= 5 && strings.Contains(fields[0], "-"):
			ours = len(fields) == 6 && fields[5] == file
		case ours && fields[0] == "Rss:":
			n, err := strconv.Atoi(fields[1])
			if err != nil {
				t.Fatal(err)
			}
			kib += n
		}
	}
	return kib
}

func smaps(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
