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
	"unicode/utf8"
)

// Reply is the outcome of a turn.
type Reply struct {
	Text    string
	Usage   Usage
	Steps   int     // how often the brain was asked
	Left    Left    // what the model was not shown
	Stopped Stopped // why the turn ended early; empty: it did not
	Did     []Step  // the tools that ran, in order
}

// Step is one tool that ran in a turn.
type Step struct {
	Tool  string
	Doing string        // what it does, for people
	Wrong bool          // the brain called it in a way that cannot be
	Took  time.Duration // wall clock
}

// Stopped says which limit ended a turn before its tmate was done.
type Stopped string

// What Stopped may be.
const (
	StoppedTokens Stopped = "token_limit"
	StoppedSteps  Stopped = "step_limit"
)

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

// Runner performs turns. A tmate's own limits can only lower those of the
// runner.
type Runner struct {
	// Models returns the connected models that may answer for a tmate, the first
	// one first; none, or nil: the tmate is offline.
	Models func(*Tmate) []Model
	// Compose makes the brain of a tmate that lets its rules answer what they are
	// sure of.
	Compose func(rules, model Brain, sure float64) Brain
	Offline Brain // answers offline for a tmate without rules
	// Keep stores a summary of a thread's older messages, for later turns of the
	// same tmate and session; nil: none are made.
	Keep func(context.Context, Turn, Summary) error

	MaxSteps  int           // brain calls in one turn; default 8
	Timeout   time.Duration // wall clock of one turn; default 5 minutes
	MaxTokens int64         // of one turn, prompt and answer; 0: no limit
}

// OneModel makes a runner's Models of a single brain.
func OneModel(m Model) func(*Tmate) []Model {
	return func(*Tmate) []Model { return []Model{m} }
}

// defaultSure is the score from which the rules of a composite answer when its
// manifest does not say.
const defaultSure = 0.7

// brain chooses who answers for a tmate, as its manifest wishes. asker is nil
// when no model will be asked.
func (r *Runner) brain(t *Tmate) (b Brain, a *asker) {
	var models []Model
	if r.Models != nil && t.Thinking.Kind != ThinkRules {
		models = r.Models(t)
	}
	rules := t.Rules
	if rules == nil {
		rules = r.Offline
	}
	switch {
	case len(models) == 0 && t.Thinking.Kind == ThinkModel:
		return r.Offline, nil
	case len(models) == 0:
		return rules, nil
	}
	a = &asker{runner: r, models: models}
	if t.Thinking.Kind == ThinkComposite && t.Rules != nil {
		return r.Compose(t.Rules, a, cmp.Or(t.Thinking.Sure, defaultSure)), a
	}
	return a, a
}

// Asks reports whether a model would be asked for a tmate now.
func (r *Runner) Asks(t *Tmate) bool {
	_, a := r.brain(t)
	return a != nil
}

// recaller is a brain that looks back on a few messages only.
type recaller interface{ Recalls() int }

// Recalls returns how many of a thread's newest messages are enough for who
// answers for a tmate now; 0 when there is no such number.
func (r *Runner) Recalls(t *Tmate) int {
	b, _ := r.brain(t)
	if few, ok := b.(recaller); ok {
		return few.Recalls()
	}
	return 0
}

// limits are the runner's, lowered by the tmate's.
func (r *Runner) limits(t *Tmate) Limits {
	own := t.Limits
	return Limits{
		Steps:         LowerLimit(cmp.Or(r.MaxSteps, 8), own.Steps),
		Timeout:       LowerLimit(cmp.Or(r.Timeout, 5*time.Minute), own.Timeout),
		TokensPerTurn: LowerLimit(r.MaxTokens, own.TokensPerTurn),
	}
}

// Run asks the tmate's brain until it has answered, and performs the tools it
// calls, one after the other. On the last step it gets no tools, so that it has
// to answer. A turn that has spent its tokens ends after the step that spent the
// last of them, and says so. watch is called in order, from this goroutine. What
// was said before an error is lost to the caller but for watch.
func (r *Runner) Run(ctx context.Context, t Turn, watch func(Progress)) (Reply, error) {
	limits := r.limits(t.Tmate)
	ctx, cancel := context.WithTimeoutCause(ctx, limits.Timeout, ErrTimeout)
	defer cancel()
	brain, asker := r.brain(t.Tmate)
	t.Online = asker != nil
	spending := &budget{limit: limits.TokensPerTurn}
	spending.parent, _ = ctx.Value(budgetKey{}).(*budget)
	ctx = context.WithValue(ctx, budgetKey{}, spending)
	l := &loop{turn: t, brain: brain, limits: limits, budget: spending, watch: watch}
	l.turn.Messages = slices.Clone(t.Messages) // the loop appends
	err := l.run(ctx)
	if asker != nil && err == nil {
		l.reply.Left = t.Left.and(asker.left).and(Left{Characters: l.cut})
		l.remark(asker.notice())
	}
	return l.reply, err
}

