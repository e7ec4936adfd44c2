package agents

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
)

// asker is the brain of one turn that asks models: it fits each step into the
// model's window, keeps to the first model that answers, and reads calls that a
// model prints as text. It is made anew for every turn.
type asker struct {
	runner *Runner
	models []Model // never empty
	at     int     // the model that answers; those before it have failed in this turn
	asked  bool    // the first step is over
	minute Summary // made in this turn; Through 0: none
	left   Left
	cut    *serverCut
}

// serverCut is a service that read much less than it was sent.
type serverCut struct {
	Sent, Read int64 // tokens; what was sent is an estimate
}

// leastJudged is what a request must have, in tokens, for its count to be judged
// by an estimate.
const leastJudged = 2000

// Think asks the models in order until one of them has said something. After
// that, in this step or a later one, its failure is the turn's.
func (a *asker) Think(ctx context.Context, t Turn) iter.Seq2[Part, error] {
	return func(yield func(Part, error) bool) {
		var failures []error
		for ; a.at < len(a.models); a.at++ {
			said, err := a.ask(ctx, t, a.models[a.at], func(p Part) bool { return yield(p, nil) })
			_, provider := errors.AsType[*ProviderError](err)
			switch {
			case err == nil:
				return
			case said || a.asked || !provider || ctx.Err() != nil:
				yield(Part{}, err)
				return
			}
			failures = append(failures, err)
		}
		a.at = 0 // another attempt begins with the first again
		yield(Part{}, worst(failures))
	}
}

// worst is the failure a turn reports when every model failed: one that another
// attempt may mend, else that of the first model.
func worst(failures []error) error {
	for _, err := range failures {
		if p, ok := errors.AsType[*ProviderError](err); ok && p.Temporary() {
			return err
		}
	}
	return failures[0]
}

// ask asks one model. said reports whether it has answered with anything.
func (a *asker) ask(ctx context.Context, t Turn, m Model, yield func(Part) bool) (said bool, err error) {
	t.Asking, t.Messages = a.asking(t.Tmate, m), quoted(t.Messages)
	if t = cover(t, a.minute); !a.asked {
		var ok bool
		if t, ok = a.prepare(ctx, t, m, yield); !ok {
			return true, nil
		}
	}
	unseen := 0
	if !m.Vision {
		t.Messages, unseen = blind(t.Messages)
	}
	fitted, left, err := fit(t, t.Asking.Window)
	if err != nil {
		return false, err
	}
	left.Images = unseen
	sent := int64(roomOf(fitted, t.Asking.Window).instructions + tokensOf(fitted.Messages) + Tokens(fitted.Summary))
	answer := 0 // tokens, estimated
	for part, err := range readCalls(m.Brain.Think(ctx, fitted), fitted) {
		if err != nil && said { // it is paid for, however it ended
			yield(Part{Usage: &Usage{
				Provider: m.Provider, Model: t.Asking.Model, PromptTokens: sent, CompletionTokens: int64(answer), Estimated: true,
			}})
		}
		if err != nil {
			return said, err
		}
		answer += Tokens(part.Text)
		for _, c := range part.Calls {
			answer += Tokens(c.Name) + Tokens(string(c.Args))
		}
		if u := part.Usage; u != nil {
			u.Provider, u.Model = m.Provider, cmp.Or(u.Model, t.Asking.Model)
			if u.PromptTokens == 0 && u.CompletionTokens == 0 {
				u.PromptTokens, u.CompletionTokens, u.Estimated = sent, int64(answer), true
			}
			if sent >= leastJudged && u.PromptTokens > 0 && u.PromptTokens*2 < sent {
				a.cut = &serverCut{Sent: sent, Read: u.PromptTokens}
			}
		}
		said = said || part.Text != "" || len(part.Calls) > 0
		if !yield(part) {
			return true, nil
		}
	}
	a.asked, a.left = true, a.left.most(left) // what a model would have missed that failed is nobody's loss
	return true, nil
}

// prepare puts what does not fit any more into a summary, once in a turn.
func (a *asker) prepare(ctx context.Context, t Turn, m Model, yield func(Part) bool) (Turn, bool) {
	if a.runner.Keep == nil || t.ThreadID == "" {
		return t, true
	}
	m.Asking = t.Asking
	return a.summarise(ctx, t, m, yield)
}

// asking lays what the manifest sets over what the provider sets. The name of a
// model means something to the provider the tmate was made for only.
func (a *asker) asking(t *Tmate, m Model) Asking {
	own, out := t.Thinking.Asking, m.Asking
	if a.at == 0 && own.Model != "" {
		out.Model = own.Model
	}
	if own.Temperature != nil {
		out.Temperature = own.Temperature
	}
	out.Effort = cmp.Or(own.Effort, out.Effort)
	out.MaxOutputTokens = cmp.Or(own.MaxOutputTokens, out.MaxOutputTokens)
	if own.Window > 0 {
		out.Window = min(own.Window, cmp.Or(out.Window, own.Window))
	}
	out.Window = cmp.Or(out.Window, defaultWindow)
	return out
}

// defaultWindow is taken for a model nobody says anything about, in tokens.
const defaultWindow = 8192

// blind takes the pictures out for a model that cannot see.
func blind(messages []Message) (out []Message, images int) {
	out = messages
	for i, m := range messages {
		if len(m.Images) == 0 {
			continue
		}
		if images == 0 {
			out = slices.Clone(messages)
		}
		images += len(m.Images)
		out[i].Images = nil
	}
	return out, images
}

// notice is what the reader of the reply has to know about how it came about;
// empty: nothing.
func (a *asker) notice() string {
	if a.cut == nil {
		return ""
	}
	return fmt.Sprintf("(The model's server read only %d of about %d tokens, so parts of this conversation were cut off on its side. "+
		"Raise its context length, or lower context_window of the provider.)", a.cut.Read, a.cut.Sent)
}
