package registry

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing/fstest" // the library's file system in memory
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/store/tmates"
)

// maxKey bounds the key that is made of a name, in bytes.
const maxKey = 64

const keyForm = "a lower-case letter, then at most 63 of a-z, 0-9, _ and -"

func errNoTmate(key string) error {
	return tmates.E(tmates.NotFound, "agent_not_found", nil, "Agent '%s' not found", key)
}

// Origin returns where the tmate that is served under the key comes from; empty
// when there is none.
func (r *Registry) Origin(key string) agents.Origin {
	s := r.served()
	switch t := s.byKey[key]; {
	case t == nil:
		return ""
	case t.Offer != nil:
		return agents.OriginCatalog
	case t == s.local[key]:
		return agents.OriginLocal
	}
	return agents.OriginBuiltin
}

// Source returns how the tmate that is served under the key is written. A folder
// that broke while it was served is returned as it is now. The error is of kind
// NotFound when there is no such tmate.
func (r *Registry) Source(key string) (agents.Source, error) {
	switch r.Origin(key) {
	case agents.OriginBuiltin:
		return ReadSource(r.opts.Builtin, key)
	case agents.OriginCatalog:
		return r.opts.CatalogSource(key)
	case agents.OriginLocal:
		root, err := os.OpenRoot(r.opts.Dir)
		if err != nil {
			return agents.Source{}, fmt.Errorf("open tmates folder: %w", err)
		}
		defer func() { _ = root.Close() }()
		return ReadSource(root.FS(), key)
	}
	return agents.Source{}, errNoTmate(key)
}

