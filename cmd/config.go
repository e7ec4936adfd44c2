package cmd

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (p *program) configCommand() *cobra.Command {
	return group("config", "Look at the configuration", p.configShowCommand(), p.configCheckCommand(), p.configExampleCommand())
}

func (p *program) configShowCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "show", Short: "List every value and where it comes from, secrets masked", Args: usageArgs(cobra.NoArgs),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := p.load(cmd)
		if err != nil {
			return err
		}
		if *asJSON {
			return p.printJSON(cfg.Origins())
		}
		rows := [][]string{{"KEY", "VALUE", "FROM"}}
		for _, o := range cfg.Origins() {
			rows = append(rows, []string{o.Key, o.Value, o.Layer})
		}
		return p.table(rows)
	}
	return cmd
}

func (p *program) configCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use: "check", Short: "Report everything that is wrong with the configuration", Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := p.load(cmd)
			if err != nil {
				return err
			}
			where := "no file, so the defaults"
			if cfg.File() != "" {
				where = cfg.File()
			}
			_, err = fmt.Fprintf(p.out, "The configuration is fine (%s).\n", where)
			return err
		},
	}
}

func (p *program) configExampleCommand() *cobra.Command {
	return &cobra.Command{
		Use: "example", Short: "Print a file with every key, its default and what it does", Args: usageArgs(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprint(p.out, p.example)
			return err
		},
	}
}