// loop is one turn on its way.
type loop struct {
	turn   Turn
	brain  Brain
	limits Limits
	budget *budget
	watch  func(Progress)
	reply  Reply
	cut    int // characters of results that were longer than one may be
}

// budget counts the tokens of a turn. What a turn takes that runs within a tool
// of another one, a colleague's, counts for both.
type budget struct {
	limit, used int64
	parent      *budget // nil: nobody waits for the turn
}

type budgetKey struct{}

func (b *budget) spend(tokens int64) {
	for ; b != nil; b = b.parent {
		b.used += tokens
	}
}

// spent returns the limit that is used up, the turn's or that of one that waits
// for it; 0: none.
func (b *budget) spent() int64 {
	for ; b != nil; b = b.parent {
		if b.limit > 0 && b.used >= b.limit {
			return b.limit
		}
	}
	return 0
}

func (l *loop) run(ctx context.Context) error {
	tools := l.turn.Tools
	for l.reply.Steps = 1; ; l.reply.Steps++ {
		if l.reply.Steps >= l.limits.Steps {
			l.turn.Tools = nil
		}
		said, calls, err := l.think(ctx)
		switch {
		case err != nil:
			return err
		case len(calls) == 0:
			return nil
		case l.turn.Tools == nil:
			l.reply.Stopped = StoppedSteps
			if l.reply.Text == "" {
				l.remark(fmt.Sprintf("(I stopped here: %d steps were not enough.)", l.limits.Steps))
			}
			return nil
		case l.budget.spent() > 0:
			l.reply.Stopped = StoppedTokens
			l.remark(fmt.Sprintf("(I stopped here: this answer has used the %d tokens it may have.)", l.budget.spent()))
			return nil
		}
		l.turn.Messages = append(l.turn.Messages, Message{Author: AuthorSelf, Text: said, Calls: calls})
		for _, c := range calls {
			if ctx.Err() != nil { // nothing more is done for a job that was cancelled
				return fmt.Errorf("run tools: %w", context.Cause(ctx))
			}
			start := time.Now()
			step := Step{Tool: c.Name}
			result, cut, err := perform(ctx, tools, c, &step, l.watch)
			if err != nil {
				return fmt.Errorf("run tool %s: %w", c.Name, err)
			}
			step.Took = time.Since(start)
			l.reply.Did = append(l.reply.Did, step)
			l.cut += cut
			l.turn.Messages = append(l.turn.Messages, Message{Author: AuthorTool, Name: c.Name, Text: result, CallID: c.ID})
		}
	}
}

// say adds to the reply and shows it. Text of different steps is set apart by a
// blank line.
func (l *loop) say(text string, first bool) {
	if first && l.reply.Text != "" {
		text = "\n\n" + text
	}
	l.reply.Text += text
	l.watch(Progress{Text: text})
}

// remark says something about the reply itself.
func (l *loop) remark(text string) {
	if text != "" {
		l.say(text, true)
	}
}

// think runs one step and adds what was said to the reply.
func (l *loop) think(ctx context.Context) (said string, calls []Call, err error) {
	var text strings.Builder
	for part, err := range l.brain.Think(ctx, l.turn) {
		if err != nil {
			return "", nil, fmt.Errorf("think: %w", withCause(ctx, err))
		}
		if part.Text != "" {
			l.say(part.Text, text.Len() == 0)
			text.WriteString(part.Text)
		}
		calls = append(calls, part.Calls...)
		if u := part.Usage; u != nil {
			sum := &l.reply.Usage
			sum.Provider, sum.Model = cmp.Or(u.Provider, sum.Provider), cmp.Or(u.Model, sum.Model)
			sum.PromptTokens += u.PromptTokens
			sum.CompletionTokens += u.CompletionTokens
			sum.Estimated = sum.Estimated || u.Estimated
			l.budget.spend(u.PromptTokens + u.CompletionTokens)
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

// perform runs one call. What the brain got wrong becomes text it can read; cut
// is how many characters of the result went. What it was is noted in step.
func perform(ctx context.Context, tools []Tool, c Call, step *Step, watch func(Progress)) (result string, cut int, err error) {
	i := slices.IndexFunc(tools, func(t Tool) bool { return t.Name == c.Name })
	if i < 0 {
		step.Wrong = true
		return fmt.Sprintf("There is no tool named %q.", c.Name), 0, nil
	}
	if args := bytes.TrimSpace(c.Args); len(args) == 0 {
		c.Args = json.RawMessage("{}")
	} else if args[0] != '{' || !json.Valid(args) {
		step.Wrong = true
		return "The arguments are not a JSON object.", 0, nil
	}
	step.Doing = tools[i].Doing
	watch(Progress{Tool: c.Name, Doing: tools[i].Doing})
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	result, err = tools[i].Run(ctx, c.Args)
	if err != nil {
		return "", 0, withCause(ctx, err)
	}
	if len(result) > maxToolResult {
		whole := utf8.RuneCountInString(result)
		result = strings.ToValidUTF8(result[:maxToolResult], "")
		cut = whole - utf8.RuneCountInString(result)
		result += "\n[cut here: the result was longer]"
	}
	return result, cut, nil
}
