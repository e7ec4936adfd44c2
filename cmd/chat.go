package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
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
		Long: `Talk to a tmate in your direct thread with it. With a text, the reply is
printed as it is written and the command ends. Without one, every line you type
is a message, until the input ends or you type /quit.`,
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
	var code control.Code
	if err := op.call(ctx, "user.code", control.Email{Email: email}, &code); err != nil {
		return err
	}
	c, err := client.Login(ctx, op.url, email, code.Code)
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = c.Logout(ctx) // the login expires by itself anyway
	}()
	thread, err := c.Open(ctx, key)
	if refused, ok := errors.AsType[*client.Error](err); ok && refused.Status == http.StatusBadRequest {
		return fmt.Errorf("%w: see `tmates tmate list`, and `tmates tmate hire %s`", err, key)
	}
	if err != nil {
		return fmt.Errorf("open the thread with %s: %w", key, err)
	}
	socket, err := c.Dial(ctx, thread.ID)
	if err != nil {
		return err
	}
	defer func() { _ = socket.Close() }()
	talk := &talk{p: p, terminal: isTerminal(p.out)}
	if text != "" {
		return talk.say(ctx, socket, thread.ID, text)
	}
	return talk.lines(ctx, socket, thread)
}

// talk prints a conversation.
type talk struct {
	p        *program
	terminal bool
	shown    strings.Builder // of the reply that is being written
	failed   bool
}

// errNoReply means that the tmate could not answer; why was printed.
var errNoReply = errors.New("no reply")

func (t *talk) say(ctx context.Context, s *client.Socket, threadID, text string) error {
	t.failed = false
	err := s.Say(ctx, threadID, text, client.Listener{Typing: t.typing, Text: t.piece, Again: t.again, Reply: t.reply})
	if err == nil && t.failed {
		return errNoReply
	}
	return err
}

// typing tells a person what takes so long.
func (t *talk) typing(note string) {
	if note != "" && t.terminal {
		_, _ = fmt.Fprintf(t.p.err, "(%s)\n", printable(note))
	}
}

func (t *talk) piece(text string) {
	_, _ = fmt.Fprint(t.p.out, printable(text))
	t.shown.WriteString(text)
}

func (t *talk) again() {
	if t.shown.Len() > 0 {
		_, _ = fmt.Fprintln(t.p.out, "\n(starting over)")
		t.shown.Reset()
	}
}

// reply prints the stored outcome as far as it was not streamed.
func (t *talk) reply(m client.Message) {
	shown := strings.TrimSpace(t.shown.String())
	t.shown.Reset()
	switch {
	case m.Role == "system":
		t.failed = true
		_, _ = fmt.Fprintln(t.p.err, printable(m.Content))
	case shown == m.Content:
		_, _ = fmt.Fprintln(t.p.out)
	case shown == "":
		_, _ = fmt.Fprintln(t.p.out, printable(m.Content))
	default:
		_, _ = fmt.Fprintf(t.p.out, "\n%s\n", printable(m.Content))
	}
}

// lines reads messages until the input ends.
func (t *talk) lines(ctx context.Context, s *client.Socket, thread client.Thread) error {
	if t.terminal {
		_, _ = fmt.Fprintf(t.p.out, "You are talking to %s. /quit ends the conversation.\n", thread.Title)
	}
	in, failed := input(ctx, t.p.in)
	for {
		if t.terminal {
			_, _ = fmt.Fprint(t.p.out, "> ")
		}
		line, ok := "", false
		select {
		case line, ok = <-in:
		case <-ctx.Done(): // Ctrl-C
		}
		if !ok {
			if t.terminal {
				_, _ = fmt.Fprintln(t.p.out)
			}
			select {
			case err := <-failed:
				return err
			default: // Ctrl-C
				return nil
			}
		}
		text := strings.TrimSpace(line)
		switch text {
		case "":
			continue
		case "/quit", "/exit":
			return nil
		}
		if err := t.say(ctx, s, thread.ID, text); err != nil && !errors.Is(err, errNoReply) {
			return err
		}
	}
}

// maxLine bounds a line somebody types, in bytes. A longer one ends the input.
const maxLine = 1 << 20

// input returns the lines of a reader, and how it ended once there are no more.
// Reading a terminal cannot be interrupted, so the goroutine may wait in vain
// until the process ends.
func input(ctx context.Context, r io.Reader) (lines <-chan string, failed <-chan error) {
	out, end := make(chan string), make(chan error, 1)
	go func() {
		defer close(out)
		in := bufio.NewScanner(r)
		in.Buffer(make([]byte, 64<<10), maxLine)
		for in.Scan() {
			select {
			case out <- in.Text():
			case <-ctx.Done():
				return
			}
		}
		end <- in.Err()
	}()
	return out, end
}
