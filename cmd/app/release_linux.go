package app

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// releaseProgram tells the kernel that the pages of the program's file are not
// needed now. Initialisation reaches all over the file, and the kernel maps 64 KiB
// around each page it reaches, so that nearly all of it counts as memory in use
// for good. Only what runs afterwards comes back, from the page cache: a few
// hundred soft faults, once. What fails is not worth a word.
func releaseProgram() {
	program, err := os.Executable()
	if err != nil {
		return
	}
	maps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return
	}
	for _, m := range clean(string(maps), program) {
		_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, m.from, m.to-m.from, syscall.MADV_DONTNEED)
	}
}

// mapping is a range of addresses.
type mapping struct{ from, to uintptr }

// clean returns the mappings of a file that nobody can write and nobody has
// written: the kernel can read their pages again. Those that a loader or a
// debugger changed before they became read-only are anonymous memory, which
// would be lost.
func clean(smaps, file string) (found []mapping) {
	var m mapping
	ours := false
	for line := range strings.Lines(smaps) {
		fields := strings.Fields(line)
		switch {
		case len(fields) >= 5 && strings.Contains(fields[0], "-"): // the first line of a mapping
			ours = len(fields) == 6 && fields[5] == file && (fields[1] == "r--p" || fields[1] == "r-xp")
			if _, err := fmt.Sscanf(fields[0], "%x-%x", &m.from, &m.to); err != nil {
				ours = false
			}
		case ours && len(fields) == 3 && fields[0] == "Anonymous:" && fields[1] == "0":
			found = append(found, m)
		}
	}
	return found
}
