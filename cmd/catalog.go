package cmd

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/tmates/tmates/agents/catalog"
	"github.com/tmates/tmates/server/control"
)

func (p *program) catalogCommand() *cobra.Command {
	return group("catalog", "See and fetch the tmates of a catalog", p.catalogListCommand(), p.catalogSyncCommand())
}

func (p *program) catalogListCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List what the catalog offers, as it was fetched last", Args: usageArgs(cobra.NoArgs)}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var all control.Catalog
		if err := p.ask(cmd, "catalog.list", struct{}{}, &all); err != nil {
			return err
		}
		if *asJSON {
			return p.printJSON(all)
		}
		rows := [][]string{{"KEY", "VERSION", "NAME", "STATUS", "HIRED", "WHAT IT DOES"}}
		for _, t := range all.Tmates {
			about := t.Description
			if t.Hidden {
				about = "not used: a local tmate has this key, or tmates.installed leaves it out"
			}
			rows = append(rows, []string{t.Key, t.Version, t.Name, t.Status, yesNo(t.Hired), about})
		}
		if err := p.table(rows); err != nil {
			return err
		}
		return p.problems(all.Problems)
	}
	return cmd
}

func (p *program) catalogSyncCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "sync", Short: "Fetch the catalog and its bundles now", Args: usageArgs(cobra.NoArgs)}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		ctx, cancel := context.WithTimeout(cmd.Context(), catalog.SyncTime+10*time.Second) // the server's own limit comes first
		defer cancel()
		cmd.SetContext(ctx)
		var done control.Synced
		if err := p.ask(cmd, "catalog.sync", struct{}{}, &done); err != nil {
			return err
		}
		if *asJSON {
			return p.printJSON(done)
		}
		_, err := fmt.Fprintf(p.out, "%d added, %d updated, %d removed, %d unchanged\n", done.Added, done.Updated, done.Removed, done.Unchanged)
		if err != nil {
			return err
		}
		return p.problems(done.Errors)
	}
	return cmd
}

// problems tells what is wrong beside what was asked for.
func (p *program) problems(list []string) error {
	for _, problem := range list {
		if _, err := fmt.Fprintln(p.err, "problem:", printable(problem)); err != nil {
			return err
		}
	}
	return nil
}
