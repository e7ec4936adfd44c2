package registry

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/brains/rules"
	"github.com/tmates/tmates/store/tmates"
)

// builtinTools are the tools that come with the program. A tmate may name others,
// which somebody else brings along.
var builtinTools = []string{
	"ask_teammate", "calculate", "create_pinboard_post", "forget", "list_files", "list_pinboard_posts", "list_teammates",
	"now", "read_file", "read_history", "read_pinboard_post", "recall", "remember", "write_file",
}

// Embedded returns the folders of the tmates that come with the program.
func Embedded() fs.FS {
	embedded, err := fs.Sub(builtinFiles, "builtin")
	if err != nil {
		panic("registry: " + err.Error()) // the name is valid
	}
	return embedded
}

// Lint reads the tmate in the folder fsys/<key> more strictly than a registry: it
// also finds what could not work and what looks like a mistake. The problems come
// by file and line; the tmate is nil when one of them is not a hint and keeps it
// from being loaded.
func Lint(fsys fs.FS, key string) (*agents.Tmate, []Problem) {
	if !tmates.ValidKey(key) {
		return nil, []Problem{{File: key, Text: badKey}}
	}
	t, problems := readTmate(fsys, key)
	if t != nil {
		l := &linter{t: t, manifest: path.Join(key, manifestFile), problems: problems}
		l.brain, _ = t.Rules.(*rules.Brain)
		l.slug()
		l.tests(t.Tests)
		l.tools()
		l.prompts(fsys)
		problems = l.problems
	}
	slices.SortStableFunc(problems, byFile)
	return t, problems
}

// linter checks a tmate that loads.
type linter struct {
	t        *agents.Tmate
	brain    *rules.Brain // nil: the tmate has no rules
	manifest string
	problems []Problem
}

func (l *linter) note(file string, line int, hint bool, format string, args ...any) {
	l.problems = append(l.problems, Problem{Key: l.t.Key, File: file, Line: line, Hint: hint, Text: fmt.Sprintf(format, args...)})
}

func (l *linter) slug() {
	if slug := text(l.t.Manifest["slug"]); slug != "" && slug != l.t.Key {
		l.note(l.manifest, 0, true, "slug is %q, but the folder is %q: the folder's name counts", clip(slug), l.t.Key)
	}
}

// tests checks that what the tests are about exists.
func (l *linter) tests(tests []agents.Test) {
	if l.brain == nil {
		if len(tests) > 0 {
			l.note(l.manifest, tests[0].Line, false, "tests try the rules, but there is no rules.yaml")
		}
		return
	}
	for _, test := range tests {
		if names := l.brain.Names(); test.Rule != "" && !slices.Contains(names, test.Rule) {
			near, _ := tmates.Nearest(test.Rule, names)
			l.note(l.manifest, test.Line, false, "no rule is named %q: did you mean %q?", clip(test.Rule), near)
		}
		l.tests(test.Follow)
	}
}

// tools checks that the tools exist and that the manifest lets the rules use them.
func (l *linter) tools() {
	named := slices.Concat(l.t.Permissions.Allow, l.t.Permissions.Deny)
	for _, a := range l.t.Abilities {
		named = append(named, a.Name)
	}
	var seen []string
	for _, tool := range named {
		l.builtin(&seen, tool, l.manifest, 0)
	}
	if l.brain == nil {
		return
	}
	file := path.Join(l.t.Key, rulesFile)
	for _, c := range l.brain.Calls() {
		l.builtin(&seen, c.Tool, file, c.Line)
		if !l.t.Permissions.Allows(c.Tool) {
			l.note(file, c.Line, false, "rule %q calls %s, which the permissions of the manifest do not allow", c.Rule, c.Tool)
		}
	}
}

// builtin hints at a tool whose name is nearly one of the program's, once.
func (l *linter) builtin(seen *[]string, tool, file string, line int) {
	near, edits := tmates.Nearest(tool, builtinTools)
	if edits > 0 && edits <= 3 && edits < len(tool)/2 && !slices.Contains(*seen, tool) {
		*seen = append(*seen, tool)
		l.note(file, line, true, "the program has no tool %q: did you mean %q?", clip(tool), near)
	}
}

// prompts hints at texts nobody reads.
func (l *linter) prompts(fsys fs.FS) {
	folder := path.Join(l.t.Key, promptFolder)
	found, err := fs.ReadDir(fsys, folder)
	if err != nil {
		return // there are none
	}
	var known []string
	for _, section := range promptSections {
		known = append(known, section+".txt")
	}
	for _, e := range found {
		if name := e.Name(); !slices.Contains(known, name) && !strings.HasPrefix(name, ".") && path.Ext(name) == ".txt" {
			near, _ := tmates.Nearest(name, known)
			l.note(path.Join(folder, name), 0, true, "the file is not read: did you mean %s?", near)
		}
	}
}
