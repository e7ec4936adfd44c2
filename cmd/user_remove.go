package cmd

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tmates/tmates/server/control"
)

func (p *program) userRemoveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "remove EMAIL",
		Short: "Delete an account with its threads, jobs and files, for good",
		Args:  usageArgs(cobra.ExactArgs(1)),
	}
	yes := cmd.Flags().Bool("yes", false, "do not ask")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !*yes {
			if err := p.confirm(args[0]); err != nil {
				return err
			}
		}
		var gone control.Email
		if err := p.ask(cmd, "user.remove", control.Email{Email: args[0]}, &gone); err != nil {
			return err
		}
		_, err := fmt.Fprintf(p.out, "%s is deleted.\n", gone.Email)
		return err
	}
	return cmd
}

// confirm asks on a terminal whether an account may go.
func (p *program) confirm(email string) error {
	if !isTerminal(p.in) {
		return usageError{errors.New("nobody can be asked here whether the account may go: add --yes")}
	}
	_, _ = fmt.Fprintf(p.err, "This deletes %s with every thread, job and file, and nothing brings them back.\nType the address to go on: ", printable(email))
	line, err := bufio.NewReader(io.LimitReader(p.in, 1024)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read answer: %w", err)
	}
	if !strings.EqualFold(strings.TrimSpace(line), strings.TrimSpace(email)) {
		return errors.New("the address is another one: nothing was deleted")
	}
	return nil
}

// forever is how long a ban lasts that names no end.
const forever = 100 * 365 * 24 * time.Hour

func (p *program) userBanCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ban EMAIL",
		Short: "Suspend an account and end its logins at once",
		Args:  usageArgs(cobra.ExactArgs(1)),
	}
	length := cmd.Flags().Duration("for", forever, "how long, as in 24h")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *length <= 0 {
			return usageError{errors.New("--for must be longer than nothing, as in 24h")}
		}
		return p.setBan(cmd, args[0], length.String(), "is suspended")
	}
	return cmd
}

func (p *program) userUnbanCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "unban EMAIL",
		Short: "Let a suspended account log in again",
		Args:  usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.setBan(cmd, args[0], "none", "may log in again")
		},
	}
}

func (p *program) setBan(cmd *cobra.Command, email, length, said string) error {
	var done control.Ban
	if err := p.ask(cmd, "user.ban", control.Ban{Email: email, For: length}, &done); err != nil {
		return err
	}
	_, err := fmt.Fprintf(p.out, "%s %s.\n", done.Email, said)
	return err
}
