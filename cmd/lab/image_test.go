package lab

import (
	"errors"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// sector is what a disk writes whole or not at all, in bytes.
const sector = 512

// image is what a disk holds of one file: what was synced, and nothing else.
type image struct {
	path  string
	dirty map[int64]bool // sectors written since the last sync
	low   int64          // least size the file had since then; -1: it never shrank
	gone  bool           // the file was removed, but not yet on the disk
}

// source is a file that an image is taken of.
type source interface {
	size() (int64, error)
	readAt(p []byte, off int64) error
}

func newImage(path string) *image { return &image{path: path, dirty: map[int64]bool{}, low: -1} }

// write notes that a range of the file is not synced.
func (i *image) write(off, n int64) {
	for s := off / sector; s*sector < off+n; s++ {
		i.dirty[s] = true
	}
}

// truncate notes that the file was cut off, which is not synced.
func (i *image) truncate(size int64) {
	if i.low < 0 || size < i.low {
		i.low = size
	}
	for s := range i.dirty {
		if s*sector >= size {
			delete(i.dirty, s)
		}
	}
}

// remove takes the file away, on the disk or only from sight.
func (i *image) remove(onDisk bool) error {
	i.dirty, i.low, i.gone = map[int64]bool{}, 0, !onDisk
	if !onDisk {
		return nil
	}
	return gone(os.Remove(i.path))
}

func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// sync brings the image up to the file.
func (i *image) sync(from source) error { return i.apply(from, true) }

// lose leaves what a disk may hold after a power cut: any part of what was not
// synced, in pieces of the given number of sectors. from is nil when nobody has
// the file open.
func (i *image) lose(from source, random *rand.Rand, piece int64) error {
	if i.gone {
		if random.IntN(2) == 0 {
			return nil // the old one is still there
		}
		if err := gone(os.Remove(i.path)); err != nil {
			return err
		}
	}
	if from == nil || len(i.dirty) == 0 && i.low < 0 {
		return nil
	}
	shrank := i.low >= 0 && random.IntN(2) == 0
	if !shrank {
		i.low = -1
	}
	share := random.Float64() * 1.5 // now and then everything
	coins := map[int64]bool{}
	for _, s := range slices.Sorted(maps.Keys(i.dirty)) { // in order, so that a seed says it all
		if _, thrown := coins[s/piece]; !thrown {
			coins[s/piece] = random.Float64() < share
		}
		if !coins[s/piece] {
			delete(i.dirty, s)
		}
	}
	return i.apply(from, shrank)
}

// apply writes what is dirty, and with fit makes the image as long as the file.
func (i *image) apply(from source, fit bool) (err error) {
	f, err := os.OpenFile(i.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	size, err := from.size()
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil && i.low >= 0 && info.Size() > i.low {
		err = f.Truncate(i.low)
	}
	if err != nil {
		return err
	}
	buffer := make([]byte, sector)
	for s := range i.dirty {
		piece := buffer[:min(sector, max(0, size-s*sector))]
		if err := from.readAt(piece, s*sector); err != nil {
			return err
		}
		if _, err := f.WriteAt(piece, s*sector); err != nil {
			return err
		}
	}
	i.dirty, i.low, i.gone = map[int64]bool{}, -1, false
	if fit {
		return f.Truncate(size)
	}
	return nil
}

// databaseFiles lists the files of a folder that SQLite keeps on the disk. The
// one for shared memory is none of them.
func databaseFiles(dir string) (names []string, err error) {
	all, err := filepath.Glob(filepath.Join(dir, "tmates.db*"))
	for _, path := range all {
		if !strings.HasSuffix(path, "-shm") {
			names = append(names, filepath.Base(path))
		}
	}
	return names, err
}

// copyDatabase makes the database of one folder that of another.
func copyDatabase(from, to string) error {
	old, err := filepath.Glob(filepath.Join(to, "tmates.db*"))
	if err != nil {
		return err
	}
	for _, path := range old {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	names, err := databaseFiles(from)
	if err != nil {
		return err
	}
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, name), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}
