package registry

import (
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/tmates/tmates/store/tmates"
)

// scaffoldFiles is a tmate to begin with.
//
//go:embed scaffold
var scaffoldFiles embed.FS

// Scaffold makes the folder of a new tmate, dir/<key>, whose files pass [Lint] and
// their own tests. dir is made when it is not there. The folder appears whole or not
// at all; one that exists is an error of kind Conflict, a key that is none of kind
// Invalid.
func Scaffold(dir, key string) error {
	if !tmates.ValidKey(key) {
		return tmates.E(tmates.Invalid, "key_invalid", nil, "%q is not a key: use a lower-case letter, then at most 63 of a-z, 0-9, _ and -", key)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("open folder: %w", err)
	}
	defer func() { _ = root.Close() }()
	if _, err := root.Lstat(key); err == nil {
		return tmates.E(tmates.Conflict, "tmate_exists", nil, "There is a folder %q in %s already", key, dir)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look at folder: %w", err)
	}
	work := ".new-" + rand.Text() // a registry passes names with a dot by
	defer func() { _ = root.RemoveAll(work) }()
	if err := writeScaffold(root, work, key); err != nil {
		return err
	}
	if err := root.Rename(work, key); err != nil {
		return fmt.Errorf("move folder: %w", err)
	}
	return nil
}

func writeScaffold(root *os.Root, folder, key string) error {
	return eachScaffold(key, nameOf(key), func(file string, content []byte) error {
		to := path.Join(folder, file)
		if err := root.MkdirAll(path.Dir(to), 0o700); err != nil {
			return fmt.Errorf("make folder: %w", err)
		}
		if err := root.WriteFile(to, content, 0o600); err != nil {
			return fmt.Errorf("write file: %w", err)
		}
		return nil
	})
}

// eachScaffold calls put for each file of a new tmate, whose name is of letters,
// digits, spaces and hyphens.
func eachScaffold(key, name string, put func(file string, content []byte) error) error {
	fill := strings.NewReplacer("@KEY@", key, "@NAME@", name, "@WORDS@", strings.ToLower(name))
	return fs.WalkDir(scaffoldFiles, "scaffold", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		src, err := scaffoldFiles.ReadFile(file)
		if err != nil {
			return fmt.Errorf("read scaffold: %w", err)
		}
		return put(strings.TrimPrefix(file, "scaffold/"), []byte(fill.Replace(string(src))))
	})
}

// nameOf makes a name of a key: "tax-helper" is "Tax Helper".
func nameOf(key string) string {
	words := strings.FieldsFunc(key, func(r rune) bool { return r == '-' || r == '_' })
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, " ")
}
