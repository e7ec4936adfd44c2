package registry

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tmates/tmates/agents"
)

// maxTmates bounds how many folders of one place are read.
const maxTmates = 500

// Options are the settings of a registry. Every zero value has a default.
type Options struct {
	Dir       string        // the data folder's tmates/; need not exist; empty: embedded tmates only
	Builtin   fs.FS         // folders that come with the program; nil: those embedded here
	Installed []string      // when set, only these keys are served, in this order
	Log       *slog.Logger  // nil: discarded
	Interval  time.Duration // of the slow poll; 4 s, so that a change is served within 5 s without inotify
	LookupEnv func(name string) (string, bool)
	// Catalog returns the tmates of a catalog and what is wrong with others of
	// it; nil: none. It is asked at each reload. Local and embedded tmates win
	// over those with the same key.
	Catalog func() ([]*agents.Tmate, []Problem)
	// CatalogSource returns how a tmate of the catalog is written; required with
	// Catalog for [Registry.Source].
	CatalogSource func(key string) (agents.Source, error)
	OnReload      func() // called after each reload, from the goroutine that reloaded
}

// Registry serves the tmates of this installation. Its methods may be called
// from several goroutines.
type Registry struct {
	opts Options
	now  atomic.Pointer[snapshot] // nil until the tmates are read
	seen atomic.Uint64            // fingerprint of Dir before it was read last

	making    sync.Mutex               // held while the source of a tmate is looked at and written
	reloading sync.Mutex               // guards what follows and the order of snapshots
	builtin   place                    // empty until the tmates are read
	good      map[string]*agents.Tmate // last good version of each folder in Dir
	logged    map[string]bool          // problems and notices that are in the log already
}

// snapshot is what is served between two reloads. It is never changed.
type snapshot struct {
	tmates   []*agents.Tmate // listing order
	byKey    map[string]*agents.Tmate
	local    map[string]*agents.Tmate // those of Dir, served or not
	problems []Problem
}

// Problem is something wrong with a folder, for whoever keeps the tmates.
type Problem struct {
	Key  string // of the tmate; empty when no folder is to blame
	File string // relative to the tmates folder, forward slashes; may be empty
	Line int    // from 1; 0 when unknown
	Col  int    // from 1; 0 when unknown
	Text string
	Hint bool // looks like a mistake, but the tmate works
}

// String returns "file:line: text" with what is known.
func (p Problem) String() string {
	switch {
	case p.File == "":
		return p.Text
	case p.Line == 0:
		return p.File + ": " + p.Text
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text)
}

func byFile(a, b Problem) int {
	return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
}

