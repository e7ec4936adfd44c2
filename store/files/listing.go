package files

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/tmates/tmates/store/tmates"
)

const (
	// MaxEntries bounds how many files, folders and links of one user a
	// listing looks at. Of a larger folder it shows, and counts, whichever
	// entries the file system names first.
	MaxEntries = 10_000
	batch      = 256 // entries read at once
)

// List returns a user's newest files, at most limit, by modification time and
// then by path, and how many files and bytes there are in all. Totals and order
// cover at most MaxEntries entries.
func (s *Store) List(ctx context.Context, userID string, limit int) (files []tmates.File, total int, totalSize int64, err error) {
	root, err := s.user(userID)
	if errors.Is(err, fs.ErrNotExist) {
		return []tmates.File{}, 0, 0, nil
	}
	if err != nil {
		return nil, 0, 0, err
	}
	defer func() { _ = root.Close() }()
	files = []tmates.File{}
	err = walk(ctx, root, MaxEntries, func(name string) error {
		// Not the entry's own Info, which does not go through the root.
		info, err := root.Lstat(name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // deleted meanwhile
		}
		if err != nil {
			return fmt.Errorf("inspect file: %w", err)
		}
		if clean, err := clean(name); err != nil || clean != name || !info.Mode().IsRegular() {
			return nil // half-written, or a name no path can say
		}
		files = append(files, tmates.File{Path: name, Size: info.Size(), Modified: info.ModTime().UTC()})
		totalSize += info.Size()
		return nil
	})
	if err != nil {
		return nil, 0, 0, err
	}
	slices.SortFunc(files, func(a, b tmates.File) int {
		return cmp.Or(b.Modified.Compare(a.Modified), strings.Compare(a.Path, b.Path))
	})
	total = len(files)
	return slices.Clip(files[:min(max(limit, 0), total)]), total, totalSize, nil
}

// Sweep removes what uploads left half-written when the process was killed.
// Call it at start, before any Put: it cannot tell those from running ones.
func (s *Store) Sweep(ctx context.Context) error {
	all, err := os.OpenRoot(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open files: %w", err)
	}
	defer func() { _ = all.Close() }()
	return walk(ctx, all, 0, func(name string) error {
		if !isPart(path.Base(name)) {
			return nil
		}
		if err := all.Remove(name); err != nil {
			return fmt.Errorf("remove half-written file: %w", err)
		}
		return nil
	})
}

// walk calls visit for every regular file below root, in no order, and stops
// after most entries; 0 means all. Links are not followed. Folders that vanish
// meanwhile are skipped.
func walk(ctx context.Context, root *os.Root, most int, visit func(name string) error) error {
	pending := []string{"."}
	seen := 0
	for len(pending) > 0 {
		folder := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		err := readFolder(ctx, root, folder, func(entry fs.DirEntry) (more bool, err error) {
			name := path.Join(folder, entry.Name())
			switch {
			case entry.IsDir():
				pending = append(pending, name)
			case entry.Type().IsRegular():
				err = visit(name)
			}
			seen++
			return most == 0 || seen < most, err
		})
		if err != nil {
			return err
		}
		if most > 0 && seen >= most {
			return nil
		}
	}
	return nil
}

// readFolder calls visit for the entries of a folder until it wants no more.
func readFolder(ctx context.Context, root *os.Root, name string, visit func(fs.DirEntry) (bool, error)) error {
	folder, err := root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open folder: %w", err)
	}
	defer func() { _ = folder.Close() }()
	for {
		if err := context.Cause(ctx); err != nil {
			return fmt.Errorf("list files: %w", err)
		}
		entries, err := folder.ReadDir(batch)
		for _, entry := range entries {
			if more, err := visit(entry); err != nil || !more {
				return err
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read folder: %w", err)
		}
	}
}
