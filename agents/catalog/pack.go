package catalog

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/registry"
	"github.com/tmates/tmates/store/tmates"
)

// Pack makes the bundle of the tmate in a folder that is named by its key. The
// same files give the same bytes, whatever their times, owners and rights are.
// skipped are files that are no data of a tmate. A tmate that could not be
// loaded makes no bundle.
func Pack(dir string) (data []byte, t *agents.Tmate, skipped []string, err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("find folder: %w", err)
	}
	key := filepath.Base(dir)
	if !tmates.ValidKey(key) {
		return nil, nil, nil, tmates.E(tmates.Invalid, "key_invalid", nil,
			"The folder's name %q is not a key: use a lower-case letter, then at most 63 of a-z, 0-9, _ and -", key)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("open folder: %w", err)
	}
	defer func() { _ = root.Close() }()
	b := &Bundle{Key: key}
	if err := fs.WalkDir(root.FS(), ".", b.add(root.FS())); err != nil {
		return nil, nil, nil, err
	}
	if data, err = b.archive(); err != nil {
		return nil, nil, nil, err
	}
	made, err := Read(data) // what is made here must be taken everywhere
	if err != nil {
		return nil, nil, nil, err
	}
	t, err = made.tmate()
	return data, t, b.Skipped, err
}

// add collects the files of a tmate. Hidden ones are passed by.
func (b *Bundle) add(fsys fs.FS) fs.WalkDirFunc {
	return func(name string, d fs.DirEntry, err error) error {
		hidden := name != "." && strings.HasPrefix(path.Base(name), ".")
		switch {
		case err != nil:
			return fmt.Errorf("read folder: %w", err)
		case d.IsDir() && hidden:
			return fs.SkipDir
		case d.IsDir() || hidden:
			return nil
		case !d.Type().IsRegular():
			return refused("%s is neither a file nor a folder", quote(name))
		case !isData(name):
			b.Skipped = append(b.Skipped, name)
			return nil
		}
		f, err := fsys.Open(name)
		if err != nil {
			return fmt.Errorf("open file: %w", err)
		}
		defer func() { _ = f.Close() }()
		data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
		if err != nil {
			return fmt.Errorf("read file: %w", err)
		}
		b.files = append(b.files, file{name, data})
		return nil
	}
}

// archive writes the bundle as a tar.gz.
func (b *Bundle) archive() ([]byte, error) {
	var out bytes.Buffer
	zipped, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	archive := tar.NewWriter(zipped)
	slices.SortFunc(b.files, func(x, y file) int { return strings.Compare(x.name, y.name) })
	for _, f := range b.files {
		h := &tar.Header{Typeflag: tar.TypeReg, Name: b.Key + "/" + f.name, Size: int64(len(f.data)), Mode: 0o644, ModTime: time.Unix(0, 0)}
		if err := archive.WriteHeader(h); err != nil {
			return nil, fmt.Errorf("write archive: %w", err)
		}
		if _, err := archive.Write(f.data); err != nil {
			return nil, fmt.Errorf("write archive: %w", err)
		}
	}
	if err := errors.Join(archive.Close(), zipped.Close()); err != nil {
		return nil, fmt.Errorf("write archive: %w", err)
	}
	return out.Bytes(), nil
}

// tmate loads the tmate in the bundle as the registry would. The error lists
// what is wrong, with file and line.
func (b *Bundle) tmate() (*agents.Tmate, error) {
	dir, err := os.MkdirTemp("", "tmates-bundle-")
	if err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open folder: %w", err)
	}
	defer func() { _ = root.Close() }()
	if err := b.write(root, b.Key); err != nil {
		return nil, err
	}
	return load(root, b.Key)
}

// load reads the tmate in the folder of that key.
func load(root *os.Root, key string) (*agents.Tmate, error) {
	t, problems := registry.ReadFolder(root.FS(), key)
	if len(problems) == 0 {
		return t, nil
	}
	texts := make([]string, len(problems))
	for i, p := range problems {
		texts[i] = p.String()
	}
	return nil, refused("%s", strings.Join(texts, "; "))
}
