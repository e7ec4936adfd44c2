package cmd

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tmates/tmates/server/control"
)

func (p *program) tmateCommand() *cobra.Command {
	return group("tmate", "See, hire, install, write and test tmates",
		p.tmateListCommand(), p.tmateChangeCommand("hire", "Hire a tmate for everybody here", "is on the team"),
		p.tmateChangeCommand("dismiss", "Dismiss a tmate; its threads stay", "has left the team"),
		p.tmateInstallCommand(), p.tmateBundleCommand(),
		p.tmateNewCommand(), p.tmateLintCommand(), p.tmateTestCommand(), p.tmateSchemaCommand())
}

func (p *program) tmateListCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List who is installed, and what is wrong with the others", Args: usageArgs(cobra.NoArgs)}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var all control.Tmates
		if err := p.ask(cmd, "tmate.list", struct{}{}, &all); err != nil {
			return err
		}
		if *asJSON {
			return p.printJSON(all)
		}
		rows := [][]string{{"KEY", "NAME", "HIRED", "WHAT IT DOES"}}
		for _, t := range all.Tmates {
			about := t.Description
			if len(t.MissingEnv) > 0 {
				about = "needs " + strings.Join(t.MissingEnv, ", ") + " in the server's environment"
			}
			rows = append(rows, []string{t.Key, t.Name, yesNo(t.Hired), about})
		}
		if err := p.table(rows); err != nil {
			return err
		}
		for _, problem := range all.Problems {
			if _, err := fmt.Fprintln(p.err, "problem:", problem); err != nil {
				return err
			}
		}
		return nil
	}
	return cmd
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

func (p *program) tmateChangeCommand(verb, short, done string) *cobra.Command {
	cmd := &cobra.Command{Use: verb + " KEY", Short: short, Args: usageArgs(cobra.ExactArgs(1))}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var t control.Tmate
		if err := p.ask(cmd, "tmate."+verb, control.Hire{Key: args[0]}, &t); err != nil {
			return err
		}
		_, err := fmt.Fprintf(p.out, "%s %s\n", t.Key, done)
		return err
	}
	return cmd
}
