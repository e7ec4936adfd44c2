package providers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/brains/replay"
)

// Keys keeps the keys of saved providers.
type Keys interface {
	// ProviderKeys returns all keys by provider.
	ProviderKeys() (map[string]string, error)
	// SetProviderKey keeps the key of a provider; an empty one is forgotten.
	SetProviderKey(provider, key string) error
}

// Options of [Open]. Dir and Keys are required.
type Options struct {
	Dir  string // the data folder: providers.yaml is in it, and relative recordings
	Keys Keys
	// Configured are the providers of the configuration. They win over saved ones of
	// the same name, unless they lack a model.
	Configured map[string]Definition
	// Default is the provider the configuration lets answer; empty: none. With
	// Fixed it was named there, and nobody can choose another.
	Default string
	Fixed   bool
	// Fallbacks are asked, in order, for a tmate that names none itself.
	Fallbacks []string
	Local     []Local          // where local services usually are; default: [UsualPlaces]
	Log       *slog.Logger     // default: nothing is logged
	Now       func() time.Time // default: time.Now
}

// Where a provider comes from.
const (
	SourceConfig = "config"
	SourceSaved  = "saved"
)

// Set is the providers of a server. Its methods may be called from any goroutine.
type Set struct {
	opt    Options
	roster atomic.Pointer[roster]
	change sync.Mutex    // one change at a time
	probes chan struct{} // bounds what people look at at a time

	recorders map[string]*replay.Recorder // by file; fixed once opened
}

// provider is one member of a set; it never changes.
type provider struct {
	name    string
	source  string
	def     Definition // completed
	line    *line      // nil: cannot be asked, see problem
	brain   brain
	problem string // why it cannot be asked
}

func (p *provider) model() agents.Model {
	d := p.def
	return agents.Model{
		Provider: p.name, Brain: p.line, Vision: *d.Vision,
		Asking: agents.Asking{
			Model: d.asked(), Temperature: d.Temperature, Effort: d.Effort, MaxOutputTokens: d.MaxOutputTokens, Window: d.ContextWindow,
		},
	}
}

// roster is all providers at one moment; it never changes.
type roster struct {
	all    map[string]*provider
	saved  saved  // what the file holds
	answer string // the default's name; empty: nobody
}

// Open reads the saved providers and builds all. It connects to nothing. A
// provider of the configuration that cannot be built is an error; a saved one is
// listed with its problem.
func Open(o Options) (*Set, error) {
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Local == nil {
		o.Local = UsualPlaces()
	}
	s := &Set{opt: o, probes: make(chan struct{}, maxProbes), recorders: map[string]*replay.Recorder{}}
	kept, err := readSaved(o.Dir)
	if err != nil {
		return nil, err
	}
	keys, err := o.Keys.ProviderKeys()
	if err != nil {
		return nil, err
	}
	r := &roster{all: map[string]*provider{}, saved: kept}
	for name, d := range kept.Providers {
		d.APIKey = keys[name]
		r.all[name] = s.savedProvider(name, d)
	}
	for name, d := range o.Configured {
		if r.all[name] != nil && d.asked() == "" && d.Type != Replay {
			continue // the saved one says what this one lacks
		}
		p, err := s.configured(name, d)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("provider %s: %w", name, err), s.close(r))
		}
		r.all[name] = p
	}
	s.settle(r)
	for _, name := range s.Unknown(o.Fallbacks...) {
		o.Log.Warn("fallbacks names a provider that does not exist", "provider", name)
	}
	return s, nil
}

// configured builds a provider of the configuration.
func (s *Set) configured(name string, d Definition) (*provider, error) {
	d.Replay, d.Record = s.path(d.Replay), s.path(d.Record)
	p := &provider{name: name, source: SourceConfig, def: d.complete()}
	var err error
	if p.brain, err = build(p.def, false); err != nil {
		return nil, err
	}
	if p.def.asked() == "" {
		p.problem = "needs a model"
		return p, nil
	}
	asked := agents.Brain(p.brain)
	if d.Record != "" {
		recorder, err := s.recorder(d.Record)
		if err != nil {
			return nil, err
		}
		asked = recorder.Wrap(p.brain)
	}
	p.line = newLine(name, asked, p.def.Concurrency, s.opt.Now)
	return p, nil
}

// recorder opens a recording; providers may share one.
func (s *Set) recorder(file string) (*replay.Recorder, error) {
	if r := s.recorders[file]; r != nil {
		return r, nil
	}
	r, err := replay.NewRecorder(replay.RecorderOptions{Path: file, Now: s.opt.Now})
	if err == nil {
		s.recorders[file] = r
	}
	return r, err
}