// New returns a registry that reads the tmates when somebody first asks for them
// or [Registry.Run] begins: a server answers before it has parsed them. The error
// is about the embedded tmates only: nothing in Dir, not even its absence, keeps
// a registry from starting.
func New(opts Options) (*Registry, error) {
	if opts.Builtin == nil {
		opts.Builtin = Embedded()
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.LookupEnv == nil {
		opts.LookupEnv = os.LookupEnv
	}
	opts.Interval = cmp.Or(opts.Interval, 4*time.Second)
	if opts.Dir != "" {
		opts.Dir = filepath.Clean(opts.Dir)
	}
	opts.Installed = slices.Clone(opts.Installed)
	r := &Registry{opts: opts, logged: map[string]bool{}}
	if _, err := fs.ReadDir(opts.Builtin, "."); err != nil {
		return nil, fmt.Errorf("read embedded tmates: %w", err)
	}
	return r, nil
}

// served returns what is served now.
func (r *Registry) served() *snapshot {
	if s := r.now.Load(); s != nil {
		return s
	}
	r.reloading.Lock()
	defer r.reloading.Unlock()
	if r.now.Load() == nil {
		r.load()
	}
	return r.now.Load()
}

// All returns the tmates in listing order: as Installed says, else sorted by
// key. The slice is the caller's, the tmates are shared and must not be
// changed.
func (r *Registry) All() []*agents.Tmate { return slices.Clone(r.served().tmates) }

// Get returns the tmate with exactly this key, or nil. It looks in memory only,
// so the key may be anything a stranger sent.
func (r *Registry) Get(key string) *agents.Tmate { return r.served().byKey[key] }

// Find returns the tmate with this key or, failing that, this name, ignoring
// case and white space around it; nil when there is none, when several have the
// name, or when it is the key of a folder that cannot be loaded.
func (r *Registry) Find(nameOrKey string) *agents.Tmate {
	s := r.served()
	want := strings.TrimSpace(nameOrKey)
	if t := s.byKey[strings.ToLower(want)]; t != nil {
		return t
	}
	// A folder of that key is there but cannot be loaded: nobody else is meant.
	if slices.ContainsFunc(s.problems, func(p Problem) bool { return p.Key == strings.ToLower(want) }) {
		return nil
	}
	named := func(t *agents.Tmate) bool { return strings.EqualFold(t.Name, want) }
	i := slices.IndexFunc(s.tmates, named)
	if i < 0 || slices.ContainsFunc(s.tmates[i+1:], named) {
		return nil
	}
	return s.tmates[i]
}

// Problems returns what is wrong now, by file and line.
func (r *Registry) Problems() []Problem { return slices.Clone(r.served().problems) }

// MissingEnv returns the environment variables the tmate requires and that are
// not set or empty, in the order of its manifest. It is nil for an unknown key.
func (r *Registry) MissingEnv(key string) []string {
	t := r.Get(key)
	if t == nil {
		return nil
	}
	var missing []string
	for _, name := range t.RequiredEnv {
		if value, ok := r.opts.LookupEnv(name); !ok || value == "" {
			missing = append(missing, name)
		}
	}
	return missing
}

// Reload reads Dir now and returns when the result is served.
func (r *Registry) Reload() { _ = r.change(func() error { return nil }) }

// change lets write change Dir while nobody reads it, and returns when the result
// is served. The error is write's own.
func (r *Registry) change(write func() error) error {
	r.reloading.Lock()
	err := write()
	r.load()
	r.reloading.Unlock()
	if r.opts.OnReload != nil {
		r.opts.OnReload()
	}
	return err
}

// load reads Dir, the first time the embedded tmates as well, and swaps the
// snapshot. The caller holds reloading.
func (r *Registry) load() {
	if r.builtin.folders == nil {
		r.builtin = readPlace(r.opts.Builtin)
	}
	if r.opts.Dir != "" {
		sum, _ := r.fingerprint()
		r.seen.Store(sum)
	}
	local := r.readDir()
	found := map[string]*agents.Tmate{}
	problems := slices.Concat(r.builtin.problems, local.problems)
	if r.opts.Catalog != nil {
		offered, wrong := r.opts.Catalog()
		problems = append(problems, wrong...)
		for _, t := range offered {
			found[t.Key] = t
		}
	}
	for key, t := range r.builtin.folders {
		if t != nil {
			found[key] = t
		}
	}
	r.keepGood(local)
	maps.Copy(found, r.good)
	s := &snapshot{byKey: map[string]*agents.Tmate{}, local: maps.Clone(r.good)}
	for _, key := range r.order(found) {
		if t := found[key]; t == nil {
			problems = append(problems, Problem{Key: key, Text: fmt.Sprintf("tmate %q is named as installed but not there", key)})
		} else if s.byKey[key] == nil {
			s.byKey[key] = t
			s.tmates = append(s.tmates, t)
		}
	}
	slices.SortStableFunc(problems, byFile)
	s.problems = slices.Compact(problems)
	r.now.Store(s)
	r.report(s.problems, slices.Concat(r.builtin.notices, local.notices))
}

// order returns the keys to list. Keys of Installed are compared in lower case.
func (r *Registry) order(found map[string]*agents.Tmate) []string {
	var keys []string
	for _, key := range r.opts.Installed {
		if key = strings.ToLower(strings.TrimSpace(key)); key != "" {
			keys = append(keys, key)
		}
	}
	if len(keys) > 0 {
		return keys
	}
	for key := range found {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// keepGood updates the last good versions: a folder that loads replaces its
// own, a broken one keeps it, one that is gone loses it. When the place itself
// cannot be read, everything stays.
func (r *Registry) keepGood(local place) {
	if local.err != nil {
		return
	}
	next := make(map[string]*agents.Tmate, len(local.folders))
	for key, t := range local.folders {
		if t = cmp.Or(t, r.good[key]); t != nil {
			next[key] = t
		}
	}
	r.good = next
}

// readDir reads the data folder's tmates. A folder that is not there is empty.
func (r *Registry) readDir() place {
	if r.opts.Dir == "" {
		return place{}
	}
	root, err := os.OpenRoot(r.opts.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return place{}
	}
	if err != nil {
		return place{err: err, problems: []Problem{{Text: "the tmates folder cannot be opened: " + reason(err)}}}
	}
	defer func() { _ = root.Close() }()
	p := readPlace(root.FS())
	if p.err != nil {
		p.problems = append(p.problems, Problem{Text: "the tmates folder cannot be read: " + reason(p.err)})
	}
	return p
}

// report logs the problems and notices that were not there before.
func (r *Registry) report(problems, notices []Problem) {
	logged := make(map[string]bool, len(problems)+len(notices))
	log := func(list []Problem, level slog.Level, msg, attr string) {
		for _, p := range list {
			text := p.String()
			if !r.logged[text] && !logged[text] {
				r.opts.Log.Log(context.Background(), level, msg, "tmate", p.Key, attr, text)
			}
			logged[text] = true
		}
	}
	log(problems, slog.LevelWarn, "tmate has a problem", "err")
	log(notices, slog.LevelInfo, "tmate folder", "note")
	r.logged = logged
}
