package catalog

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"runtime"
)

// write lays the files of the bundle into a new folder and puts them on the
// disk. What was written stays when it fails.
func (b *Bundle) write(root *os.Root, folder string) error {
	if err := root.Mkdir(folder, 0o700); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	for _, f := range b.files {
		name := folder + "/" + f.name
		if err := root.MkdirAll(path.Dir(name), 0o700); err != nil {
			return fmt.Errorf("make folder: %w", err)
		}
		if err := writeFile(root, name, f.data); err != nil {
			return err
		}
	}
	return syncFolder(root, folder)
}

// writeFile makes a new file and puts it on the disk.
func writeFile(root *os.Root, name string, data []byte) error {
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("make file: %w", err)
	}
	_, err = f.Write(data)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	return nil
}

// replaceFile puts a file in the place of another one, or leaves that as it is.
func replaceFile(root *os.Root, name string, data []byte) error {
	beside := "." + name + ".new"
	if err := root.Remove(beside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove old file: %w", err)
	}
	if err := writeFile(root, beside, data); err != nil {
		return err
	}
	if err := root.Rename(beside, name); err != nil {
		return fmt.Errorf("rename file: %w", err)
	}
	return syncFolder(root, ".")
}

// makeRoot opens a folder and makes it when needed.
func makeRoot(dir string) (*os.Root, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open folder: %w", err)
	}
	return root, nil
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
	if err := errors.Join(folder.Sync(), folder.Close()); err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return nil
}