// path places a recording in the data folder.
func (s *Set) path(file string) string {
	if file == "" || filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(s.opt.Dir, file)
}

// savedProvider builds a saved provider, or says why it cannot be asked: a file
// somebody edited must not keep the server from starting.
func (s *Set) savedProvider(name string, d Definition) *provider {
	d.KeyName = "the key of the provider " + name
	p := &provider{name: name, source: SourceSaved, def: d.complete()}
	err := p.def.check()
	if err == nil {
		p.brain, err = build(p.def, true)
	}
	switch {
	case err != nil:
		p.problem = err.Error()
		s.opt.Log.Warn("a saved provider cannot be used", "provider", name, "err", err)
	case p.def.asked() == "":
		p.problem = "needs a model"
	default:
		p.line = newLine(name, p.brain, p.def.Concurrency, s.opt.Now)
	}
	return p
}

// settle makes a roster the one that counts.
func (s *Set) settle(r *roster) {
	usable := func(name string) bool { return r.all[name] != nil && r.all[name].line != nil }
	switch {
	case s.opt.Fixed:
		r.answer = s.opt.Default
	case usable(r.saved.Default):
		r.answer = r.saved.Default
	case usable(s.opt.Default):
		r.answer = s.opt.Default
	default:
		names := slices.DeleteFunc(slices.Collect(maps.Keys(r.all)), func(name string) bool { return !usable(name) })
		if len(names) == 1 {
			r.answer = names[0]
		}
	}
	s.roster.Store(r)
}

// For returns the models that may answer for a tmate, the first one first: its
// provider or the default, then its fallbacks or, when it names none (nil, not
// empty), those of the configuration. Names of no usable provider are left out, and
// nothing takes the place of a provider a tmate names: what it says may not be for
// everybody's ears. Without any the result is empty.
func (s *Set) For(th agents.Thinking) (models []agents.Model) {
	r := s.roster.Load()
	rest := th.Fallbacks
	if rest == nil {
		rest = s.opt.Fallbacks
	}
	seen := map[string]bool{}
	for _, name := range append([]string{cmp.Or(th.Provider, r.answer)}, rest...) {
		if p := r.all[name]; p != nil && p.line != nil && !seen[name] {
			seen[name] = true
			models = append(models, p.model())
		}
	}
	return models
}

// Unknown returns those of the names that are no provider, for whoever tells a
// tmate's problems.
func (s *Set) Unknown(names ...string) (unknown []string) {
	r := s.roster.Load()
	for _, name := range names {
		if name != "" && r.all[name] == nil {
			unknown = append(unknown, name)
		}
	}
	return unknown
}

// Info is what people may know of a provider. It holds no key.
type Info struct {
	Name          string
	Type          string
	Host          string // host and port; empty when it is nowhere
	Model         string // empty: it waits for one
	Source        string // SourceConfig or SourceSaved
	Default       bool
	KeySet        bool
	Vision        bool
	ContextWindow int // tokens
	Concurrency   int
	Problem       string // why it cannot be asked; empty: it can
	LastUse       *Use   // nil: not since the program started
}

// List describes every provider, by name.
func (s *Set) List() []Info {
	r := s.roster.Load()
	out := []Info{}
	for _, name := range slices.Sorted(maps.Keys(r.all)) {
		out = append(out, r.info(name))
	}
	return out
}

func (r *roster) info(name string) Info {
	p := r.all[name]
	info := Info{
		Name: name, Type: p.def.Type, Host: p.def.host(), Model: p.def.Model, Source: p.source, Default: name == r.answer,
		KeySet: p.def.APIKey != "", Vision: *p.def.Vision, ContextWindow: p.def.ContextWindow, Concurrency: p.def.Concurrency, Problem: p.problem,
	}
	if p.line != nil {
		info.LastUse = p.line.lastUse()
	}
	return info
}

// Default describes the provider that answers when nothing else is said; ok is
// false when there is none.
func (s *Set) Default() (info Info, ok bool) {
	r := s.roster.Load()
	if r.all[r.answer] == nil {
		return Info{}, false
	}
	return r.info(r.answer), true
}

// Close gives connections and recordings back. No turn may run any more.
func (s *Set) Close() error { return s.close(s.roster.Load()) }

func (s *Set) close(r *roster) (err error) {
	for _, p := range r.all {
		p.retire()
	}
	for _, recorder := range s.recorders {
		err = errors.Join(err, recorder.Close())
	}
	return err
}

// within waits for a place among those who look at services.
func (s *Set) within(ctx context.Context) (leave func(), err error) {
	select {
	case s.probes <- struct{}{}:
		return func() { <-s.probes }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// maxProbes is how many lists, tests and detections run at a time.
const maxProbes = 8
