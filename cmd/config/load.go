package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"
)

// LoadOptions are the layers above the defaults. The zero value loads the
// defaults, but needs a Home to place the data folder.
type LoadOptions struct {
	Flags   *pflag.FlagSet // may hold flags of others; nil: none
	File    string         // the file to read; empty: --config, TMATES_CONFIG, then tmates.yaml in the data folder if there is one
	Environ []string       // as os.Environ returns it; a variable with an empty value counts as not set
	Home    string         // the home directory; empty when there is none
}

// Load reads all layers and returns a Config within all bounds. The error joins
// everything that is wrong, one line each, at most maxProblems of them.
func Load(o LoadOptions) (*Config, error) {
	l := &loader{
		LoadOptions: o, ko: koanf.New("."), schema: newSchema(),
		env: environment(o.Environ), sources: map[string]source{},
	}
	layers := []func() error{l.loadDefaults, l.loadFile, l.loadAliases, l.loadEnv, l.loadFlags, l.completeProviders}
	for _, layer := range layers {
		if err := layer(); err != nil {
			l.report(err)
		}
	}
	if err := l.failed(); err != nil {
		return nil, err
	}
	c := &Config{file: l.path}
	if err := l.ko.Unmarshal("", c); err != nil {
		return nil, fmt.Errorf("decode configuration: %w", err)
	}
	c.fromEnv = l.firstMade(c)
	l.placeData(c)
	l.check(c)
	if err := l.failed(); err != nil {
		return nil, err
	}
	c.origins = l.origins(c)
	return c, nil
}

// source is the place a value was read from. The zero source is the defaults.
type source struct {
	layer string // "file", "env" or "flag"
	name  string // "tmates.yaml:12", "TMATES_LISTEN" or "--listen"
}

// String returns the source as [Origin] shows it.
func (s source) String() string {
	if s.layer == "" {
		return "default"
	}
	return s.layer + " " + s.name
}

// maxProblems bounds the errors of one Load; the rest is only counted.
const maxProblems = 20

// loader carries the state of one Load.
type loader struct {
	LoadOptions
	schema
	ko       *koanf.Koanf
	env      map[string]string // without empty ones
	path     string            // of the file that is read; empty: none
	sources  map[string]source // by key; absent: the default
	problems []error
	more     int // problems beyond maxProblems
}

// counted reports whether the next problem is one too many to be told; then it
// has been counted and need not be worded.
func (l *loader) counted() bool {
	if len(l.problems) < maxProblems {
		return false
	}
	l.more++
	return true
}

func (l *loader) report(err error) {
	if !l.counted() {
		l.problems = append(l.problems, err)
	}
}

func (l *loader) reportf(at source, format string, a ...any) {
	l.report(fmt.Errorf("%s: "+format, append([]any{at.name}, a...)...))
}

func (l *loader) failed() error {
	if l.more > 0 {
		return errors.Join(append(l.problems, fmt.Errorf("and %d more problems", l.more))...)
	}
	return errors.Join(l.problems...)
}

// accept parses the text of a key and remembers where it came from. Whatever is
// wrong is reported, and ok is false.
func (l *loader) accept(at source, r rule, s string) (v any, ok bool) {
	v, err := r.parse(s)
	if err != nil {
		if r.kind == secret || r.quiet {
			l.reportf(at, "%s %w", r.key, err)
		} else {
			l.reportf(at, "%s %w, not %s", r.key, err, quote(s))
		}
		return nil, false
	}
	l.sources[r.key] = at
	return v, true
}

// quote shows a value or a name of a stranger in an error.
func quote(s string) string {
	const most = 60
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return fmt.Sprintf("%q", s)
}

// label shows a name without quotes unless it needs them.
func label(name string) string {
	if quoted := quote(name); quoted != `"`+name+`"` {
		return quoted
	}
	return name
}

func (l *loader) loadDefaults() error {
	all := make(map[string]any, len(rules)) // in one go: koanf copies everything for each Set
	for _, r := range rules {
		v, err := r.parse(r.def)
		if err != nil {
			return fmt.Errorf("default of %s %w", r.key, err)
		}
		all[r.key] = v
	}
	return l.ko.Load(confmap.Provider(all, "."), nil)
}

// origins lists every key of the finished configuration.
func (l *loader) origins(c *Config) []Origin {
	keys := l.all()
	for name := range c.Providers {
		for _, r := range providerRules {
			if key := providerKey(name, r.key); l.ko.Exists(key) {
				keys = append(keys, key)
			}
		}
	}
	slices.Sort(keys)
	out := make([]Origin, len(keys))
	for i, key := range keys {
		out[i] = Origin{Key: key, Value: show(l.ko.Get(key)), Layer: l.sources[key].String()}
		if key == dataKey {
			out[i].Value = c.Data
		}
	}
	return out
}