// ReadSource reads the texts of the folder fsys/<key> that a registry uses. It does
// not check them. Without a manifest the error is of kind NotFound.
func ReadSource(fsys fs.FS, key string) (s agents.Source, err error) {
	manifest, err := readFile(fsys, path.Join(key, manifestFile))
	if errors.Is(err, fs.ErrNotExist) {
		return s, errNoTmate(key)
	}
	if err != nil {
		return s, fmt.Errorf("read %s: %w", manifestFile, err)
	}
	s.Manifest = shown(manifest)
	for _, name := range agents.SourceNames() {
		content, err := readFile(fsys, path.Join(key, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return s, fmt.Errorf("read %s: %w", name, err)
		}
		s.Files = append(s.Files, agents.SourceFile{Name: name, Content: shown(content)})
	}
	return s, nil
}

// shown is what a client gets to see of a file that may be no text.
func shown(content []byte) string { return strings.ToValidUTF8(string(content), "\uFFFD") }

// Check looks at a source as [Lint] does; nothing is written. Without a key it is
// that of a new tmate, whose key is the manifest's slug, else made of its name. With
// one it is another version of a tmate in Dir, whose rules and prompts stay when the
// source names no files. Only Change's errors about the key are errors here.
func (r *Registry) Check(key string, s agents.Source) (agents.Checked, error) {
	if key == "" {
		return checkNew(s), nil
	}
	s, err := r.completed(key, s)
	if err != nil {
		return agents.Checked{}, err
	}
	return checkSource(key, s), nil
}

// completed is the source of the local tmate with the key, with the files it has
// where it names none.
func (r *Registry) completed(key string, s agents.Source) (agents.Source, error) {
	if err := r.mayChange(key); err != nil {
		return s, err
	}
	if s.Files != nil {
		return s, nil
	}
	old, err := r.Source(key)
	s.Files = old.Files
	return s, err
}

func checkNew(s agents.Source) agents.Checked {
	key, at, fault := keyOf(s.Manifest)
	c := checkSource(cmp.Or(key, "new"), s)
	if fault != nil {
		c.Faults = slices.DeleteFunc(c.Faults, func(f agents.Fault) bool { return f.Hint }) // perhaps about the key that stood in
		c.Tmate, c.Faults = nil, append(c.Faults, *fault)
	}
	c.Key, c.Line, c.Column = key, at.Line, at.Column
	return c
}

// checkSource lints a source under a valid key.
func checkSource(key string, s agents.Source) agents.Checked {
	if faults := misplaced(s.Files); len(faults) > 0 {
		return agents.Checked{Key: key, Faults: faults}
	}
	fsys := fstest.MapFS{path.Join(key, manifestFile): {Data: []byte(s.Manifest)}}
	for _, f := range s.Files {
		fsys[path.Join(key, f.Name)] = &fstest.MapFile{Data: []byte(f.Content)}
	}
	t, problems := Lint(fsys, key)
	c := agents.Checked{Key: key, Tmate: t}
	for _, p := range problems {
		c.Faults = append(c.Faults, agents.Fault{
			File: strings.TrimPrefix(strings.TrimPrefix(p.File, key), "/"), Line: p.Line, Column: p.Col, Text: p.Text, Hint: p.Hint,
		})
	}
	return c
}

// misplaced finds files that a source may not have, or has twice.
func misplaced(files []agents.SourceFile) (faults []agents.Fault) {
	seen := map[string]bool{}
	for _, f := range files {
		switch {
		case !slices.Contains(agents.SourceNames(), f.Name):
			faults = append(faults, agents.Fault{Text: fmt.Sprintf("a tmate has no file %q beside its manifest, only %s", clip(f.Name), strings.Join(agents.SourceNames(), ", "))})
		case seen[f.Name]:
			faults = append(faults, agents.Fault{File: f.Name, Text: "the file comes twice"})
		}
		seen[f.Name] = true
	}
	return faults
}

// keyOf returns the key that a manifest asks for and where it does so. Without a
// key the fault says why, unless the manifest has worse ones.
func keyOf(manifest string) (key string, at yaml.Node, fault *agents.Fault) {
	if len(manifest) > maxFile {
		return "", at, nil
	}
	d := &manifestReader{}
	root := d.document([]byte(manifest))
	if root == nil {
		return "", at, nil
	}
	no := func(n *yaml.Node, text string) (string, yaml.Node, *agents.Fault) {
		return "", *n, &agents.Fault{File: manifestFile, Line: n.Line, Column: n.Column, Text: text}
	}
	slug, name := child(root, "slug"), child(root, "name")
	if slug != nil && slug.Kind == yaml.ScalarNode && !isNull(slug) && strings.TrimSpace(slug.Value) != "" {
		if key = strings.TrimSpace(slug.Value); !tmates.ValidKey(key) {
			return no(slug, "slug must be a key: "+keyForm)
		}
		return key, *slug, nil
	}
	if name == nil || name.Kind != yaml.ScalarNode || isNull(name) || strings.TrimSpace(name.Value) == "" {
		return no(root, "a new tmate needs a name")
	}
	if key = keyFrom(name.Value); key == "" {
		return no(name, "no key can be made of this name: write slug, "+keyForm)
	}
	return key, *name, nil
}

// keyFrom makes a key of a name: "Tax Helper" is "tax-helper". It is empty when
// the name has no letter from a to z to begin with.
func keyFrom(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	key := strings.TrimLeft(strings.Join(words, "-"), "-0123456789")
	return strings.TrimRight(key[:min(len(key), maxKey)], "-")
}

// Template returns the source of a new tmate to begin with, which passes [Lint].
// Its key is one that is not taken. Whatever cannot stand in a name is left out of
// it; an empty name is "New Tmate".
func (r *Registry) Template(name string, taken func(key string) bool) (key string, s agents.Source, err error) {
	name = cmp.Or(plainName(name), "New Tmate")
	stem := cmp.Or(keyFrom(name), "tmate")
	key = stem
	for n := 2; taken(key); n++ {
		end := fmt.Sprintf("-%d", n)
		key = strings.TrimRight(stem[:min(len(stem), maxKey-len(end))], "-") + end
	}
	work := fstest.MapFS{}
	err = eachScaffold(key, name, func(file string, content []byte) error {
		work[path.Join(key, file)] = &fstest.MapFile{Data: content}
		return nil
	})
	if err == nil {
		s, err = ReadSource(work, key)
	}
	// Without the notes for an editor on this machine and the tests, which would
	// be about rules that may be left out.
	s.Manifest = s.Manifest[strings.Index(s.Manifest, "\nschema:")+1:]
	s.Manifest, _, _ = strings.Cut(s.Manifest, "\n# Run them with")
	return key, s, err
}

// plainName is what of a name can stand everywhere in the scaffold's files.
func plainName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) || r == '-') {
			return r
		}
		return ' '
	}, name)
	name = strings.TrimLeft(strings.Join(strings.Fields(name), " "), "- ")
	runes := []rune(name)
	return strings.TrimSpace(string(runes[:min(len(runes), maxName/2)]))
}
