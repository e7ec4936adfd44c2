package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// stopTime is how long a child may take to end before it is killed.
const stopTime = 15 * time.Second

// child is a process this one has started: a server, or a helper that must not
// share its CPU account with anybody.
type child struct {
	process *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Scanner
	err     *tail
	cancel  context.CancelFunc // interrupts it
	quit    func()             // asks it to end; never twice: a second signal kills
	ended   chan struct{}      // closed once it was waited for
	result  error
}

// environment is what a child inherits: nothing that configures the program, so
// that the operator's own settings do not colour the numbers.
func environment(more ...string) (env []string) {
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		switch {
		case strings.HasPrefix(name, "GO"), name == "PATH", name == "TMPDIR", name == "TEMP", name == "SystemRoot":
			env = append(env, v)
		}
	}
	return append(env, more...)
}

// spawn starts the program with the arguments. It ends with ctx, at the latest.
func (r *run) spawn(ctx context.Context, env []string, args ...string) (*child, error) {
	ctx, cancel := context.WithCancel(ctx)
	command := append(append([]string{}, r.o.Command...), args...)
	c := &child{process: exec.CommandContext(ctx, command[0], command[1:]...), err: &tail{}, cancel: cancel, ended: make(chan struct{})}
	c.process.Env = append(environment(env...), r.o.Env...)
	c.process.Stderr = c.err
	c.process.Cancel = func() error { return c.process.Process.Signal(os.Interrupt) }
	c.process.WaitDelay = stopTime
	in, errIn := c.process.StdinPipe()
	out, errOut := c.process.StdoutPipe()
	if err := errors.Join(errIn, errOut); err != nil {
		cancel()
		return nil, fmt.Errorf("start %s: %w", args[0], err)
	}
	c.in, c.out, c.quit = in, bufio.NewScanner(out), sync.OnceFunc(cancel)
	if err := c.process.Start(); err != nil {
		cancel()
		return nil, fmt.Errorf("start %s: %w", args[0], err)
	}
	return c, nil
}

// wait returns how the process ended. It may be called more than once.
func (c *child) wait() error {
	select {
	case <-c.ended:
	default:
		c.result = c.process.Wait()
		close(c.ended)
		c.cancel()
	}
	return c.result
}

// stop asks the process to end and waits for it. One that had to be killed, or
// that failed, is an error.
func (c *child) stop() error {
	late := time.AfterFunc(stopTime, c.cancel)
	defer late.Stop()
	c.quit()
	err := c.wait()
	if errors.Is(err, context.Canceled) { // it ended as it was told to
		return nil
	}
	return c.failed("stop", err)
}

func (c *child) failed(what string, err error) error {
	if err == nil {
		return nil
	}
	if said := c.err.String(); said != "" {
		return fmt.Errorf("%s child: %w: %s", what, err, said)
	}
	return fmt.Errorf("%s child: %w", what, err)
}

// line reads up to the output line that begins with a prefix and returns what
// follows it.
func (c *child) line(prefix string) (string, error) {
	for c.out.Scan() {
		if rest, ok := strings.CutPrefix(c.out.Text(), prefix); ok {
			return strings.TrimSpace(rest), nil
		}
	}
	err := errors.Join(c.out.Err(), c.wait())
	if err == nil {
		err = io.ErrUnexpectedEOF
	}
	return "", c.failed("read from", err)
}

// ask sends a helper an order, and reads its answer.
func (c *child) ask(in order) (out report, err error) {
	if err := json.NewEncoder(c.in).Encode(in); err != nil {
		return out, c.failed("write to", err)
	}
	return c.report()
}

func (c *child) report() (out report, err error) {
	line, err := c.line("")
	if err != nil {
		return out, err
	}
	if err := json.Unmarshal([]byte(line), &out); err != nil {
		return out, fmt.Errorf("read answer of child: %w", err)
	}
	if out.Error != "" {
		return out, errors.New(out.Error)
	}
	return out, nil
}

func (c *child) usage() (usage, bool) { return usageOf(c.process.Process.Pid) }

// cpu is the CPU time the process has taken; 0 where that cannot be told.
func (c *child) cpu() time.Duration {
	u, _ := c.usage()
	return u.cpu
}

// maxTail bounds what is kept of a child's log, in bytes.
const maxTail = 4096

// tail keeps the end of what is written to it.
type tail struct {
	mu  sync.Mutex
	end []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.end = append(t.end, p...)
	t.end = t.end[max(0, len(t.end)-maxTail):]
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.end))
}
