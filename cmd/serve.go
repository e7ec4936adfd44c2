package cmd

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/tmates/tmates/cmd/app"
	"github.com/tmates/tmates/cmd/config"
)

func (p *program) serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Start the server",
		Args:  usageArgs(cobra.NoArgs),
	}
	config.AddServeFlags(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := p.load(cmd)
		if err != nil {
			return err
		}
		o := app.Options{Config: cfg, Version: version(), Built: built(), Log: p.log(cfg.Log)}
		if self, err := os.Executable(); err == nil {
			o.ReadPDF = []string{self, readPDF}
		}
		if isTerminal(p.out) {
			o.Console = p.out // codes are for the person at the machine, never for a log file
		}
		return app.Serve(cmd.Context(), o, func(s app.Started) { p.welcome(cfg, s) })
	}
	return cmd
}

// welcome prints what a person needs next.
func (p *program) welcome(cfg *config.Config, s app.Started) {
	first := "another account:  tmates user add EMAIL"
	if s.Users == 0 {
		first = fmt.Sprintf("first account:    open in a browser: %s (once, within 30 minutes)\n"+
			"                  or: tmates user add you@example.com, then: tmates chat adam \"hello\"", s.Claim)
	}
	model := "no model connected: offline rules"
	if s.Model != "" {
		model = "model: " + s.Model
	}
	_, _ = fmt.Fprintf(p.out, "data folder:      %s\nlistening on:     %s (ready in %s; %s)\n%s\nfor clients:      %s\n",
		cfg.Data, s.URL, s.Took.Round(time.Millisecond), model, first, clientVariables(s.Public, s.AnonKey))
}

// clientVariables are the three variables of the official client, in one line.
func clientVariables(base, anonKey string) string {
	return fmt.Sprintf("TMATES_SUPABASE_URL=%s TMATES_SUPABASE_ANON_KEY=%s TMATES_API_BASE_URL=%s/v1", base, anonKey, base)
}

func isTerminal(f any) bool {
	file, ok := f.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
