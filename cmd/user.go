package cmd

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/tmates/tmates/server/control"
	"github.com/tmates/tmates/store/tmates"
)

func (p *program) userCommand() *cobra.Command {
	return group("user", "Look after accounts", p.userAddCommand(), p.userListCommand(), p.userRoleCommand(), p.userCodeCommand("code EMAIL"), p.claimLinkCommand(),
		p.userPasswordCommand(), p.userSessionsCommand(), p.userLogoutCommand(), p.userRemoveCommand(), p.userBanCommand(), p.userUnbanCommand())
}

func (p *program) userAddCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "add EMAIL",
		Short: "Make an account; the first one is the owner",
		Args:  usageArgs(cobra.ExactArgs(1)),
	}
	name := cmd.Flags().String("name", "", "what others call this person")
	role := cmd.Flags().String("role", "", "owner, admin or member (default member, the first account is the owner)")
	own := cmd.Flags().Bool("own-workspace", false, "give the account an organisation of its own: no shared teammates, no shared Pinboard")
	password := cmd.Flags().Bool("password-stdin", false, "read a password from standard input; without one the account logs in with codes")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		in := control.AddUser{Email: args[0], Name: *name, Role: tmates.Role(*role), Own: *own}
		if in.Role != "" && !in.Role.Valid() {
			return usageError{fmt.Errorf("--role is %q; it can be owner, admin or member", *role)}
		}
		if in.Own && in.Role != "" && in.Role != tmates.RoleOwner {
			return usageError{fmt.Errorf("--role %s does not go with --own-workspace: who has a workspace of their own is its owner", in.Role)}
		}
		if *password {
			var err error
			if in.Password, err = p.readSecret("password", "password-stdin"); err != nil {
				return err
			}
		}
		var u control.User
		if err := p.ask(cmd, "user.add", in, &u); err != nil {
			return err
		}
		place := "this server"
		if u.Own {
			place = "a workspace of their own"
		}
		_, err := fmt.Fprintf(p.out, "%s is now %s of %s.\nTalk to the team:  tmates chat adam \"hello\"\nLog in elsewhere:  tmates user code %s\n",
			u.Email, article(u.Role), place, u.Email)
		return err
	}
	return cmd
}

func (p *program) userRoleCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "role EMAIL owner|admin|member",
		Short: "Change what an account may do in its organisation",
		Args:  usageArgs(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			in := control.UserRole{Email: args[0], Role: tmates.Role(args[1])}
			if !in.Role.Valid() {
				return usageError{fmt.Errorf("the role is %q; it can be owner, admin or member", args[1])}
			}
			var u control.User
			if err := p.ask(cmd, "user.role", in, &u); err != nil {
				return err
			}
			_, err := fmt.Fprintf(p.out, "%s is now %s of %s.\n", u.Email, article(u.Role), printable(u.Workspace))
			return err
		},
	}
}

func article(r tmates.Role) string {
	if r == tmates.RoleOwner {
		return "an owner"
	}
	if r == tmates.RoleAdmin {
		return "an admin"
	}
	return "a member"
}

// maxSecret bounds what is read of a password or key, in bytes.
const maxSecret = 4096

// readSecret reads what nobody should see, such as a password: what a flag has asked
// for, typed at a terminal or the first line of the input.
func (p *program) readSecret(what, flag string) (string, error) {
	if f, ok := p.in.(*os.File); ok && isTerminal(f) {
		_, _ = fmt.Fprintf(p.err, "Type the %s: ", what)
		b, err := term.ReadPassword(int(f.Fd()))
		_, _ = fmt.Fprintln(p.err)
		if err != nil {
			return "", fmt.Errorf("read %s: %w", what, err)
		}
		return string(b), nil
	}
	line, err := bufio.NewReader(io.LimitReader(p.in, maxSecret)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read %s: %w", what, err)
	}
	line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	if line == "" {
		return "", usageError{fmt.Errorf("--%s found no %s on standard input", flag, what)}
	}
	return line, nil
}

func (p *program) userListCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List the accounts", Args: usageArgs(cobra.NoArgs)}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		users := []control.User{}
		if err := p.ask(cmd, "user.list", struct{}{}, &users); err != nil {
			return err
		}
		if *asJSON {
			return p.printJSON(users)
		}
		if len(users) == 0 {
			_, err := fmt.Fprintln(p.out, "There is no account yet. Type: tmates user add you@example.com")
			return err
		}
		rows := [][]string{{"EMAIL", "NAME", "ROLE", "ORGANISATION", "LAST LOGIN"}}
		for _, u := range users {
			rows = append(rows, []string{u.Email, u.Name, string(u.Role), u.Workspace, moment(u.LastLogin)})
		}
		return p.table(rows)
	}
	return cmd
}

// moment shows a time in a list.
func moment(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04:05")
}

func (p *program) userCodeCommand(use string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   use,
		Short: "Print a login code: the same one until it is used or expires",
		Args:  usageArgs(cobra.ExactArgs(1)),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var c control.Code
		if err := p.ask(cmd, "user.code", control.Email{Email: args[0]}, &c); err != nil {
			return err
		}
		if *asJSON {
			return p.printJSON(c)
		}
		_, err := fmt.Fprintln(p.out, c.Code)
		return err
	}
	return cmd
}

func (p *program) claimLinkCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "claim-link [EMAIL]",
		Short: "Print a link that logs an account in, once; without EMAIL it makes the first account",
		Args:  usageArgs(cobra.MaximumNArgs(1)),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var in control.Email
		if len(args) == 1 {
			if in.Email = args[0]; in.Email == "" {
				return usageError{errors.New("EMAIL is empty; leave it out for the link that makes the first account")}
			}
		}
		var l control.Link
		if err := p.ask(cmd, "user.claim-link", in, &l); err != nil {
			return err
		}
		if *asJSON {
			return p.printJSON(l)
		}
		_, err := fmt.Fprintln(p.out, l.URL)
		return err
	}
	return cmd
}

// otpCommand is the other name of `user code`.
func (p *program) otpCommand() *cobra.Command { return p.userCodeCommand("otp EMAIL") }
