package catalog

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/store/tmates"
)

// CheckSum compares a bundle with the SHA-256 it should have, in hexadecimal.
// The error is of kind Invalid.
func CheckSum(data []byte, want string) error {
	want = strings.ToLower(strings.TrimSpace(want))
	if !checksumPattern().MatchString(want) {
		return tmates.E(tmates.Invalid, "checksum_malformed", nil, "A SHA-256 is 64 hexadecimal digits")
	}
	if got := Checksum(data); subtle.ConstantTimeCompare([]byte(got), []byte(want)) != 1 {
		return refused("its SHA-256 is %s, not %s", got, want)
	}
	return nil
}

// Install lays a bundle into dir, the folder of local tmates, as dir/<key>. What
// is there already stays unless force is set. When it fails, nothing changed. A
// power cut may leave a folder whose name begins with a dot, which nobody reads;
// what was to be replaced is then in it.
func (b *Bundle) Install(dir string, force bool) (*agents.Tmate, error) {
	root, err := makeRoot(dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	_, err = root.Lstat(b.Key)
	there := err == nil
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("look at folder: %w", err)
	}
	if there && !force {
		return nil, tmates.E(tmates.Conflict, "tmate_installed", nil, "The tmate %q is installed already: add --force to replace it", b.Key)
	}
	work := ".install-" + rand.Text()
	if err := root.Mkdir(work, 0o700); err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	lost := false // the old folder could not be put back, and is in work
	defer func() {
		if !lost {
			_ = root.RemoveAll(work)
		}
	}()
	fresh, err := b.unpack(root, work)
	if err != nil {
		return nil, err
	}
	if lost, err = swap(root, work, b.Key, there); err != nil {
		return nil, err
	}
	return fresh, syncFolder(root, ".")
}

// unpack writes the bundle into a folder of root and loads it from there.
func (b *Bundle) unpack(root *os.Root, folder string) (*agents.Tmate, error) {
	inner, err := root.OpenRoot(folder)
	if err != nil {
		return nil, fmt.Errorf("open folder: %w", err)
	}
	defer func() { _ = inner.Close() }()
	if err := b.write(inner, b.Key); err != nil {
		return nil, err
	}
	return load(inner, b.Key)
}

// swap moves work/key to key, and what was there out of the way. lost tells that
// what was there is now in work, because it could not be moved back.
func swap(root *os.Root, work, key string, there bool) (lost bool, err error) {
	old := work + "/.old"
	if there {
		if err := root.Rename(key, old); err != nil {
			return false, fmt.Errorf("move old folder: %w", err)
		}
	}
	err = root.Rename(work+"/"+key, key)
	if err == nil {
		return false, nil
	}
	err = fmt.Errorf("move new folder: %w", err)
	if !there {
		return false, err
	}
	if errBack := root.Rename(old, key); errBack != nil {
		return true, fmt.Errorf("the old tmate is left in %s: %w", old, errors.Join(err, errBack))
	}
	return false, err
}
