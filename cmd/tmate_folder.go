package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tmates/tmates/agents/registry"
	"github.com/tmates/tmates/store/tmates"
)

// folder is where a tmate is read from.
type folder struct {
	key   string
	fsys  fs.FS  // with the folder <key> in it
	where string // path to the folder, as a person would type it
}

// path is how a file of the folder is shown. It comes as <key>/<file>.
func (f folder) path(file string) string {
	return filepath.Join(f.where, filepath.FromSlash(strings.TrimPrefix(strings.TrimPrefix(file, f.key), "/")))
}

// problem shows a problem of the folder as "file:line: text".
func (f folder) problem(p registry.Problem) string {
	p.File = f.path(p.File)
	return p.String()
}

// folders finds the tmates a command is about: one by its key, the folder of one
// or of several, or (without a name) all in the data folder. A name with a separator
// in it is a folder.
func (p *program) folders(cmd *cobra.Command, args []string) ([]folder, error) {
	if len(args) == 1 && (args[0] == "." || args[0] == ".." || strings.ContainsRune(args[0], os.PathSeparator) || strings.Contains(args[0], "/")) {
		return folderOr(args[0])
	}
	cfg, err := p.load(cmd)
	if err != nil {
		return nil, err
	}
	own := filepath.Join(cfg.Data, "tmates")
	if len(args) == 0 {
		all, err := foldersIn(own)
		if err == nil && len(all) == 0 || errors.Is(err, fs.ErrNotExist) {
			return nil, notReady{fmt.Errorf("there is no tmate of your own in %s: make one with `tmates tmate new KEY`", own)}
		}
		return all, err
	}
	name := args[0]
	if isFile(filepath.Join(own, name)) {
		return folderOr(filepath.Join(own, name))
	}
	if _, err := fs.Stat(registry.Embedded(), name); err == nil && fs.ValidPath(name) {
		return []folder{{key: name, fsys: registry.Embedded(), where: "embedded/" + name}}, nil
	}
	if isFile(name) {
		return folderOr(name)
	}
	return nil, fmt.Errorf("there is no tmate %q, neither in %s nor here: `tmates tmate new KEY` makes one", name, own)
}

func isFile(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// folderOr returns the tmate in dir, or those in the folders in it.
func folderOr(dir string) ([]folder, error) {
	abs, err := filepath.Abs(dir)
	if err == nil {
		abs, err = filepath.EvalSymlinks(abs) // a registry's folder ends where a link leaves it
	}
	if err != nil {
		return nil, fmt.Errorf("find folder: %w", err)
	}
	if isFile(filepath.Join(abs, "manifest.yaml")) {
		return []folder{{key: filepath.Base(abs), fsys: os.DirFS(filepath.Dir(abs)), where: dir}}, nil
	}
	all, err := foldersIn(dir)
	if err == nil && len(all) == 0 {
		return []folder{{key: filepath.Base(abs), fsys: os.DirFS(filepath.Dir(abs)), where: dir}}, nil // Lint says that it has no manifest
	}
	return all, err
}

// foldersIn returns the tmates in the folders of dir, those a registry would read.
func foldersIn(dir string) (all []folder, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read folder: %w", err)
	}
	for _, e := range entries {
		hidden := strings.HasPrefix(e.Name(), ".") || strings.HasPrefix(e.Name(), "_")
		if !hidden && (isFile(filepath.Join(dir, e.Name(), "manifest.yaml")) || e.IsDir() && tmates.ValidKey(e.Name())) {
			all = append(all, folder{key: e.Name(), fsys: os.DirFS(dir), where: filepath.Join(dir, e.Name())})
		}
	}
	slices.SortFunc(all, func(a, b folder) int { return strings.Compare(a.key, b.key) })
	return all, nil
}

// lint prints what is wrong with the folders and returns how many have a problem.
func (p *program) lint(all []folder) (broken int, err error) {
	for _, f := range all {
		_, problems := registry.Lint(f.fsys, f.key)
		bad := false
		for _, found := range problems {
			kind := ""
			if found.Hint {
				kind = "hint: "
			}
			bad = bad || !found.Hint
			if _, err := fmt.Fprintln(p.out, printable(kind+f.problem(found))); err != nil {
				return broken, err
			}
		}
		if bad {
			broken++
		}
	}
	return broken, nil
}

