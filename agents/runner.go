package agents

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// Reply is the outcome of a turn.
type Reply struct {
	Text  string
	Usage Usage
	Steps int // how often the brain was asked
}

// Progress is told while a turn runs: text that was just said, or a tool that
// just began.
type Progress struct {
	Text  string
	Doing string // what the tool does, for people
	Tool  string
}

// ErrTimeout is the cause with which a turn's context ends when it took longer
// than the runner allows. Another attempt may succeed.
var ErrTimeout = errors.New("the tmate took too long")

// maxToolResult bounds what a tool may hand back to a brain, in bytes.
const maxToolResult = 16 << 10

// Runner performs turns.
type Runner struct {
	Model    Brain         // answers for every tmate when a provider is connected; nil offline
	Offline  Brain         // answers offline for a tmate without rules
	MaxSteps int           // brain calls in one turn; default 8
	Timeout  time.Duration // wall clock of one turn; default 5 minutes
}

// Online reports whether a model is connected.
func (r *Runner) Online() bool { return r.Model != nil }

func (r *Runner) brain(t *Tmate) Brain {
	switch {
	case r.Model != nil:
		return r.Model
	case t.Rules != nil:
		return t.Rules
	}
	return r.Offline
}

// Run asks the tmate's brain until it has answered, and performs the tools it
// calls, one after the other. On the last step it gets no tools, so that it has
// to answer. watch is called in order, from this goroutine. What was said before
// an error is lost to the caller but for watch.
func (r *Runner) Run(ctx context.Context, t Turn, watch func(Progress)) (Reply, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, cmp.Or(r.Timeout, 5*time.Minute), ErrTimeout)
	defer cancel()
	t.Online = r.Online()
	t.Messages = slices.Clone(t.Messages) // the loop appends
	tools, brain := t.Tools, r.brain(t.Tmate)
	steps := cmp.Or(r.MaxSteps, 8)
	var reply Reply
	for reply.Steps = 1; ; reply.Steps++ {
		if reply.Steps >= steps {
			t.Tools = nil
		}
		said, calls, err := think(ctx, brain, t, &reply, watch)
		if err != nil {
			return reply, err
		}
		if len(calls) == 0 || t.Tools == nil {
			return reply, nil
		}
		t.Messages = append(t.Messages, Message{Author: AuthorSelf, Text: said, Calls: calls})
		for _, c := range calls {
			if ctx.Err() != nil { // nothing more is done for a job that was cancelled
				return reply, fmt.Errorf("run tools: %w", context.Cause(ctx))
			}
			result, err := perform(ctx, tools, c, watch)
			if err != nil {
				return reply, fmt.Errorf("run tool %s: %w", c.Name, err)
			}
			t.Messages = append(t.Messages, Message{Author: AuthorTool, Name: c.Name, Text: result, CallID: c.ID})
		}
	}
}

// think runs one step and adds what was said to the reply. Text of different
// steps is set apart by a blank line.
func think(ctx context.Context, b Brain, t Turn, reply *Reply, watch func(Progress)) (said string, calls []Call, err error) {
	var text strings.Builder
	for part, err := range b.Think(ctx, t) {
		if err != nil {
			return "", nil, fmt.Errorf("think: %w", withCause(ctx, err))
		}
		if part.Text != "" {
			out := part.Text
			if text.Len() == 0 && reply.Text != "" {
				out = "\n\n" + out
			}
			text.WriteString(part.Text)
			reply.Text += out
			watch(Progress{Text: out})
		}
		calls = append(calls, part.Calls...)
		if part.Usage != nil {
			reply.Usage.Model = cmp.Or(part.Usage.Model, reply.Usage.Model)
			reply.Usage.PromptTokens += part.Usage.PromptTokens
			reply.Usage.CompletionTokens += part.Usage.CompletionTokens
		}
	}
	if ctx.Err() != nil {
		return "", nil, fmt.Errorf("think: %w", context.Cause(ctx))
	}
	return text.String(), calls, nil
}

// withCause tells why the context ended, which a client library does not know.
func withCause(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
		return fmt.Errorf("%w: %w", cause, err)
	}
	return err
}

// perform runs one call. What the brain got wrong becomes text it can read.
func perform(ctx context.Context, tools []Tool, c Call, watch func(Progress)) (result string, err error) {
	i := slices.IndexFunc(tools, func(t Tool) bool { return t.Name == c.Name })
	if i < 0 {
		return fmt.Sprintf("There is no tool named %q.", c.Name), nil
	}
	if args := bytes.TrimSpace(c.Args); len(args) == 0 {
		c.Args = json.RawMessage("{}")
	} else if args[0] != '{' || !json.Valid(args) {
		return "The arguments are not a JSON object.", nil
	}
	watch(Progress{Tool: c.Name, Doing: tools[i].Doing})
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	result, err = tools[i].Run(ctx, c.Args)
	if err != nil {
		return "", withCause(ctx, err)
	}
	if len(result) > maxToolResult {
		result = strings.ToValidUTF8(result[:maxToolResult], "") + "\n[cut here: the result was longer]"
	}
	return result, nil
}
