package registry

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// debounce is how long Run waits after the first sign of a change, so that a
// folder that is being copied is read once.
const debounce = 200 * time.Millisecond

// Run reads the tmates and reloads whenever something in Dir changes, until ctx
// ends; then it returns nil. Changes are noticed at once where the system tells
// about them, and by a slow poll everywhere. Call it once.
func (r *Registry) Run(ctx context.Context) error {
	r.served()
	if r.opts.Dir == "" {
		<-ctx.Done()
		return nil
	}
	var (
		events  chan fsnotify.Event // nil, and so silent, when there is no watcher
		faults  chan error
		pending <-chan time.Time
	)
	watcher, err := fsnotify.NewWatcher()
	if err != nil { // out of watches, say: the poll still works
		r.opts.Log.Warn("watch tmates folder: changes are noticed by polling only", "err", err)
	} else {
		defer func() { _ = watcher.Close() }()
		events, faults = watcher.Events, watcher.Errors
	}
	poll := time.NewTicker(r.opts.Interval)
	defer poll.Stop()
	for {
		now, folders := r.fingerprint()
		r.watch(watcher, folders)
		if now != r.seen.Load() {
			r.Reload()
		}
		for look := false; !look; {
			select {
			case <-ctx.Done():
				return nil
			case <-events:
				if pending == nil {
					pending = time.After(debounce)
				}
			case err := <-faults:
				r.opts.Log.Debug("watch tmates folder", "err", err)
			case <-poll.C:
				look = true
			case <-pending:
				pending, look = nil, true
			}
		}
	}
}

// watch adds the folders that are not watched yet. Folders that went away leave
// the watcher by themselves.
func (r *Registry) watch(w *fsnotify.Watcher, folders []string) {
	if w == nil {
		return
	}
	watched := w.WatchList()
	for _, folder := range folders {
		if slices.Contains(watched, folder) {
			continue
		}
		if err := w.Add(folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
			r.opts.Log.Debug("watch tmates folder", "err", err)
		}
	}
}

// fingerprint sums up the names, sizes, modes and times of everything a reload
// would read, and lists the folders to watch. Two equal fingerprints mean that
// nothing changed.
func (r *Registry) fingerprint() (sum uint64, folders []string) {
	h := fnv.New64a()
	root, err := os.OpenRoot(r.opts.Dir)
	if err != nil {
		_, _ = h.Write([]byte(reason(err)))
		return h.Sum64(), nil
	}
	defer func() { _ = root.Close() }()
	fsys := root.FS()
	add := func(name string) {
		if info, err := fs.Stat(fsys, name); err == nil {
			_, _ = fmt.Fprintf(h, "%s\x00%v %d %d\n", name, info.Mode(), info.Size(), info.ModTime().UnixNano())
		} else {
			_, _ = fmt.Fprintf(h, "%s\x00%s\n", name, reason(err))
		}
	}
	folders = append(folders, r.opts.Dir)
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		_, _ = h.Write([]byte(reason(err)))
	}
	n := 0
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, "_") || strings.HasPrefix(name, ".") {
			continue
		}
		if n++; n > 2*maxTmates {
			break
		}
		add(name)
		for _, file := range []string{manifestFile, rulesFile} {
			add(path.Join(name, file))
		}
		for _, section := range promptSections {
			add(path.Join(name, promptFolder, section+".txt"))
		}
		if e.IsDir() {
			folders = append(folders, filepath.Join(r.opts.Dir, name))
			if info, err := fs.Stat(fsys, path.Join(name, promptFolder)); err == nil && info.IsDir() {
				folders = append(folders, filepath.Join(r.opts.Dir, name, filepath.FromSlash(promptFolder)))
			}
		}
	}
	return h.Sum64(), folders
}
