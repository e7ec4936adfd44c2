package cmd

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/tmates/tmates/server/control"
	"github.com/tmates/tmates/server/team"
)

func (p *program) usageCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "usage", Short: "Show what the models read, wrote and cost", Args: usageArgs(cobra.NoArgs),
		Long: "Shows what the models read, wrote and cost in the organisation of this server, by tmate, model or day.",
	}
	asJSON := jsonFlag(cmd)
	days := cmd.Flags().Int("days", 30, fmt.Sprintf("how far back, 1 to %d; today counts", team.MaxUsageDays))
	by := cmd.Flags().String("by", "tmate", "what to sum by: tmate, model or day")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if *days < 1 || *days > team.MaxUsageDays {
			return usageError{fmt.Errorf("--days is %d; it can be 1 to %d", *days, team.MaxUsageDays)}
		}
		if *by != "tmate" && *by != "model" && *by != "day" {
			return usageError{fmt.Errorf("--by is %q; it can be tmate, model or day", *by)}
		}
		var used control.Usage
		if err := p.ask(cmd, "usage", control.UsageQuery{By: *by, Days: *days}, &used); err != nil {
			return err
		}
		if *asJSON {
			return p.printJSON(used)
		}
		if len(used.Items) == 0 {
			_, err := fmt.Fprintf(p.out, "Nothing was done since %s.\n", used.Since)
			return err
		}
		rows := [][]string{{"WHAT", "JOBS", "TOKENS READ", "TOKENS WRITTEN", "COST"}}
		for _, u := range used.Items {
			cost := ""
			if used.Currency != "" {
				cost = fmt.Sprintf("%.4f %s", u.Cost, used.Currency)
			}
			what := u.Key
			if what == "" {
				what = "rules only"
			}
			rows = append(rows, []string{what, strconv.FormatInt(u.Jobs, 10), strconv.FormatInt(u.PromptTokens, 10), strconv.FormatInt(u.CompletionTokens, 10), cost})
		}
		return p.table(rows)
	}
	return cmd
}
