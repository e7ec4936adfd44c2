package cmd

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/tmates/tmates/server/control"
)

func (p *program) jobCommand() *cobra.Command {
	return group("job", "Look after background jobs",
		p.jobListCommand(), p.jobShowCommand(),
		p.jobChangeCommand("cancel", "Cancel a job that is not finished", "cancelled"),
		p.jobChangeCommand("retry", "Run a failed or cancelled job once more, as a new job", "queued"))
}

func (p *program) jobListCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List the newest jobs of everybody", Args: usageArgs(cobra.NoArgs)}
	asJSON := jsonFlag(cmd)
	limit := cmd.Flags().Int("limit", 20, "how many, 1 to 1000")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if *limit < 1 || *limit > 1000 {
			return usageError{fmt.Errorf("--limit is %d; it can be 1 to 1000", *limit)}
		}
		jobs := []control.Job{}
		if err := p.ask(cmd, "job.list", control.Page{Limit: *limit}, &jobs); err != nil {
			return err
		}
		if *asJSON {
			return p.printJSON(jobs)
		}
		if len(jobs) == 0 {
			_, err := fmt.Fprintln(p.out, "There are no jobs yet.")
			return err
		}
		rows := [][]string{{"ID", "TMATE", "STATE", "ATTEMPT", "CREATED", "NEXT TRY", "LAST ERROR"}}
		for _, j := range jobs {
			rows = append(rows, []string{j.ID, j.Tmate, j.State, strconv.Itoa(j.Attempt), moment(&j.Created), moment(j.NextTry), j.LastErr})
		}
		return p.table(rows)
	}
	return cmd
}

func (p *program) jobShowCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "show ID", Short: "Show everything about a job, as JSON", Args: usageArgs(cobra.ExactArgs(1))}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var j control.Job
		if err := p.ask(cmd, "job.show", control.ID{ID: args[0]}, &j); err != nil {
			return err
		}
		return p.printJSON(j)
	}
	return cmd
}

func (p *program) jobChangeCommand(verb, short, done string) *cobra.Command {
	cmd := &cobra.Command{Use: verb + " ID", Short: short, Args: usageArgs(cobra.ExactArgs(1))}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var j control.Job
		if err := p.ask(cmd, "job."+verb, control.ID{ID: args[0]}, &j); err != nil {
			return err
		}
		_, err := fmt.Fprintf(p.out, "%s %s\n", j.ID, done)
		return err
	}
	return cmd
}
