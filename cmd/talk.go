package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/tmates/tmates/cmd/client"
)

// talk prints a conversation.
type talk struct {
	p        *program
	key      string // as it was typed
	terminal bool
	socket   *client.Socket
	thread   client.Thread
	shown    strings.Builder // of the reply that is being written
	failed   bool            // the last outcome is no reply
}

// How a conversation ends.
var (
	errSaid = errors.New("the tmate could not answer") // why was printed already
	errQuit = errors.New("quit")
)

// say sends a message and prints what comes of it. Lines typed meanwhile are
// sent at once.
func (t *talk) say(ctx context.Context, text string, typed <-chan string) error {
	t.failed = false
	err := t.socket.Say(ctx, t.thread.ID, text, typed, client.Listener{
		Typing: t.typing, Text: t.piece, Again: t.again, Reply: t.reply, Typed: t.typed,
	})
	if t.shown.Len() > 0 { // no outcome followed: it was stopped elsewhere
		_, _ = fmt.Fprintln(t.p.out, "\n(ended)")
		t.shown.Reset()
	}
	switch {
	case errors.Is(err, client.ErrGone):
		return fmt.Errorf("the server has gone; your message is kept: type `tmates serve`, then `tmates chat %s`", t.key)
	case ctx.Err() != nil:
		return fmt.Errorf("you left before the answer; it will stand in the thread: type `tmates chat %s`, or `tmates job list`", t.key)
	case err == nil && t.failed:
		return errSaid
	}
	return err
}

// typing tells a person what takes so long.
func (t *talk) typing(note string) {
	if note != "" {
		t.aside(note)
	}
}

func (t *talk) aside(note string) {
	if t.shown.Len() > 0 && t.terminal {
		_, _ = fmt.Fprintln(t.p.out)
	}
	_, _ = fmt.Fprintf(t.p.err, "(%s)\n", printable(note))
}

// piece prints a reply while it is written. A program that reads the output gets
// the whole reply at the end, because another attempt may begin anew.
func (t *talk) piece(text string) {
	if t.terminal {
		_, _ = fmt.Fprint(t.p.out, printable(text))
		t.shown.WriteString(text)
	}
}

func (t *talk) again() {
	if t.shown.Len() > 0 {
		t.aside("starting over")
		t.shown.Reset()
	}
}

// typed reads a line that comes while a tmate works.
func (t *talk) typed(line string) (string, error) {
	text := strings.TrimSpace(line)
	if quits(text) {
		return "", errQuit
	}
	return text, nil
}

func quits(text string) bool { return text == "/quit" || text == "/exit" }

// reply prints the stored outcome as far as it was not streamed.
func (t *talk) reply(m client.Message) {
	shown := strings.TrimSpace(t.shown.String())
	if t.shown.Len() > 0 {
		_, _ = fmt.Fprintln(t.p.out)
	}
	t.shown.Reset()
	if m.Payload["event"] == hopBudget { // the replies before it stand
		t.aside(m.Content)
		return
	}
	if t.failed = m.Role == "system"; t.failed {
		_, _ = fmt.Fprintln(t.p.err, printable(m.Content))
	} else if shown != m.Content {
		_, _ = fmt.Fprintln(t.p.out, printable(m.Content))
	}
	if why, ok := m.Payload["speaker_reason"].(string); ok {
		t.aside(m.Author + ", " + why)
	}
}

// hopBudget is the event of a message that says that the team stopped handing
// over.
const hopBudget = "hop_budget"

// recent is how many messages a conversation begins with.
const recent = 6

// lines reads messages until the input ends.
func (t *talk) lines(ctx context.Context, c *client.Client) error {
	in, failed := input(ctx, t.p.in)
	var typed <-chan string
	if t.terminal {
		typed = in // a person may interrupt; a file is read message by message
		if err := t.recall(ctx, c); err != nil {
			return err
		}
	}
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
			return t.end(failed)
		}
		text := strings.TrimSpace(line)
		if text == "" {
			continue
		}
		if quits(text) {
			return nil
		}
		switch err := t.say(ctx, text, typed); {
		case errors.Is(err, errQuit):
			return nil
		case err != nil && !errors.Is(err, errSaid):
			return err
		}
	}
}

// recall shows where the conversation stands.
func (t *talk) recall(ctx context.Context, c *client.Client) error {
	th, err := c.Read(ctx, t.thread.ID, recent)
	if err != nil {
		return fmt.Errorf("read the thread: %w", err)
	}
	for _, m := range th.Messages {
		author := m.Author
		if author == "" {
			author = "-"
		}
		_, _ = fmt.Fprintf(t.p.out, "%s: %s\n", printable(author), printable(m.Content))
	}
	_, err = fmt.Fprintf(t.p.out, "You are talking to %s. \"stop\" ends what is being written, /quit the conversation.\n", printable(t.thread.Title))
	return err
}

// end closes the line the cursor is in, and tells why the input ended.
func (t *talk) end(failed <-chan error) error {
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
