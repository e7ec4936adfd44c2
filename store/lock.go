package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/tmates/tmates/store/tmates"
)

const lockName = "tmates.lock"

// Holder says which process has the data folder open.
type Holder struct {
	PID int    `json:"pid"`
	URL string `json:"url,omitempty"` // where it listens; empty until it does
}

// Lock is the exclusive right to a data folder. The system drops it with the
// process, however that ends.
type Lock struct{ f *os.File }

// AcquireLock takes the data folder for this process. When another one has it,
// the error is a Conflict that names it, and holder tells where it listens.
func AcquireLock(dir string) (l *Lock, holder Holder, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, holder, fmt.Errorf("create data folder: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return nil, holder, fmt.Errorf("look at data folder: %w", err)
	}
	// Windows has no such bits: there the folder of the user's profile protects.
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o002 != 0 {
		return nil, holder, tmates.E(tmates.Forbidden, "data_not_private", nil,
			"everybody on this machine can change the data folder %s; type: chmod o-w %q", dir, dir)
	}
	path := filepath.Join(dir, lockName)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, holder, fmt.Errorf("open lock file: %w", err)
	}
	taken, err := lockFile(f)
	if err != nil {
		return nil, holder, errors.Join(fmt.Errorf("lock data folder: %w", err), f.Close())
	}
	if !taken {
		_ = f.Close()
		holder = ReadHolder(dir)
		where := ""
		if holder.URL != "" {
			where = " and listens on " + holder.URL
		}
		return nil, holder, tmates.E(tmates.Conflict, "data_in_use", nil,
			"another tmates (process %d) uses the data folder %s%s: stop it, or choose another folder with --data", holder.PID, dir, where)
	}
	l = &Lock{f: f}
	return l, holder, l.Announce("")
}

// ReadHolder returns what the process that has the folder wrote about itself. It
// is empty when there is none, or one that is just about to write.
func ReadHolder(dir string) (h Holder) {
	b, err := os.ReadFile(filepath.Join(dir, lockName))
	if err != nil || json.Unmarshal(b, &h) != nil {
		return Holder{}
	}
	return h
}

// Announce writes who holds the folder and where it listens, for commands that
// want to ask the running server.
func (l *Lock) Announce(url string) error {
	b, err := json.Marshal(Holder{PID: os.Getpid(), URL: url})
	if err != nil {
		return fmt.Errorf("encode lock: %w", err)
	}
	if err := l.f.Truncate(0); err != nil {
		return fmt.Errorf("write lock file: %w", err)
	}
	if _, err := l.f.WriteAt(b, 0); err != nil {
		return fmt.Errorf("write lock file: %w", err)
	}
	return nil
}

// Release gives the folder back. It says so to the system, because closing would
// not be enough: a child that is being started holds the file for a moment, too.
func (l *Lock) Release() error {
	return errors.Join(l.f.Truncate(0), unlockFile(l.f), l.f.Close())
}
