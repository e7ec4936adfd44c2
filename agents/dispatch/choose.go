package dispatch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/store/tmates"
)

// History is how many messages before the new one a choice looks at.
const History = 12

// How says by what a tmate was chosen. It is stored and part of the wire.
type How string

// The ways of being chosen.
const (
	ByAddress  How = "address"   // by @key, key, name or alias
	ByFollowUp How = "follow-up" // the message leans on what the tmate said last
	ByMatch    How = "match"     // the manifest fits the text
	ByModel    How = "model"     // a model was asked
	ByOnly     How = "only"      // there is nobody else
	ByFirst    How = "first"     // nothing points at anybody
)

// Choice is who answers, and why.
type Choice struct {
	Tmate   *agents.Tmate // nil when nobody may: all are silent and none is addressed
	How     How
	Reason  string          // for people: "matches: invoice, tax"
	Score   float64         // 0 to 1
	Margin  float64         // ahead of the next best
	Decided bool            // false: a model may know better
	Also    []*agents.Tmate // others that are addressed, in the order of the text
}

// What decides.
const (
	sureScore  = 0.5 // a lower score is a guess
	sureMargin = 0.1 // a smaller lead as well
)

// Weights of what points at a tmate besides its manifest, 0 to 1.
const (
	mentioned  = 0.6  // named in passing
	possessed  = 0.3  // "Nora's draft": more likely a topic than an address
	leansLast  = 0.7  // begins like a follow-up
	aboutLast  = 0.55 // short, and about "it"
	singleWord = 0.12 // of description, role or capabilities
	mostWords  = 0.48 // of all those together
)

// Choose picks who answers a text in Team Chat. The roster is who may answer,
// in the order of hiring; history is what was said before, oldest first. Silent
// tmates take part when they are addressed or spoke last. The choice depends on
// its arguments only.
func Choose(text string, roster []*agents.Tmate, history []tmates.Message) Choice {
	s := read(text)
	if len(roster) == 1 {
		return only(s, roster[0])
	}
	if c, ok := addressed(s, roster); ok {
		return c
	}
	last := lastSpeaker(roster, history)
	if next := goesOn(s, roster, history); next != nil {
		return Choice{Tmate: next, How: ByFollowUp, Reason: "goes on where the team stopped", Score: 1, Margin: 1, Decided: true}
	}
	open := slices.DeleteFunc(slices.Clone(roster), func(tm *agents.Tmate) bool { return tm.Team.Silent && tm != last })
	if len(open) == 0 {
		return Choice{Decided: true, Reason: "everybody here speaks only when addressed"}
	}
	return best(s, open, last)
}

// only is the choice without a choice.
func only(s sentence, tm *agents.Tmate) Choice {
	if c, ok := addressed(s, []*agents.Tmate{tm}); ok {
		return c
	}
	if tm.Team.Silent {
		return Choice{Decided: true, Reason: tm.Name + " speaks only when addressed"}
	}
	return Choice{Tmate: tm, How: ByOnly, Reason: "the only one on the team", Score: 1, Margin: 1, Decided: true}
}

// addressed returns the choice of whom the text calls, if it calls somebody.
func addressed(s sentence, roster []*agents.Tmate) (Choice, bool) {
	calls := s.calls(roster)
	if len(calls) == 0 {
		return Choice{}, false
	}
	c := Choice{Tmate: calls[0].tmate, How: ByAddress, Reason: calls[0].reason(), Score: 1, Margin: 1, Decided: true}
	for _, call := range calls[1:] {
		c.Also = append(c.Also, call.tmate)
	}
	return c, true
}

// lastSpeaker returns the tmate of the roster that spoke last. A greeting is
// nobody's turn.
func lastSpeaker(roster []*agents.Tmate, history []tmates.Message) *agents.Tmate {
	for _, m := range slices.Backward(history) {
		if m.Role != tmates.MessageAssistant || m.Payload["onboarding"] == true {
			continue
		}
		if tm := byKey(roster, m.Payload["agent_key"]); tm != nil {
			return tm
		}
	}
	return nil
}

func byKey(roster []*agents.Tmate, key any) *agents.Tmate {
	i := slices.IndexFunc(roster, func(tm *agents.Tmate) bool { return tm.Key == key })
	if i < 0 {
		return nil
	}
	return roster[i]
}

// EventHopBudget marks the message that says that the team stopped handing over.
// Its payload names who was to go on as "next".
const EventHopBudget = "hop_budget"

// goesOn returns who was to speak when the hand-overs were used up, when the
// text asks to go on.
func goesOn(s sentence, roster []*agents.Tmate, history []tmates.Message) *agents.Tmate {
	if len(history) == 0 || !s.goOn() {
		return nil
	}
	newest := history[len(history)-1]
	if newest.Payload["event"] != EventHopBudget {
		return nil
	}
	return byKey(roster, newest.Payload["next"])
}

// evidence is what points at one tmate.
type evidence struct {
	tmate  *agents.Tmate
	score  float64
	strong float64 // the strongest single reason
	how    How
	reason string
}

// add takes a further reason into account; independent reasons add up, but never
// beyond 1.
func (e *evidence) add(weight float64, how How, reason string) {
	if weight <= 0 {
		return
	}
	if weight > e.strong {
		e.strong, e.how, e.reason = weight, how, reason
	}
	e.score = 1 - (1-e.score)*(1-weight)
}

// best weighs the tmates against each other.
func best(s sentence, roster []*agents.Tmate, last *agents.Tmate) Choice {
	lean := s.leans()
	all := make([]evidence, len(roster))
	for i, tm := range roster {
		e := &all[i]
		e.tmate = tm
		e.add(s.mentions(tm))
		if tm == last && lean > 0 {
			e.add(lean, ByFollowUp, "follow-up to "+tm.Name+"'s message")
		}
		if score, words := match(s, tm); score > 0 {
			e.add(score, ByMatch, "matches: "+strings.Join(words, ", "))
		}
	}
	slices.SortStableFunc(all, func(a, b evidence) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return 0
	})
	top, next := all[0], 0.0
	if len(all) > 1 {
		next = all[1].score
	}
	switch {
	case top.score == 0 && s.greets():
		return Choice{Tmate: top.tmate, How: ByFirst, Reason: "a word to everybody: first on the team", Decided: true}
	case top.score == 0:
		return Choice{Tmate: top.tmate, How: ByFirst, Reason: "nothing points at anybody: first on the team"}
	}
	c := Choice{Tmate: top.tmate, How: top.how, Reason: top.reason, Score: round(top.score), Margin: round(top.score - next)}
	c.Decided = c.Score >= sureScore && c.Margin >= sureMargin
	return c
}

// round keeps two digits: what is stored is for people.
func round(x float64) float64 { return float64(int(x*100+0.5)) / 100 }

// String tells a choice in one line, for tests and logs without any text of the
// message.
func (c Choice) String() string {
	name, decided := "nobody", "undecided"
	if c.Tmate != nil {
		name = c.Tmate.Key
	}
	if c.Decided {
		decided = "decided"
	}
	return fmt.Sprintf("%s by %s, %s, %.2f ahead by %.2f: %s", name, c.How, decided, c.Score, c.Margin, c.Reason)
}
