// Package composite is a brain of two: rules that answer what they are sure of,
// and a model that answers the rest. When the model cannot be reached the rules
// answer that as well, and say so.
//
// A turn stays with whoever made its first call, so that the results of a tool
// never reach a brain that did not ask for them. The exception is a model that
// fails half-way: then the rules say what its tool answered.
package composite

import (
	"context"
	"errors"
	"iter"

	"github.com/tmates/tmates/agents"
)

// Label is what an answer begins with when the rules step in for the model.
const Label = "These are my offline rules, because the model cannot be reached right now."

// Brain asks the rules first. Its methods may be called from several goroutines.
type Brain struct {
	rules, model agents.Brain
	sure         float64

	// OnFallback is told why the model was not heard; nil: nobody is told. It is
	// called before the rules answer.
	OnFallback func(t agents.Turn, err *agents.ProviderError)
}

// New makes a brain of rules and a model. The rules answer when their score
// reaches sure, from 0 to 1; rules that do not tell a score answer only in place of
// the model. A nil model leaves everything to the rules, without a label: they know
// from the turn that nobody is online.
func New(rules, model agents.Brain, sure float64) *Brain {
	return &Brain{rules: rules, model: model, sure: sure}
}

// scorer is a brain that knows how sure it is of its answer.
type scorer interface {
	Score(t agents.Turn) float64
}

// Think asks the one who answers. Once the model has said something, its error is
// the error of the turn; before that a failure of its provider, lasting or not,
// hands the turn to the rules. Other errors, such as the end of ctx, are passed on.
func (b *Brain) Think(ctx context.Context, t agents.Turn) iter.Seq2[agents.Part, error] {
	if b.model == nil || b.rulesAreSure(t) {
		return b.rules.Think(ctx, t)
	}
	return func(yield func(agents.Part, error) bool) {
		down := b.ask(ctx, t, yield)
		if down == nil {
			return
		}
		if b.OnFallback != nil {
			b.OnFallback(t, down)
		}
		// With a call, the label stands alone in this step and the runner parts it from
		// what the next one says.
		label := Label
		for part, err := range b.rules.Think(ctx, t) {
			if label != "" && err == nil {
				if part.Text != "" {
					label += "\n\n"
				}
				if !yield(agents.Part{Text: label}, nil) {
					return
				}
				label = ""
			}
			if !yield(part, err) {
				return
			}
		}
	}
}

// ask passes on what the model says. It returns the failure of a provider that
// said nothing yet; nil when the answer is over.
func (b *Brain) ask(ctx context.Context, t agents.Turn, yield func(agents.Part, error) bool) *agents.ProviderError {
	said := false
	for part, err := range b.model.Think(ctx, t) {
		if down, ok := errors.AsType[*agents.ProviderError](err); ok && !said && ctx.Err() == nil {
			return down
		}
		said = said || part.Text != "" || len(part.Calls) > 0 // the count of a summary says nothing yet
		if !yield(part, err) {
			return nil
		}
	}
	return nil
}

func (b *Brain) rulesAreSure(t agents.Turn) bool {
	s, ok := b.rules.(scorer)
	return ok && s.Score(t) >= b.sure
}
