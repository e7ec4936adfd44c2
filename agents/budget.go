package agents

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Shares of a model's window. What a share does not need, the next one may use;
// the history comes last and gets all that is left.
const (
	outputShare   = 4 // one in so many is kept free for the answer, unless its limit is known
	maxOutput     = 4096
	questionShare = 0.6  // of what the instructions leave: the question, its attachments, and the tools' results
	memoryShare   = 0.25 // of what the question leaves
	summaryShare  = 0.25 // the same
	maxHistory    = 200  // messages, however short
	leastRoom     = 256  // tokens the instructions must leave
	overhead      = 300  // tokens a brain writes around prompt and facts
)

// Left is what a turn had to leave out for want of room. Nothing is ever left
// out without a word: it is kept beside the reply.
type Left struct {
	Messages   int  // of the history, the oldest ones; those a summary covers do not count
	Earlier    bool // there are still older messages, which nobody counted
	Facts      int  // of the memory, the oldest ones
	Characters int  // cut from the question, its documents and the results of tools
	Documents  int  // that came with the question; a tool can read them
	Images     int  // the model cannot see them, or they are too many or too large
}

// None reports whether everything fitted.
func (l Left) None() bool { return l == Left{} }

// most keeps the larger of each, for a turn of several steps.
func (l Left) most(o Left) Left {
	return Left{
		Messages: max(l.Messages, o.Messages), Earlier: l.Earlier || o.Earlier, Facts: max(l.Facts, o.Facts),
		Characters: max(l.Characters, o.Characters), Documents: max(l.Documents, o.Documents), Images: max(l.Images, o.Images),
	}
}

// and adds up what was left out in different places.
func (l Left) and(o Left) Left {
	return Left{
		Messages: l.Messages + o.Messages, Earlier: l.Earlier || o.Earlier, Facts: l.Facts + o.Facts,
		Characters: l.Characters + o.Characters, Documents: l.Documents + o.Documents, Images: l.Images + o.Images,
	}
}

// room is how a window is spent on one request, in tokens.
type room struct {
	window, instructions, output int
}

// roomOf measures what a turn's instructions take of a window, and how much of
// it the answer may need.
func roomOf(t Turn, window int) room {
	r := room{window: window, instructions: overhead, output: min(window/outputShare, maxOutput)}
	if most := t.Asking.MaxOutputTokens; most > 0 {
		r.output = min(most, window/2)
	}
	if t.Tmate != nil {
		r.instructions += Tokens(t.Tmate.Prompt)
	}
	for _, tool := range t.Tools {
		r.instructions += messageTokens + Tokens(tool.Name) + Tokens(tool.Description) + Tokens(string(tool.Schema))
	}
	return r
}

func (r room) free() int { return r.window - r.instructions - r.output }

// split sets the history of a turn apart from the question and what followed it
// in this turn.
func split(messages []Message) (history, now []Message) {
	for i, m := range slices.Backward(messages) {
		if m.Author == AuthorUser {
			return messages[:i], messages[i:]
		}
	}
	return nil, messages
}

// fit makes a turn small enough for a window of so many tokens: instructions
// whole; the question with its attachments and the results of tools in their
// share, the older and longer cut first; the newest facts; the summary; and the
// newest of the history. It changes no slice of the turn it got.
func fit(t Turn, window int) (Turn, Left, error) {
	left := Left{Earlier: t.Earlier}
	r := roomOf(t, window)
	free := r.free()
	if free < leastRoom {
		return t, left, &ProviderError{Fatal: true, Code: "window_too_small", Msg: fmt.Sprintf(
			"The model reads %d tokens at a time, and the instructions of %s alone need about %d. Raise context_window if the service allows it, or choose another model",
			window, t.Tmate.Name, r.instructions)}
	}
	history, now := split(t.Messages)
	now, left.Characters = squeeze(now, int(float64(free)*questionShare))
	if free -= tokensOf(now); free < 0 { // arguments of calls cannot be cut
		return t, left, &ProviderError{Fatal: true, Code: "window_full", Msg: fmt.Sprintf(
			"What %s has gathered for this answer is more than the %d tokens its model reads at a time. Raise context_window if the service allows it, or ask for less at once",
			t.Tmate.Name, window)}
	}

	var facts int
	t.Memory, facts = newest(t.Memory, int(float64(free)*memoryShare), func(f string) int { return messageTokens + Tokens(f) })
	left.Facts = facts
	for _, f := range t.Memory {
		free -= messageTokens + Tokens(f)
	}
	var cut int
	t.Summary, cut = shorten(t.Summary, int(float64(free)*summaryShare))
	left.Characters += cut
	free -= Tokens(t.Summary)

	history, left.Messages = newest(history, free, Message.tokens)
	if over := len(history) - maxHistory; over > 0 {
		history, left.Messages = history[over:], left.Messages+over
	}
	t.Messages = slices.Concat(history, now)
	return t, left, nil
}

// newest returns the end of a list that costs at most so much, and how many
// before it are left out.
func newest[T any](all []T, budget int, cost func(T) int) ([]T, int) {
	from := len(all)
	for from > 0 {
		if budget -= cost(all[from-1]); budget < 0 {
			break
		}
		from--
	}
	return all[from:], from
}

// squeeze cuts texts until the messages cost at most budget: results of tools
// first, the oldest before the others, then the question. It returns how many
// characters went.
func squeeze(messages []Message, budget int) (out []Message, cut int) {
	over := tokensOf(messages) - budget
	if over <= 0 {
		return messages, 0
	}
	out = slices.Clone(messages)
	for _, want := range []Author{AuthorTool, AuthorUser, AuthorSelf} {
		for i := range out {
			if over <= 0 {
				return out, cut
			}
			if out[i].Author != want {
				continue
			}
			before := Tokens(out[i].Text)
			var gone int
			out[i].Text, gone = shorten(out[i].Text, max(before-over, leastText))
			cut += gone
			over -= before - Tokens(out[i].Text)
		}
	}
	return out, cut
}

// leastText is what is left of a text that is cut, in tokens.
const leastText = 64

// shorten cuts the middle out of a text that costs more than so many tokens, and
// says how much: what stands at either end is most often what matters.
func shorten(text string, tokens int) (short string, cut int) {
	cost := Tokens(text)
	if cost <= max(tokens, 0) {
		return text, 0
	}
	runes := utf8.RuneCountInString(text)
	keep := int(float64(runes) * float64(tokens) / float64(cost))
	if keep = max(keep-40, 0); keep == 0 { // 40 is what the mark takes
		return "", runes
	}
	head := keep * 2 / 3
	all := []rune(text)
	var b strings.Builder
	b.WriteString(string(all[:head]))
	fmt.Fprintf(&b, "\n[%d characters are left out here]\n", runes-keep)
	b.WriteString(string(all[runes-(keep-head):]))
	return b.String(), runes - keep
}
