package registry

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"runtime"
	"slices"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/store/tmates"
)

// Taken reports whether a new tmate cannot have the key: one of that key is served,
// comes with the program, or has a folder in Dir, even a broken one.
func (r *Registry) Taken(key string) bool {
	if r.Get(key) != nil {
		return true
	}
	if _, err := fs.Stat(r.opts.Builtin, key); err == nil {
		return true
	}
	root, err := os.OpenRoot(r.opts.Dir)
	if err != nil {
		return false
	}
	defer func() { _ = root.Close() }()
	_, err = root.Lstat(key)
	return err == nil
}

// Create keeps the source of a new tmate in Dir and serves it. Its folder appears
// whole or not at all. A source with faults is [agents.Refused], a key that is taken
// or cannot be served is Conflict, a folder that cannot be written Unavailable.
func (r *Registry) Create(s agents.Source) (agents.Checked, error) {
	r.making.Lock()
	defer r.making.Unlock()
	c := checkNew(s)
	if !c.OK() {
		return c, agents.Refused(c.Faults)
	}
	if err := r.mayCreate(c.Key); err != nil {
		return c, err
	}
	return r.kept(c, func(root *os.Root) error { return createSource(root, c.Key, s) })
}

// Change keeps another version of a tmate in Dir and serves it. Files that the
// source does not name go, unless it names none at all; what else is in the folder
// stays. Each file is the old or the new one, whatever happens. The errors are
// Create's; a tmate that is not in Dir is Conflict, an unknown one NotFound.
func (r *Registry) Change(key string, s agents.Source) (agents.Checked, error) {
	r.making.Lock()
	defer r.making.Unlock()
	s, err := r.completed(key, s)
	if err != nil {
		return agents.Checked{}, err
	}
	c := checkSource(key, s)
	if !c.OK() {
		return c, agents.Refused(c.Faults)
	}
	return r.kept(c, func(root *os.Root) error { return replaceSource(root, key, s) })
}

// Remove deletes the folder of a tmate in Dir with everything in it. An embedded or
// published tmate of that key is served again. The errors are Change's.
func (r *Registry) Remove(key string) error {
	r.making.Lock()
	defer r.making.Unlock()
	if err := r.mayChange(key); err != nil {
		return err
	}
	return r.write(func(root *os.Root) error {
		gone := unfinished + rand.Text()
		if err := root.Rename(key, gone); err != nil {
			return err
		}
		return errors.Join(root.RemoveAll(gone), syncFolder(root, "."))
	})
}

// kept writes a source, and returns the tmate that is served then.
func (r *Registry) kept(c agents.Checked, write func(root *os.Root) error) (agents.Checked, error) {
	if err := r.write(write); err != nil {
		return c, err
	}
	if c.Tmate = r.Get(c.Key); c.Tmate == nil {
		return c, fmt.Errorf("tmate %q is written but not served", c.Key)
	}
	return c, nil
}

func (r *Registry) mayCreate(key string) error {
	switch {
	case r.Taken(key):
		return tmates.E(tmates.Conflict, "tmate_exists", nil, "There is a tmate %q already: choose another slug", key)
	case r.named() && !slices.Contains(r.order(nil), key):
		return tmates.E(tmates.Conflict, "tmates_fixed", nil,
			"This server serves only the tmates that tmates.installed of its configuration names, and %q is none of them", key)
	case len(r.served().local) >= maxTmates:
		return tmates.E(tmates.Conflict, "tmates_full", nil, "This server has %d tmates of its own already: delete one first", maxTmates)
	}
	return nil
}

// named reports whether only some tmates are served.
func (r *Registry) named() bool { return len(r.order(nil)) > 0 }

