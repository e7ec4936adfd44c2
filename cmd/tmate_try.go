package cmd

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tmates/tmates/agents/brains/rules"
	"github.com/tmates/tmates/agents/registry"
)

func (p *program) tmateTestCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "test [KEY|DIR]", Short: "Try the tests of a tmate's manifest on its rules", Args: usageArgs(cobra.MaximumNArgs(1)),
		Long: `Try the tests of a tmate's manifest on its rules. No model is asked, no tool runs
(the test says what it answers), and neither server nor data is needed. Without a
name all tmates in the data folder are tried. The exit code is 1 when a test fails.`,
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		all, err := p.folders(cmd, args)
		if err != nil {
			return err
		}
		return p.try(all, *asJSON)
	}
	return cmd
}

// tried is the outcome of a test, for programs.
type tried struct {
	Tmate  string   `json:"tmate"`
	File   string   `json:"file"`
	Line   int      `json:"line"`
	Say    string   `json:"say"`
	Rule   string   `json:"rule"`
	Calls  []string `json:"calls"`
	Answer string   `json:"answer"`
	Faults []string `json:"faults"`
	Passed bool     `json:"passed"`
}

// try runs the tests of the tmates and prints what came of them.
func (p *program) try(all []folder, asJSON bool) error {
	outcomes := []tried{}
	failed := 0
	for _, f := range all {
		t, problems := registry.ReadFolder(f.fsys, f.key)
		if len(problems) > 0 {
			return fmt.Errorf("%s cannot be loaded: %s (more: `tmates tmate lint`)", f.key, f.problem(problems[0]))
		}
		for _, o := range rules.Test(t) {
			outcomes = append(outcomes, tried{
				Tmate: f.key, File: f.path(f.key + "/manifest.yaml"), Line: o.Test.Line, Say: o.Test.Say, Rule: o.Rule,
				Calls: append([]string{}, o.Calls...), Answer: o.Answer, Faults: append([]string{}, o.Faults...), Passed: len(o.Faults) == 0,
			})
			if len(o.Faults) > 0 {
				failed++
			}
		}
	}
	show := p.tests
	if asJSON {
		show = func(all []tried) error { return p.printJSON(all) }
	}
	if err := show(outcomes); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%d of %s failed", failed, count(len(outcomes), "test"))
	}
	return nil
}

// tests prints a table, and what is wrong with the tests that failed.
func (p *program) tests(all []tried) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(p.out, "There are no tests: write some into the manifest, under tests.")
		return err
	}
	rows := [][]string{{"TMATE", "LINE", "SAID", "RULE", "RESULT"}}
	for _, o := range all {
		result := "ok"
		if !o.Passed {
			result = "FAILED"
		}
		rows = append(rows, []string{o.Tmate, strconv.Itoa(o.Line), clip(o.Say), o.Rule, result})
	}
	if err := p.table(rows); err != nil {
		return err
	}
	for _, o := range all {
		if o.Passed {
			continue
		}
		_, err := fmt.Fprintf(p.out, "\n%s:%d: %s\n  it said: %s\n", o.File, o.Line, printable(strings.Join(o.Faults, "; ")),
			strings.ReplaceAll(printable(strings.TrimSpace(o.Answer)), "\n", "\n           "))
		for _, call := range o.Calls {
			if err == nil {
				_, err = fmt.Fprintf(p.out, "  it used: %s\n", printable(call))
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// clip shortens a text for a table.
func clip(s string) string {
	const most = 50
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
