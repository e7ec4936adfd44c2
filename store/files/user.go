package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// DeleteUser removes the folder of a user with everything in it. Doing it again,
// or for a user who never had one, is fine.
func (s *Store) DeleteUser(ctx context.Context, userID string) error {
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("delete folder of user: %w", err)
	}
	if !validUser(userID) {
		return nil // no such user can have a folder
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
		return fmt.Errorf("delete folder of user: %w", err)
	}
	return syncFolder(all, ".")
}