func (p *program) tmateLintCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "lint [KEY|DIR]", Short: "Find what is wrong with a tmate's folder, by file and line", Args: usageArgs(cobra.MaximumNArgs(1)),
		Long: `Find what is wrong with a tmate's folder: its manifest, rules and prompts. A line
that begins with "hint:" looks like a mistake, but the tmate works. Without a name
all tmates in the data folder are looked at. The exit code is 1 when there is a
problem.`,
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		all, err := p.folders(cmd, args)
		if err != nil {
			return err
		}
		if *asJSON {
			return p.lintJSON(all)
		}
		return p.lintAll(all)
	}
	return cmd
}

// lintAll prints the problems, or that there are none.
func (p *program) lintAll(all []folder) error {
	broken, err := p.lint(all)
	if err != nil {
		return err
	}
	if broken > 0 {
		return fmt.Errorf("%s cannot work like this", count(broken, "tmate"))
	}
	_, err = fmt.Fprintf(p.out, "%s: no problem\n", count(len(all), "tmate"))
	return err
}

// finding is a problem for programs.
type finding struct {
	Tmate string `json:"tmate"`
	File  string `json:"file"`
	Line  int    `json:"line"` // 0 when it is about the whole file
	Hint  bool   `json:"hint"`
	Text  string `json:"text"`
}

func (p *program) lintJSON(all []folder) error {
	found := []finding{}
	broken := false
	for _, f := range all {
		_, problems := registry.Lint(f.fsys, f.key)
		for _, one := range problems {
			broken = broken || !one.Hint
			found = append(found, finding{Tmate: f.key, File: f.path(one.File), Line: one.Line, Hint: one.Hint, Text: one.Text})
		}
	}
	if err := p.printJSON(found); err != nil {
		return err
	}
	if broken {
		return errors.New("there are problems")
	}
	return nil
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func (p *program) tmateSchemaCommand() *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "Print the JSON Schema of manifest.yaml, for your editor", Args: usageArgs(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			_, err := p.out.Write(registry.ManifestSchema)
			return err
		},
	}
}

func (p *program) tmateNewCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "new KEY", Short: "Make the folder of a new tmate", Args: usageArgs(cobra.ExactArgs(1)),
		Long: `Make the folder of a new tmate, in tmates/ of the data folder, with a manifest,
rules, prompts and tests that pass. A running server notices it within five seconds.`,
	}
	out := cmd.Flags().StringP("output", "o", "", "folder to make it in; default: tmates/ of the data folder")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		dir, name := *out, args[0]
		if dir == "" {
			cfg, err := p.load(cmd)
			if err != nil {
				return err
			}
			dir = filepath.Join(cfg.Data, "tmates")
		} else {
			name = filepath.Join(dir, args[0])
			if !strings.ContainsRune(name, os.PathSeparator) {
				name = "." + string(os.PathSeparator) + name
			}
		}
		if err := registry.Scaffold(dir, args[0]); err != nil {
			return err
		}
		_, err := fmt.Fprintf(p.out, "%s\nNow edit manifest.yaml, rules.yaml and prompts/brain/system.txt in it.\n"+
			"To check it: tmates tmate lint %s && tmates tmate test %s\n", filepath.Join(dir, args[0]), name, name)
		if err == nil && *out == "" {
			_, err = fmt.Fprintf(p.out, "To hire it:  tmates tmate hire %s\n", args[0])
		}
		return err
	}
	return cmd
}

// agentsCommand holds the names under which upstream's developers know these.
func (p *program) agentsCommand() *cobra.Command {
	check := &cobra.Command{
		Use: "check [KEY|DIR]", Short: "The same as tmate lint and tmate test", Args: usageArgs(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			all, err := p.folders(cmd, args)
			if err != nil {
				return err
			}
			if err := p.lintAll(all); err != nil {
				return err
			}
			return p.try(all, false)
		},
	}
	c := group("agents", "Other names of `tmate new`, `tmate lint` and `tmate test`", p.tmateNewCommand(), check)
	c.Hidden = true
	return c
}
