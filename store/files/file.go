package files

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"syscall"

	"github.com/tmates/tmates/store/tmates"
)

// Open opens a user's file for reading; the caller closes it. A path that leads
// out of the user's folder is [ErrDenied], a missing file or a folder is
// [ErrNotFound].
func (s *Store) Open(ctx context.Context, userID, filePath string) (*os.File, error) {
	name, root, err := s.find(ctx, userID, filePath)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	file, err := root.Open(name)
	if err != nil {
		return nil, classify("open", err)
	}
	return file, nil
}

// Delete removes a user's file, and the folders above it that it leaves empty.
// Its errors are those of Open.
func (s *Store) Delete(ctx context.Context, userID, filePath string) error {
	name, root, err := s.find(ctx, userID, filePath)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	if err := root.Remove(name); err != nil {
		return classify("delete", err)
	}
	// Without this a power cut could bring the file back.
	if err := syncFolder(root, path.Dir(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	s.folders.Lock()
	defer s.folders.Unlock()
	prune(root, path.Dir(name))
	return nil
}

// DeleteUser removes everything a user has, their folder included. Links are
// removed, never followed. When it is interrupted, doing it again goes on.
func (s *Store) DeleteUser(ctx context.Context, userID string) error {
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("delete files of user: %w", err)
	}
	if !validUser(userID) {
		return nil // has no folder
	}
	all, err := os.OpenRoot(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open files: %w", err)
	}
	defer func() { _ = all.Close() }()
	s.folders.Lock()
	defer s.folders.Unlock()
	if err := all.RemoveAll(userID); err != nil {
		return fmt.Errorf("delete files of user: %w", err)
	}
	return syncFolder(all, ".")
}

// Put keeps what r yields, at most limit bytes, as a user's file and returns it
// as stored. A file of that path is replaced in one step; readers that have it
// open keep the old one. More than limit bytes are [ErrTooLarge], a path that
// names a folder or goes through a file is [ErrTaken]. After an error nothing of
// the new file is left, unless the disk broke in the last step.
func (s *Store) Put(ctx context.Context, userID, filePath string, r io.Reader, limit int64) (tmates.File, error) {
	return s.put(ctx, userID, filePath, r, limit, func(root *os.Root, part, name string) error { return root.Rename(part, name) })
}

// Add is Put for a path that must be free: whatever is there already, a link
// included, makes it [ErrTaken].
func (s *Store) Add(ctx context.Context, userID, filePath string, r io.Reader, limit int64) (tmates.File, error) {
	return s.put(ctx, userID, filePath, r, limit, func(root *os.Root, part, name string) error {
		s.folders.Lock() // of two who add the same path one comes first
		defer s.folders.Unlock()
		if _, err := root.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
			return cmp.Or(err, fs.ErrExist)
		}
		return root.Rename(part, name)
	})
}

// put writes a file beside its path, syncs it, and lets place give it its name.
func (s *Store) put(ctx context.Context, userID, filePath string, r io.Reader, limit int64,
	place func(root *os.Root, part, name string) error,
) (tmates.File, error) {
	name, err := clean(filePath)
	if err != nil {
		return tmates.File{}, err
	}
	if name == "." {
		return tmates.File{}, ErrDenied
	}
	root, err := s.makeUser(userID)
	if err != nil {
		return tmates.File{}, err
	}
	defer func() { _ = root.Close() }()
	part, partName, err := s.create(root, name)
	if err != nil {
		return tmates.File{}, err
	}
	kept := false
	defer func() {
		_ = part.Close() // a second time when all went well
		if !kept {
			s.folders.Lock()
			defer s.folders.Unlock()
			_ = root.Remove(partName)
			prune(root, path.Dir(name))
		}
	}()
	info, err := fill(ctx, part, r, limit)
	if err != nil {
		return tmates.File{}, err
	}
	if err := place(root, partName, name); err != nil {
		return tmates.File{}, putError(err)
	}
	kept = true
	for folder := path.Dir(name); ; folder = path.Dir(folder) {
		// Somebody may delete the file, and with it the folder, at once.
		if err := syncFolder(root, folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return tmates.File{}, err
		}
		if folder == "." {
			break
		}
	}
	return tmates.File{Path: name, Size: info.Size(), Modified: info.ModTime().UTC()}, nil
}

