package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Users returns the ids of the users who have a folder. Whatever else lies there
// is left out.
func (s *Store) Users(ctx context.Context) (ids []string, err error) {
	all, err := os.OpenRoot(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open files: %w", err)
	}
	defer func() { _ = all.Close() }()
	err = readFolder(ctx, all, ".", func(entry fs.DirEntry) (bool, error) {
		if entry.IsDir() && validUser(entry.Name()) {
			ids = append(ids, entry.Name())
		}
		return true, nil
	})
	return ids, err
}
