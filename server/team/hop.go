package team

import (
	"context"
	"fmt"
	"slices"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/dispatch"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// In Team Chat a reply that names a colleague as @key hands over: the colleague
// gets a turn, queued in the Write that keeps the reply, so that there is exactly
// one whatever crashes. A chain of such hops belongs to one message of a person.
// It ends when a reply names nobody, when the budget is spent, when a job of it is
// cancelled, and as soon as the person says anything else.

// hop is the place of a job in such a chain. It is kept in the job's metadata.
type hop struct {
	seq  int64  // of the person's message
	n    int64  // hops so far; 0: this job answers the person
	from string // key of who handed over
}

func (h hop) stored() map[string]any {
	return map[string]any{"seq": h.seq, "n": h.n, "from": h.from}
}

// hopOf reads the place of a job in its chain; ok is false outside Team Chat.
func hopOf(j tmates.Job) (h hop, ok bool) {
	stored, ok := j.Metadata["hop"].(map[string]any)
	return hop{seq: whole(stored["seq"]), n: max(whole(stored["n"]), 0), from: text(stored, "from")}, ok
}

// colleagues returns whom a tmate may hand over to or ask.
func colleagues(c Caller, self *agents.Tmate) []*agents.Tmate {
	return slices.DeleteFunc(slices.Clone(c.Enabled), func(tm *agents.Tmate) bool {
		return tm.Key == self.Key || self.Team.Hands != nil && !slices.Contains(self.Team.Hands, tm.Key)
	})
}

// called returns whom a reply hands over to, nil when the chain ends with it.
func (t *Team) called(ctx context.Context, tx *store.Tx, j tmates.Job, self *agents.Tmate, reply string) (*agents.Tmate, error) {
	h, ok := hopOf(j)
	if !ok || t.hops == 0 {
		return nil, nil
	}
	c, _, err := t.caller(ctx, tx, j.UserID)
	if err != nil || c.Organisation.ID != j.OrganisationID {
		return nil, err
	}
	to := dispatch.Called(reply, self, colleagues(c, self))
	if to == nil {
		return nil, nil
	}
	newer, err := tx.SaidSince(ctx, j.UserID, j.ThreadID, h.seq)
	if err != nil || newer {
		return nil, err
	}
	return to, nil
}

// showHop tells with a reply where it stands in its chain, and who goes on.
func (t *Team) showHop(payload map[string]any, j tmates.Job, to *agents.Tmate) {
	if h, ok := hopOf(j); ok && h.n > 0 {
		payload["hop"] = map[string]any{"n": h.n, "budget": t.hops, "from": h.from}
	}
	if to != nil {
		payload["hands_to"] = to.Key
	}
}

// handOn queues the turn of the tmate that a kept reply addresses, or says that
// the budget is spent.
func (t *Team) handOn(ctx context.Context, tx *store.Tx, j tmates.Job, reply tmates.Message, to *agents.Tmate) (next tmates.Job, err error) {
	h, _ := hopOf(j)
	if h.n >= int64(t.hops) {
		return next, t.stopHops(ctx, tx, j, to)
	}
	return t.addTurn(ctx, tx, reply, dispatch.Choice{
		Tmate: to, How: dispatch.ByAddress, Reason: "addressed by " + reply.Author, Score: 1, Margin: 1, Decided: true,
	}, &hop{seq: h.seq, n: h.n + 1, from: j.TmateKey}, "")
}

// stopHops tells that the team stopped, and how it goes on.
func (t *Team) stopHops(ctx context.Context, tx *store.Tx, j tmates.Job, to *agents.Tmate) error {
	th, err := tx.Thread(ctx, j.UserID, j.ThreadID)
	if err != nil {
		return err
	}
	times := fmt.Sprintf("%d hand-overs", t.hops)
	if t.hops == 1 {
		times = "one hand-over"
	}
	_, err = t.say(ctx, tx, th, tmates.Message{
		SessionID: tmates.CanonicalSession(text(j.Metadata, "session_id")), Role: tmates.MessageSystem,
		Content: fmt.Sprintf("The team stopped after %s. Say \"go on\", and %s continues.", times, to.Name),
		Payload: map[string]any{"event": dispatch.EventHopBudget, "hops": t.hops, "next": to.Key},
	})
	return err
}
