package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/tmates/tmates/store/tmates"
)

const batch = 256 // entries read at once

// Walk calls visit for each of a user's files, in no order, until it returns an
// error. A user without a folder has no files.
func (s *Store) Walk(ctx context.Context, userID string, visit func(tmates.File) error) error {
	root, err := s.user(userID)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	return walk(ctx, root, func(name string) error {
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
		return visit(tmates.File{Path: name, Size: info.Size(), Modified: info.ModTime().UTC()})
	})
}

// Users returns the ids of the users who have a folder, in no order. Links and
// names that are no user's id are left out.
func (s *Store) Users(ctx context.Context) (ids []string, err error) {
	all, err := os.OpenRoot(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open files: %w", err)
	}
	defer func() { _ = all.Close() }()
	err = readFolder(ctx, all, ".", func(entry fs.DirEntry) error {
		if entry.IsDir() && validUser(entry.Name()) {
			ids = append(ids, entry.Name())
		}
		return nil
	})
	return ids, err
}

// Sweep removes what uploads left half-written when an earlier process was
// killed. What this store is writing stays.
func (s *Store) Sweep(ctx context.Context) error {
	all, err := os.OpenRoot(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open files: %w", err)
	}
	defer func() { _ = all.Close() }()
	return walk(ctx, all, func(name string) error {
		if base := path.Base(name); !isPart(base) || strings.HasPrefix(base, s.parts) {
			return nil
		}
		if err := all.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove half-written file: %w", err)
		}
		return nil
	})
}

// walk calls visit for every regular file below root, in no order. Links are
// not followed. Folders that vanish meanwhile are skipped.
func walk(ctx context.Context, root *os.Root, visit func(name string) error) error {
	pending := []string{"."}
	for len(pending) > 0 {
		folder := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		err := readFolder(ctx, root, folder, func(entry fs.DirEntry) error {
			name := path.Join(folder, entry.Name())
			switch {
			case entry.IsDir():
				pending = append(pending, name)
			case entry.Type().IsRegular():
				return visit(name)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// readFolder calls visit for the entries of a folder until it returns an error.
func readFolder(ctx context.Context, root *os.Root, name string, visit func(fs.DirEntry) error) error {
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
			if err := visit(entry); err != nil {
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
