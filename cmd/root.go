package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/tmates/tmates/cmd/config"
)

// Exit codes.
const (
	exitOK       = 0
	exitFailed   = 1
	exitUsage    = 2
	exitNotReady = 3
)

// usageError is a command line nobody can carry out.
type usageError struct{ error }

func (u usageError) Unwrap() error { return u.error }

// notReady is something that has to be done first.
type notReady struct{ error }

func (n notReady) Unwrap() error { return n.error }

// program is what every command shares.
type program struct {
	in      io.Reader
	out     io.Writer
	err     io.Writer
	example string // tmates.example.yaml
}

// Main runs the command line and returns the exit code.
func Main(args []string, in io.Reader, out, errOut io.Writer, example string) int {
	ctx, stop := ended()
	defer stop()
	p := &program{in: in, out: out, err: errOut, example: example}
	root := p.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	if errors.Is(err, errSaid) {
		return exitFailed
	}
	_, _ = fmt.Fprintln(errOut, "tmates:", err)
	if _, ok := errors.AsType[usageError](err); ok {
		_, _ = fmt.Fprintln(errOut, "Type `tmates help` for the list of commands.")
		return exitUsage
	}
	if _, ok := errors.AsType[notReady](err); ok {
		return exitNotReady
	}
	return exitFailed
}

// ended returns a context that ends when the program is to. A terminal that is
// closed ends it as well, unless it was started to outlive that, as by nohup.
func ended() (ctx context.Context, stop func()) {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	hangup := !signal.Ignored(syscall.SIGHUP)
	if hangup {
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop = signal.NotifyContext(context.Background(), signals...)
	context.AfterFunc(ctx, func() {
		if hangup {
			signal.Ignore(syscall.SIGHUP) // a shell and the kernel send one each
		}
		stop() // the second Ctrl-C ends the program at once
	})
	return ctx, stop
}

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "tmates",
		Short: "Your team of AI teammates, in one file",
		Long: `Tmates gives you a team of AI teammates on your own machine.

  tmates serve                       start the server
  tmates user add you@example.com    make your account
  tmates chat adam "hello"           talk to a tmate`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          usageArgs(cobra.NoArgs),
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(p.in)
	root.SetOut(p.out)
	root.SetErr(p.err)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.CompletionOptions.HiddenDefaultCmd = true
	config.AddFlags(root.PersistentFlags())
	root.AddCommand(p.serveCommand(), p.userCommand(), p.otpCommand(), p.envCommand(), p.chatCommand(), p.agentCommand(), p.agentsCommand(), p.tmateCommand(), p.catalogCommand(), p.providerCommand(), p.jobCommand(), p.usageCommand(),
		p.benchCommand(),
		p.configCommand(), p.versionCommand(), p.readPDFCommand())
	return root
}

// usageArgs marks a wrong number of arguments as wrong usage.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usageError{fmt.Errorf("%w: the form is `%s`", err, cmd.UseLine())}
		}
		return nil
	}
}

// group is a command that only holds others.
func group(use, short string, subs ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{
		Use: use, Short: short,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("unknown command %q for %q", args[0], cmd.CommandPath())}
			}
			return cmd.Help()
		},
	}
	c.AddCommand(subs...)
	return c
}

// load reads the configuration of a command.
func (p *program) load(cmd *cobra.Command) (*config.Config, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		home = "" // the data folder then has to be named
	}
	return config.Load(config.LoadOptions{Flags: cmd.Flags(), Environ: os.Environ(), Home: home})
}

// log returns the logger the configuration asks for.
func (p *program) log(c config.Log) *slog.Logger {
	o := &slog.HandlerOptions{Level: c.SlogLevel()}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(p.err, o))
	}
	return slog.New(slog.NewTextHandler(p.err, o))
}
