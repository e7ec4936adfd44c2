package cmd

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tmates/tmates/cmd/app"
	"github.com/tmates/tmates/cmd/client"
	"github.com/tmates/tmates/cmd/config"
	"github.com/tmates/tmates/server/control"
)

func (p *program) chatCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   `chat KEY ["text"]`,
		Short: "Talk to a tmate; without a text, line by line",
		Long: `Talk to a tmate in your direct thread with it, or with "team" as KEY to the
Team Chat. With a text, the reply is printed as it is written and the command
ends. Without one, every line you type is a message, until the input ends or you
type /quit; "stop" ends what is being written. Without a running server the
command starts one for as long as it takes.`,
		Args: usageArgs(cobra.RangeArgs(1, 2)),
	}
	as := cmd.PersistentFlags().String("as", "", "address of the account that talks (default: the oldest account)")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		text := ""
		if len(args) == 2 {
			if text = strings.TrimSpace(args[1]); text == "" {
				return usageError{errors.New("the text is empty")}
			}
		}
		return p.chat(cmd, *as, args[0], text)
	}
	cmd.AddCommand(&cobra.Command{
		Use: "open KEY", Short: "Talk to a tmate line by line", Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return p.chat(cmd, *as, args[0], "") },
	})
	return cmd
}

// agentCommand is the form in which upstream's own tool asks a tmate once.
func (p *program) agentCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: `agent KEY --message "text"`, Short: "Ask a tmate one thing; the same as chat KEY \"text\"", Args: usageArgs(cobra.ExactArgs(1)),
	}
	message := cmd.Flags().String("message", "", "what to ask")
	as := cmd.Flags().String("as", "", "address of the account that talks (default: the oldest account)")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		text := strings.TrimSpace(*message)
		if text == "" {
			return usageError{errors.New("there is no message: the form is `tmates agent KEY --message \"text\"`")}
		}
		return p.chat(cmd, *as, args[0], text)
	}
	return cmd
}

// chat talks through the running server, or through one of its own that lives
// as long as the conversation.
func (p *program) chat(cmd *cobra.Command, as, key, text string) error {
	cfg, err := p.load(cmd)
	if err != nil {
		return err
	}
	op, err := p.operator(cmd, cfg)
	if err != nil {
		return err
	}
	if op.url != "" {
		return p.converse(cmd.Context(), op, as, key, text)
	}
	if err := op.close(); err != nil {
		return err
	}
	return p.withServer(cmd, cfg, func(ctx context.Context) error {
		op, err := p.operator(cmd, cfg)
		if err != nil {
			return err
		}
		return p.converse(ctx, op, as, key, text)
	})
}

// withServer runs fn beside a server on a free port of this machine.
func (p *program) withServer(cmd *cobra.Command, cfg *config.Config, fn func(context.Context) error) error {
	own := *cfg
	own.Listen = "127.0.0.1:0"
	ctx, stop := context.WithCancel(cmd.Context())
	defer stop()
	started, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- app.Serve(ctx, app.Options{Config: &own, Version: version(), Built: built(), Log: p.log(quiet(cfg.Log))}, func(app.Started) { close(started) })
	}()
	select {
	case <-started:
	case err := <-ended:
		return err
	}
	err := fn(ctx)
	stop()
	return errors.Join(err, <-ended)
}

// quiet keeps the log of a server nobody asked for out of the conversation.
func quiet(c config.Log) config.Log {
	if c.Level != "debug" {
		c.Level = "error"
	}
	return c
}

// account returns the address that talks.
func account(ctx context.Context, op *operator, as string) (string, error) {
	if as != "" {
		return as, nil
	}
	var users []control.User
	if err := op.call(ctx, "user.list", struct{}{}, &users); err != nil {
		return "", err
	}
	if len(users) == 0 {
		return "", notReady{errors.New("there is no account yet: type `tmates user add you@example.com`")}
	}
	oldest := users[0]
	for _, u := range users {
		if u.CreatedAt.Before(oldest.CreatedAt) {
			oldest = u
		}
	}
	return oldest.Email, nil
}

// converse logs in and talks.
func (p *program) converse(ctx context.Context, op *operator, as, key, text string) error {
	email, err := account(ctx, op, as)
	if err != nil {
		return err
	}
	var login control.Login
	if err := op.call(ctx, "user.login", control.Email{Email: email}, &login); err != nil {
		return err
	}
	c := client.New(op.url, login.UserID, login.Token)
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = c.Logout(ctx) // the login expires by itself anyway
	}()
	thread, err := c.Open(ctx, key)
	if refused, ok := errors.AsType[*client.Error](err); ok && refused.Status == http.StatusBadRequest {
		return unavailable(ctx, op, key)
	}
	if err != nil {
		return fmt.Errorf("open the thread with %s: %w", key, err)
	}
	socket, err := c.Dial(ctx, thread.ID)
	if err != nil {
		return err
	}
	defer func() { _ = socket.Close() }()
	talk := &talk{p: p, key: key, terminal: isTerminal(p.out), socket: socket, thread: thread}
	if text != "" {
		return talk.say(ctx, text, nil)
	}
	return talk.lines(ctx, c)
}

// unavailable says what to do about a tmate that cannot be talked to.
func unavailable(ctx context.Context, op *operator, key string) error {
	var all control.Tmates
	if err := op.call(ctx, "tmate.list", struct{}{}, &all); err != nil {
		return err
	}
	for _, t := range all.Tmates {
		if strings.EqualFold(t.Key, key) || strings.EqualFold(t.Name, key) {
			return fmt.Errorf("%s is not hired: type `tmates tmate hire %s`", t.Name, t.Key)
		}
	}
	return fmt.Errorf("there is no tmate %q: type `tmates tmate list`", key)
}
