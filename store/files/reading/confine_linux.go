package reading

import (
	"errors"

	"golang.org/x/sys/unix"
)

// confine bounds the memory and the time of this process, for good.
func confine() error {
	memory, seconds := uint64(pdfMemory), uint64(pdfTime.Seconds())
	return errors.Join(
		unix.Setrlimit(unix.RLIMIT_DATA, &unix.Rlimit{Cur: memory, Max: memory}),
		unix.Setrlimit(unix.RLIMIT_CPU, &unix.Rlimit{Cur: seconds, Max: seconds}),
		unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}),
	)
}
