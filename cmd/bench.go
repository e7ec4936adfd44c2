package cmd

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/tmates/tmates/cmd/bench"
)

func (p *program) benchCommand() *cobra.Command {
	var o bench.Options
	var file, compare string
	var check bool
	cmd := &cobra.Command{
		Use:   "bench [SCENARIO...]",
		Short: "Measure this program on this machine",
		Long: `Measures this program on this machine, beside the limits of the machine itself.
It starts servers of its own in a temporary folder and touches no data of yours.
Close what else is busy: it measures whatever takes time.

Scenarios (all when none is named):
` + bench.Describe(),
		Args: func(_ *cobra.Command, args []string) error {
			if err := bench.Check(args); err != nil {
				return usageError{err}
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.Dir, "dir", ".", "where the temporary folder is made: its disk is measured")
	flags.DurationVar(&o.Time, "time", time.Second, "length of each of the three passes of a measurement, 10ms to 1m")
	flags.BoolVar(&o.Full, "full", false, "also grow a database of 1,000,000 messages, which takes minutes and 1 GB")
	flags.StringVar(&file, "json", "", "write the result to this file, too")
	flags.StringVar(&compare, "compare", "", "show what was measured earlier beside it: a file --json wrote")
	flags.BoolVar(&check, "check", false, "exit with 1 when a goal that can be judged is missed")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if o.Time < 10*time.Millisecond || o.Time > time.Minute {
			return usageError{fmt.Errorf("--time is %v; it can be 10ms to 1m", o.Time)}
		}
		var earlier *bench.Result
		if compare != "" {
			old, err := bench.Read(compare)
			if err != nil {
				return err
			}
			earlier = &old
		}
		self, err := os.Executable()
		if err != nil {
			return fmt.Errorf("find the program itself: %w", err)
		}
		o.Command, o.Version, o.Scenarios, o.Progress = []string{self}, version(), args, p.err
		result, err := bench.Run(cmd.Context(), o)
		if err != nil {
			return err
		}
		if file != "" {
			if err := result.Write(file); err != nil {
				return err
			}
		}
		return p.showBench(result, earlier, check)
	}
	cmd.AddCommand(p.benchGrowCommand(), p.benchChildCommand())
	return cmd
}

// showBench prints a result. With check a missed goal is an error.
func (p *program) showBench(r bench.Result, earlier *bench.Result, check bool) error {
	if err := p.table(r.Rows(earlier)); err != nil {
		return err
	}
	verdicts := bench.Judge(r)
	_, _ = fmt.Fprintln(p.out)
	if err := p.table(bench.GoalRows(verdicts)); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(p.out, "\n%s, tmates %s, %s\n", r.Date.Format(time.DateOnly), r.Version, r.Machine)
	missed := 0
	for _, v := range verdicts {
		if v.Outcome == bench.Failed {
			missed++
		}
	}
	if check && missed > 0 {
		return fmt.Errorf("goals that are missed: %d", missed)
	}
	return nil
}

func (p *program) benchGrowCommand() *cobra.Command {
	var o bench.GrowOptions
	cmd := &cobra.Command{
		Use:   "grow",
		Short: "Fill an empty data folder with an account and many messages",
		Args:  usageArgs(cobra.NoArgs),
	}
	cmd.Flags().IntVar(&o.Messages, "messages", 100_000, "how many messages")
	cmd.Flags().IntVar(&o.Threads, "threads", 0, "how many threads they are in; 0 means one for each 200 messages")
	cmd.Flags().Uint64Var(&o.Seed, "seed", 1, "the same seed makes the same database")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if !cmd.Flags().Changed("data") {
			return usageError{errors.New("say which folder to fill: --data DIR")}
		}
		cfg, err := p.load(cmd)
		if err != nil {
			return err
		}
		o.Data = cfg.Data
		begun := time.Now()
		g, err := bench.Grow(cmd.Context(), o)
		if err != nil {
			return err
		}
		took := time.Since(begun)
		_, err = fmt.Fprintf(p.out, "%d messages in %d threads, grown in %v (%.0f a second)\nthe account:  %s\nlog in:       tmates user code %s --data %s\n",
			g.Messages, g.Threads, took.Round(time.Millisecond), float64(g.Messages)/took.Seconds(), g.Email, g.Email, cfg.Data)
		return err
	}
	return cmd
}

// benchChildCommand is what the bench starts itself anew as.
func (p *program) benchChildCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "child NAME DIR",
		Short:  "Be a helper of the bench",
		Hidden: true,
		Args:   usageArgs(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return bench.Helper(cmd.Context(), args[0], args[1], p.in, p.out)
		},
	}
}
