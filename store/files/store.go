package files

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"

	"github.com/google/uuid"

	"github.com/tmates/tmates/store/tmates"
)

// What callers may be shown; the texts are the contract's.
var (
	ErrNotFound = tmates.E(tmates.NotFound, "file_not_found", nil, "File not found")
	ErrDenied   = tmates.E(tmates.Forbidden, "path_denied", nil, "Access denied: invalid file path")
	ErrTooLarge = tmates.E(tmates.TooLarge, "file_too_large", nil, "Uploaded file exceeds the maximum allowed size.")
	ErrTaken    = tmates.E(tmates.Conflict, "path_taken", nil, "The path is taken by a folder or crosses a file")
)

// Store is the files of all users. Its methods may be called concurrently.
type Store struct {
	dir   string // holds one folder per user id
	parts string // how the names begin of what this store is writing
	// folders is held while folders come and go, so that the folder a Put is
	// about to write into is not pruned by a Delete.
	folders sync.Mutex
}

// New returns the files kept under dir, the data folder. Nothing is created
// before the first Put.
func New(dir string) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("locate files: %w", err)
	}
	dir = filepath.Join(dir, "files")
	info, err := os.Stat(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open files: %w", err)
	}
	if err == nil && !info.IsDir() {
		return nil, fmt.Errorf("open files: %s is not a folder", dir)
	}
	return &Store{dir: dir, parts: partPrefix + rand.Text() + "-"}, nil
}

// user opens the folder of a user; an fs.ErrNotExist when there is none, or
// when the id is not the usual spelling of a UUID and thus cannot have one.
func (s *Store) user(userID string) (*os.Root, error) {
	if !validUser(userID) {
		return nil, fmt.Errorf("open folder of user: %w", fs.ErrNotExist)
	}
	all, err := os.OpenRoot(s.dir)
	if err != nil {
		return nil, fmt.Errorf("open files: %w", err)
	}
	defer func() { _ = all.Close() }()
	root, err := all.OpenRoot(userID)
	if err != nil {
		return nil, fmt.Errorf("open folder of user: %w", err)
	}
	return root, nil
}

// makeUser opens the folder of a user and creates it when needed.
func (s *Store) makeUser(userID string) (*os.Root, error) {
	root, err := s.user(userID)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return root, err
	}
	if !validUser(userID) {
		return nil, fmt.Errorf("create folder of user: %q is not a user id", userID)
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, fmt.Errorf("create files: %w", err)
	}
	all, err := os.OpenRoot(s.dir)
	if err != nil {
		return nil, fmt.Errorf("open files: %w", err)
	}
	defer func() { _ = all.Close() }()
	if err := all.Mkdir(userID, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("create folder of user: %w", err)
	}
	data, err := os.OpenRoot(filepath.Dir(s.dir))
	if err != nil {
		return nil, fmt.Errorf("open data folder: %w", err)
	}
	defer func() { _ = data.Close() }()
	if err := errors.Join(syncFolder(all, "."), syncFolder(data, ".")); err != nil {
		return nil, err
	}
	return s.user(userID)
}

func validUser(userID string) bool {
	id, err := uuid.Parse(userID)
	return err == nil && id.String() == userID
}

// syncFolder puts the names in a folder on the disk. Windows cannot, and needs
// not: its file systems journal names.
func syncFolder(root *os.Root, name string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	folder, err := root.Open(name)
	if err != nil {
		return fmt.Errorf("open folder: %w", err)
	}
	defer func() { _ = folder.Close() }()
	if err := folder.Sync(); err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return nil
}

// classify turns what the disk said about a user's path into what the user is
// told; verb says what was tried.
func classify(verb string, err error) error {
	for _, absent := range []error{fs.ErrNotExist, syscall.ENOTDIR, syscall.ENAMETOOLONG, syscall.ELOOP} {
		if errors.Is(err, absent) {
			return ErrNotFound
		}
	}
	if escapes(err) {
		return ErrDenied
	}
	return fmt.Errorf("%s file: %w", verb, err)
}

// escapes reports whether os.Root itself refused a path. It has no error value
// for that, but every refusal of the disk carries an error number.
func escapes(err error) bool {
	if _, numbered := errors.AsType[syscall.Errno](err); numbered {
		return false
	}
	_, ofPath := errors.AsType[*fs.PathError](err)
	_, ofRename := errors.AsType[*os.LinkError](err)
	return ofPath || ofRename
}
