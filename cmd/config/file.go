package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	koanfyaml "github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/file"
	"go.yaml.in/yaml/v3"
)

// maxFile is the size of the largest file that is read, in bytes.
const maxFile = 1 << 20

// fileName is looked for in the data folder when no file is named.
const fileName = "tmates.yaml"

func (l *loader) loadFile() error {
	path, named, err := l.findFile()
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !named:
		return nil
	case err != nil:
		return fmt.Errorf("read configuration: %w", err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s: is not a regular file", path)
	case info.Size() > maxFile:
		return fmt.Errorf("%s: must have at most 1 MiB, not %d bytes", path, info.Size())
	}
	l.path = path
	if err := l.ko.Load(file.Provider(path), &fileParser{l: l}); err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	return nil
}

// findFile says which file to read, and whether somebody named it: a file that
// was named must exist.
func (l *loader) findFile() (path string, named bool, err error) {
	if l.File != "" {
		return l.File, true, nil
	}
	if path = l.flag("config"); path != "" {
		return path, true, nil
	}
	if path = l.env[configEnv]; path != "" {
		return path, true, nil
	}
	dir := l.flag(dataKey)
	if dir == "" {
		dir, err = ResolveData(l.lookupEnv, l.Home)
	} else {
		dir, err = absolute(dir, "", l.Home)
	}
	return filepath.Join(dir, fileName), false, err
}

// fileParser is koanf's YAML parser, except that it reads the tree of nodes:
// only nodes know their line, show a key that stands twice, and leave the text
// of a password made of digits as it is.
type fileParser struct {
	koanfyaml.YAML
	l *loader
}

// Unmarshal returns the values that are right and reports the others to the
// loader, so its error is always nil.
func (p *fileParser) Unmarshal(b []byte) (map[string]any, error) {
	out := map[string]any{}
	if len(b) > maxFile { // grew since it was measured
		p.l.reportf(source{name: p.l.path}, "must have at most 1 MiB")
		return out, nil
	}
	var doc, next yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(b))
	err := dec.Decode(&doc)
	if errors.Is(err, io.EOF) {
		return out, nil
	}
	if err != nil {
		p.l.report(p.syntax(err))
		return out, nil
	}
	if err := dec.Decode(&next); err == nil {
		p.l.reportf(p.at(&next), "must be one document: take out the line ---")
	} else if !errors.Is(err, io.EOF) {
		p.l.report(p.syntax(err))
	}
	if root := doc.Content[0]; !isNull(root) {
		p.section(out, "", root)
	}
	return out, nil
}

// at is the source of a value in the file.
func (p *fileParser) at(n *yaml.Node) source {
	return source{layer: "file", name: p.l.path + ":" + strconv.Itoa(n.Line)}
}

// syntax words an error of the YAML library. Its line is that of the error or
// of the line before, and missing in the first line, hence "near". The text of
// an unknown alias is left out: it may be a password that lacks its quotes.
func (p *fileParser) syntax(err error) error {
	msg := strings.TrimPrefix(err.Error(), "yaml: ")
	if strings.Contains(msg, "unknown anchor") {
		return fmt.Errorf("%s: a value that starts with * needs quotes", p.l.path)
	}
	if strings.HasPrefix(msg, "line ") {
		msg = "near " + msg
	}
	return fmt.Errorf("%s: is not YAML: %s", p.l.path, msg)
}

// section reads the keys under prefix ("" is the top) into out.
func (p *fileParser) section(out map[string]any, prefix string, n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		what := prefix
		if what == "" {
			what = "the file"
		}
		p.l.reportf(p.at(n), "%s must be keys with values, not %s", what, describe(n))
		return
	}
	lines := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		if name.Kind != yaml.ScalarNode {
			p.l.reportf(p.at(name), "a key must be text, not %s", describe(name))
			continue
		}
		key := join(prefix, name.Value)
		if first, twice := lines[key]; twice {
			p.l.reportf(p.at(name), "%s stands here and in line %d", label(key), first)
			continue
		}
		lines[key] = name.Line
		p.entry(out, prefix, name, value)
	}
}

// entry reads one key of a section.
func (p *fileParser) entry(out map[string]any, prefix string, name, value *yaml.Node) {
	key := join(prefix, name.Value)
	if strings.Contains(name.Value, ".") {
		p.unknown(prefix, name) // a dot would look like a section to koanf
		return
	}
	if prefix == providersKey {
		if _, err := providerName(name.Value); err != nil {
			p.l.reportf(p.at(name), "%s %w", quote(name.Value), err)
			return
		}
	}
	if _, ok := p.l.under(key); ok {
		if isNull(value) { // a section whose keys are all commented out
			return
		}
		sub := map[string]any{}
		p.section(sub, key, value)
		if len(sub) > 0 {
			out[name.Value] = sub
		}
		return
	}
	r, ok := p.l.rule(key)
	if !ok {
		p.unknown(prefix, name)
		return
	}
	if v, ok := p.value(r, value); ok {
		out[name.Value] = v
	}
}

// unknown reports a key that does not exist, with the nearest that does.
func (p *fileParser) unknown(prefix string, name *yaml.Node) {
	if p.l.counted() {
		return
	}
	p.l.reportf(p.at(name), "unknown key %s; %s", label(join(prefix, name.Value)), p.l.keyHint(prefix, name.Value))
}

// value reads the value of a key.
func (p *fileParser) value(r rule, n *yaml.Node) (v any, ok bool) {
	at := p.at(n)
	if r.kind != list {
		if !p.plain(r, n) {
			return nil, false
		}
		return p.l.accept(at, r, n.Value)
	}
	if n.Kind != yaml.SequenceNode {
		p.l.reportf(at, "%s must be a list, as in [a, b], not %s", r.key, describe(n))
		return nil, false
	}
	entries := make([]string, 0, min(len(n.Content), maxEntries+1))
	for _, entry := range n.Content[:min(len(n.Content), maxEntries+1)] {
		if !p.plain(r, entry) {
			return nil, false
		}
		entries = append(entries, entry.Value)
	}
	v, err := r.parseList(entries)
	if err != nil {
		p.l.reportf(at, "%s %w", r.key, err)
		return nil, false
	}
	p.l.sources[r.key] = at
	return v, true
}

// plain reports whether n is a scalar whose text is its value.
func (p *fileParser) plain(r rule, n *yaml.Node) bool {
	switch {
	case n.Kind == yaml.AliasNode:
		p.l.reportf(p.at(n), "%s must not be an alias; a value that starts with * needs quotes", r.key)
	case n.Style&yaml.TaggedStyle != 0:
		p.l.reportf(p.at(n), "%s must not have a tag; a value that starts with ! needs quotes", r.key)
	case isNull(n):
		p.l.reportf(p.at(n), `%s has no value: write "" for an empty one, or take the line out`, r.key)
	case n.Kind != yaml.ScalarNode:
		p.l.reportf(p.at(n), "%s must be one value, not %s", r.key, describe(n))
	default:
		return true
	}
	return false
}

func join(prefix, name string) string {
	if prefix == "" {
		return name
	}
	return prefix + "." + name
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// describe names what stands in the file, without its text.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a section"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	default:
		return "a single value"
	}
}
