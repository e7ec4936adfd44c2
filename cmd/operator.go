package cmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/tmates/tmates/cmd/app"
	"github.com/tmates/tmates/cmd/config"
	"github.com/tmates/tmates/server/control"
	"github.com/tmates/tmates/server/token"
	"github.com/tmates/tmates/store"
)

// operator is how a command reaches the data folder.
type operator struct {
	call  control.Call
	close func() error
	url   string // of the running server; empty when the folder was opened
}

// operator opens the data folder, or asks the server that has it open.
func (p *program) operator(cmd *cobra.Command, cfg *config.Config) (*operator, error) {
	commands, closeAll, holder, err := app.Open(cmd.Context(), app.Options{Config: cfg, Version: version(), Built: built(), Log: p.log(cfg.Log)})
	if err == nil {
		return &operator{call: commands.Call, close: closeAll}, nil
	}
	if !app.InUse(err) {
		return nil, err
	}
	if holder.URL == "" {
		return nil, notReady{fmt.Errorf("another tmates is starting or working on %s: try again in a moment", cfg.Data)}
	}
	client, err := remote(cfg, holder)
	if err != nil {
		return nil, err
	}
	return &operator{call: client.Call, close: func() error { return nil }, url: holder.URL}, nil
}

func remote(cfg *config.Config, holder store.Holder) (control.Client, error) {
	secrets, err := token.Load(cfg.Data, time.Now())
	if err != nil {
		return control.Client{}, err
	}
	return control.Client{URL: holder.URL, Secret: secrets.InternalSecret()}, nil
}

// ask performs one command of the operator.
func (p *program) ask(cmd *cobra.Command, command string, in, out any) (err error) {
	cfg, err := p.load(cmd)
	if err != nil {
		return err
	}
	op, err := p.operator(cmd, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, op.close()) }()
	return op.call(cmd.Context(), command, in, out)
}

// jsonFlag adds --json.
func jsonFlag(cmd *cobra.Command) *bool {
	return cmd.Flags().Bool("json", false, "print JSON")
}

// printJSON prints a value for programs.
func (p *program) printJSON(v any) error {
	e := json.NewEncoder(p.out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// printable takes out of a stranger's text what a terminal would obey.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || !unicode.IsControl(r) && !unicode.Is(unicode.Cf, r) {
			return r
		}
		return -1
	}, s)
}

// table prints rows in columns; the first row is the head.
func (p *program) table(rows [][]string) error {
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				_, _ = fmt.Fprint(w, "\t")
			}
			_, _ = fmt.Fprint(w, strings.Join(strings.Fields(printable(cell)), " "))
		}
		_, _ = fmt.Fprintln(w)
	}
	return w.Flush()
}
