// Package disk replaces small private files, such as secrets, so that a power cut
// leaves the old content or the new one, never a part.
package disk

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
)

// Replace writes a file of mode 0600, and its folder (0700) when there is none.
// Whoever reads the path meanwhile sees one content or the other. Several writers
// of one path have to take turns.
func Replace(path string, content []byte) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(dir)
}

// syncFolder puts the names in a folder on the disk. Windows cannot, and needs
// not: its file systems journal names.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
