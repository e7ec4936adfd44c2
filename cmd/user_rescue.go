package cmd

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tmates/tmates/server/control"
)

func (p *program) userPasswordCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "password EMAIL",
		Short: "Give an account a new password and end its logins",
		Long: `Give an account a new password and end its logins.

The password is typed at the terminal, twice, or read with --password-stdin. It
obeys the same rules as one people choose themselves.`,
		Args: usageArgs(cobra.ExactArgs(1)),
	}
	stdin := cmd.Flags().Bool("password-stdin", false, "read the password from standard input")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !*stdin && !isTerminal(p.in) {
			return usageError{errors.New("nobody can be asked here for the password: add --password-stdin")}
		}
		password, err := p.readSecret("password", "password-stdin")
		if err != nil {
			return err
		}
		if isTerminal(p.in) {
			again, err := p.readSecret("password again", "password-stdin")
			if err != nil {
				return err
			}
			if again != password {
				return errors.New("the two passwords differ: nothing was changed")
			}
		}
		var done control.Email
		if err := p.ask(cmd, "user.password", control.NewPassword{Email: args[0], Password: password}, &done); err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.out, "%s has a new password, and every login ended.\n", done.Email)
		return err
	}
	return cmd
}

func (p *program) userSessionsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sessions EMAIL",
		Short: "List the logins of an account that live",
		Args:  usageArgs(cobra.ExactArgs(1)),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		sessions := []control.Session{}
		if err := p.ask(cmd, "user.sessions", control.Email{Email: args[0]}, &sessions); err != nil {
			return err
		}
		if *asJSON {
			return p.printJSON(sessions)
		}
		if len(sessions) == 0 {
			_, err := fmt.Fprintf(p.out, "%s is logged in nowhere.\n", printable(args[0]))
			return err
		}
		rows := [][]string{{"ID", "DEVICE", "ADDRESS", "SINCE", "LAST SEEN"}}
		for _, v := range sessions {
			rows = append(rows, []string{v.ID, v.Device, v.Address, moment(&v.CreatedAt), moment(&v.SeenAt)})
		}
		return p.table(rows)
	}
	return cmd
}

func (p *program) userLogoutCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "logout EMAIL",
		Short: "End the logins of an account, open sockets included",
		Args:  usageArgs(cobra.ExactArgs(1)),
	}
	session := cmd.Flags().String("session", "", "only this one, by its id of `tmates user sessions`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if cmd.Flags().Changed("session") && *session == "" {
			return usageError{errors.New("--session is empty; leave it out to end every login")}
		}
		var done control.Ended
		if err := p.ask(cmd, "user.logout", control.EndSessions{Email: args[0], Session: *session}, &done); err != nil {
			return err
		}
		_, err := fmt.Fprintf(p.out, "%s: %d ended.\n", done.Email, done.Ended)
		return err
	}
	return cmd
}