// find checks that a path names a user's regular file. The caller closes the
// root.
func (s *Store) find(ctx context.Context, userID, filePath string) (string, *os.Root, error) {
	if err := context.Cause(ctx); err != nil {
		return "", nil, fmt.Errorf("find file: %w", err)
	}
	name, err := clean(filePath)
	if err != nil {
		return "", nil, err
	}
	root, err := s.user(userID)
	if err != nil {
		return "", nil, classify("find", err)
	}
	info, err := root.Stat(name)
	if err != nil {
		_ = root.Close()
		return "", nil, classify("find", err)
	}
	if !info.Mode().IsRegular() { // opening a pipe would wait for its writer
		_ = root.Close()
		return "", nil, ErrNotFound
	}
	return name, root, nil
}

// prune removes folder and the folders above it as far as they are empty. The
// caller holds Store.folders. A folder that stays behind harms nobody, so no
// error is worth a word.
func prune(root *os.Root, folder string) {
	for ; folder != "."; folder = path.Dir(folder) {
		info, err := root.Lstat(folder)
		if err != nil {
			continue // somebody else removed it, or it was never made
		}
		if !info.IsDir() || root.Remove(folder) != nil {
			return
		}
	}
}

// create makes the folders of a file and, beside it, the file to write first.
func (s *Store) create(root *os.Root, name string) (part *os.File, partName string, err error) {
	s.folders.Lock()
	defer s.folders.Unlock()
	defer func() {
		if err != nil {
			prune(root, path.Dir(name))
		}
	}()
	info, err := root.Stat(name)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return nil, "", ErrTaken
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, "", putError(err)
	}
	folder := path.Dir(name)
	if err := root.MkdirAll(folder, 0o700); err != nil {
		return nil, "", putError(err)
	}
	partName = path.Join(folder, s.parts+rand.Text()+partSuffix)
	part, err = root.OpenFile(partName, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, "", putError(err)
	}
	return part, partName, nil
}

// fill copies r into part, puts it on the disk and closes it.
func fill(ctx context.Context, part *os.File, r io.Reader, limit int64) (fs.FileInfo, error) {
	in := readerFunc(func(p []byte) (int, error) { // ends with its context
		if err := context.Cause(ctx); err != nil {
			return 0, err
		}
		return r.Read(p)
	})
	n, err := io.Copy(part, io.LimitReader(in, limit))
	if err == nil && n == max(limit, 0) {
		var beyond int
		beyond, err = io.ReadFull(in, make([]byte, 1))
		if beyond > 0 {
			return nil, ErrTooLarge
		}
		if errors.Is(err, io.EOF) {
			err = nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("write file: %w", err)
	}
	if err := part.Sync(); err != nil {
		return nil, fmt.Errorf("sync file: %w", err)
	}
	info, err := part.Stat()
	if err != nil {
		return nil, fmt.Errorf("inspect file: %w", err)
	}
	if err := part.Close(); err != nil {
		return nil, fmt.Errorf("close file: %w", err)
	}
	return info, nil
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// putError is classify for a file that need not exist yet.
func putError(err error) error {
	for _, taken := range []error{syscall.ENOTDIR, syscall.EISDIR, fs.ErrExist} {
		if errors.Is(err, taken) {
			return ErrTaken
		}
	}
	if errors.Is(err, syscall.ENAMETOOLONG) || errors.Is(err, syscall.ELOOP) || escapes(err) {
		return ErrDenied
	}
	if errors.Is(err, fs.ErrNotExist) { // the user was deleted meanwhile
		return ErrNotFound
	}
	return fmt.Errorf("create file: %w", err)
}