func (r *Registry) mayChange(key string) error {
	switch r.Origin(key) {
	case agents.OriginLocal:
		return nil
	case agents.OriginBuiltin:
		return tmates.E(tmates.Conflict, "tmate_fixed", nil, "%s comes with the program and cannot be changed or deleted: make a tmate of your own", r.Get(key).Name)
	case agents.OriginCatalog:
		return tmates.E(tmates.Conflict, "tmate_fixed", nil, "%s comes from the catalog and cannot be changed or deleted here: make a tmate of your own", r.Get(key).Name)
	}
	return errNoTmate(key)
}

// write changes something in Dir, which is made when it is not there, and returns
// when the result is served.
func (r *Registry) write(do func(root *os.Root) error) error {
	err := os.MkdirAll(r.opts.Dir, 0o700)
	if err == nil {
		err = r.change(func() error {
			root, err := os.OpenRoot(r.opts.Dir)
			if err != nil {
				return err
			}
			sweep(root)
			return errors.Join(do(root), root.Close())
		})
	}
	if err != nil {
		return tmates.E(tmates.Unavailable, "tmates_unwritable", err, "The folder of this server's tmates cannot be written: %s", reason(err))
	}
	return nil
}

// unfinished begins the names of what a write works on; a registry passes names
// with a dot by.
const unfinished = ".unfinished-"

// sweep removes what writes left that were killed, so that no disk fills with it
// and what was deleted is gone. Whoever writes is alone. What cannot be removed
// stands in nobody's way.
func sweep(root *os.Root) {
	for _, folder := range []string{"", "*/", "*/" + promptFolder + "/"} {
		left, _ := fs.Glob(root.FS(), folder+unfinished+"*") // fails for bad patterns only
		for _, name := range left {
			_ = root.RemoveAll(name)
		}
	}
}

// allFiles are the files of a source, the manifest last.
func allFiles(s agents.Source) []agents.SourceFile {
	return append(slices.Clone(s.Files), agents.SourceFile{Name: manifestFile, Content: s.Manifest})
}

// createSource makes the folder root/<key>.
func createSource(root *os.Root, key string, s agents.Source) error {
	work := unfinished + rand.Text()
	defer func() { _ = root.RemoveAll(work) }()
	for _, f := range allFiles(s) {
		if err := putFile(root, path.Join(work, f.Name), f.Content); err != nil {
			return err
		}
	}
	if err := root.Rename(work, key); err != nil {
		return err
	}
	return syncFolder(root, ".")
}

// replaceSource replaces the files of the folder root/<key>. What may fail for want
// of space comes before the first of them is touched.
func replaceSource(root *os.Root, key string, s agents.Source) (err error) {
	beside := unfinished + rand.Text()
	staged := map[string]string{} // by the path it is for
	defer func() {
		for _, part := range staged {
			_ = root.Remove(part)
		}
	}()
	for _, f := range allFiles(s) {
		file := path.Join(key, f.Name)
		part := path.Join(path.Dir(file), beside+path.Base(file))
		staged[file] = part
		if err := putFile(root, part, f.Content); err != nil {
			return err
		}
	}
	for _, f := range allFiles(s) {
		file := path.Join(key, f.Name)
		if err := root.Rename(staged[file], file); err != nil {
			return err
		}
		delete(staged, file)
		if err := syncFolder(root, path.Dir(file)); err != nil {
			return err
		}
	}
	for _, name := range agents.SourceNames() {
		if slices.ContainsFunc(s.Files, func(f agents.SourceFile) bool { return f.Name == name }) {
			continue
		}
		if err := root.Remove(path.Join(key, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return syncFolder(root, key)
}

// putFile writes a new file and the folders it is in, and puts them on the disk.
func putFile(root *os.Root, file, content string) error {
	if err := root.MkdirAll(path.Dir(file), 0o700); err != nil {
		return err
	}
	f, err := root.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return syncFolder(root, path.Dir(file))
}

// syncFolder puts the names in a folder on the disk. Windows cannot, and needs
// not: its file systems journal names.
func syncFolder(root *os.Root, name string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
