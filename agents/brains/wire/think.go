package wire

import (
	"context"
	"errors"
	"io"
	"iter"

	"github.com/tmates/tmates/agents"
)

// Why a complete stream is still no answer.
var (
	errNoEnd    = errors.New("the stream ended before the answer did")
	errNoName   = errors.New("a tool call has no name")
	errWithheld = errors.New("the answer was withheld and nothing was said")
	errSpent    = errors.New("the output limit was reached and nothing was said")
	errFull     = errors.New("the context is full and nothing was said")
)

// End is how a stream says that its answer ended.
type End uint8

// The ends. The zero End means that the stream has not said it yet.
const (
	Complete End = iota + 1
	CutShort     // by the output limit
	Full         // the context window holds no more
	Withheld     // by the provider's filter
	GivenUp      // by the server, without a reason
)

// Answer is what a stream has said so far, apart from its text. A dialect fills
// it while it reads.
type Answer struct {
	End        End
	Model      string
	Prompt     int64 // tokens, as counted by the server; 0: it did not say
	Completion int64

	said  bool
	calls calls
}

// Step reads one piece of an answer into a and returns the text in it. It returns
// io.EOF when there is no more to come.
type Step func(a *Answer) (text string, err error)

// Think asks for the next step of a turn, as [agents.Brain] wants it. begin sends
// the request and returns what reads the stream that answers it.
func (c *Client) Think(ctx context.Context, t agents.Turn, begin func(*Exchange) (Step, error)) iter.Seq2[agents.Part, error] {
	return func(yield func(agents.Part, error) bool) {
		x := c.exchange(ctx, c.Options.Asking(t).Model)
		defer x.release()
		var a Answer
		for text, err := range x.texts(begin, &a) {
			if err != nil {
				x.release() // whoever waits before a retry must not hold a connection
				yield(agents.Part{}, x.explain(err))
				return
			}
			if !yield(agents.Part{Text: text}, nil) {
				return
			}
		}
		x.finish()
		calls, err := a.result(t.Messages)
		if err != nil {
			yield(agents.Part{}, x.explain(err))
			return
		}
		if len(calls) > 0 && !yield(agents.Part{Calls: calls}, nil) {
			return
		}
		yield(agents.Part{Usage: a.usage(x.model)}, nil)
	}
}

// texts sends the request and yields the text of the answer, filling a. It ends
// without an error once the answer has ended, however the stream ends after it.
func (x *Exchange) texts(begin func(*Exchange) (Step, error), a *Answer) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if x.parent.Err() != nil {
			yield("", x.parent.Err())
			return
		}
		step, err := begin(x)
		if err != nil {
			yield("", err)
			return
		}
		var thoughts Thoughts
		for x.parent.Err() == nil {
			piece, err := step(a)
			_, reported := errors.AsType[*reportedError](err)
			done := err != nil && a.End != 0 && !reported && x.parent.Err() == nil
			said := thoughts.Strip(piece)
			if done {
				said += thoughts.Rest()
			}
			a.said = a.said || said != ""
			switch {
			case errors.Is(err, io.EOF) && !done:
				yield("", errNoEnd)
				return
			case err != nil && !done:
				yield("", err)
				return
			case said != "" && !yield(said, nil) || done:
				return
			}
			if a.End != 0 {
				x.watch.hurry(usageGrace)
			}
		}
		yield("", x.parent.Err())
	}
}

// result returns the finished calls, or why this is no answer.
func (a *Answer) result(history []agents.Message) ([]agents.Call, error) {
	switch {
	case a.End == 0 || a.End == GivenUp:
		return nil, errNoEnd
	case a.said || len(a.calls) > 0:
		return a.calls.finished(history)
	case a.End == Withheld:
		return nil, errWithheld
	case a.End == CutShort:
		return nil, errSpent
	case a.End == Full:
		return nil, errFull
	}
	return nil, nil
}

// usage returns what was consumed. Counts are zero when the provider did not say.
func (a *Answer) usage(asked string) *agents.Usage {
	return &agents.Usage{
		Model:            ModelName(a.Model, asked),
		PromptTokens:     max(0, a.Prompt),
		CompletionTokens: max(0, a.Completion),
	}
}
