package team

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/dispatch"
	"github.com/tmates/tmates/queue"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// router asks a model who answers in Team Chat.
type router interface {
	// Ready reports whether a model is connected.
	Ready() bool
	// Route names a tmate of the question's roster, or fails. It may take long.
	Route(ctx context.Context, q dispatch.Question) (dispatch.Answer, error)
}

// routeTime is how long a model may take to name a speaker: somebody waits.
const routeTime = 10 * time.Second

func (t *Team) routes() bool { return t.router != nil && t.router.Ready() }

// speakerOf is what a person's message tells about who answers it.
func speakerOf(c dispatch.Choice) map[string]any {
	speaker := map[string]any{"agent_key": c.Tmate.Key, "reason": c.Reason, "how": string(c.How), "score": c.Score}
	if !c.Decided {
		speaker["undecided"] = true
	}
	if len(c.Also) > 0 {
		also := make([]any, len(c.Also))
		for i, tm := range c.Also {
			also[i] = tm.Key
		}
		speaker["also"] = also
	}
	return speaker
}

// noteSpeaker writes into a job's metadata why its tmate was chosen.
func noteSpeaker(meta map[string]any, c dispatch.Choice) {
	meta["speaker_reason"], meta["speaker_how"], meta["speaker_score"] = c.Reason, string(c.How), c.Score
}

// showSpeaker repeats in a reply why its tmate was chosen, for people also as a
// sentence of its own.
func showSpeaker(payload, meta map[string]any) {
	for _, key := range []string{"speaker_reason", "speaker_how", "speaker_score"} {
		if v, ok := meta[key]; ok {
			payload[key] = v
		}
	}
	if reason := text(meta, "speaker_reason"); reason != "" {
		payload["speaker"] = map[string]any{"reason": sentenceOf(reason)}
	}
}

// sentenceOf writes a reason as people read one: "addressed by name" becomes
// "Addressed by name."
func sentenceOf(reason string) string {
	first, size := utf8.DecodeRuneInString(reason)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(reason[size:], ".") + "."
}

// routing is what the choice of a late speaker needs.
type routing struct {
	message  tmates.Message
	question dispatch.Question
	guess    dispatch.Choice
	spent    bool // the plan, or the day of the guessed tmate, has no room for a model
}

// route is the first step of a job whose tmate is not decided: a model is asked,
// with no transaction open, and the job moves into the lane of the tmate it
// names. Whatever goes wrong with the model leaves the best guess; a message
// never has two speakers. A crash in between repeats the step.
func (t *Team) route(ctx context.Context, j tmates.Job) error {
	r, err := t.readRouting(ctx, j)
	if err != nil {
		return err
	}
	c, usage := r.guess, agents.Usage{}
	if t.routes() && !r.spent && len(r.question.Roster) > 1 {
		asked, cancel := context.WithTimeout(ctx, routeTime)
		answer, err := t.router.Route(asked, r.question)
		cancel()
		switch {
		case ctx.Err() != nil:
			return errors.Join(fmt.Errorf("route: %w", context.Cause(ctx)), t.spend(ctx, j, answer.Usage))
		case err != nil || answer.Tmate == nil:
			t.log.Warn("no model said who answers in Team Chat", "job", j.ID, "user", j.UserID, "err", err)
			c.Reason += "; a model was asked and named nobody"
		default:
			c = dispatch.Choice{Tmate: answer.Tmate, How: dispatch.ByModel, Reason: "chosen by the model", Score: 1, Margin: 1}
		}
		usage = answer.Usage
	}
	c.Decided = true
	return t.decide(ctx, j, r.message, c, usage)
}

// readRouting reads the message of an undecided job and what was said before.
func (t *Team) readRouting(ctx context.Context, j tmates.Job) (r routing, err error) {
	err = t.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		h, ok := hopOf(j)
		if now, err := tx.Job(ctx, j.UserID, j.ID); err != nil || now.Lease != j.Lease || !ok {
			return cmp.Or(err, error(queue.Permanent{Err: queue.ErrCancelled}))
		}
		c, _, err := t.caller(ctx, tx, j.UserID)
		if err != nil {
			return err
		}
		messages, err := tx.Messages(ctx, j.UserID, j.ThreadID, h.seq+1, dispatch.History+1)
		if err != nil {
			return err
		}
		if n := len(messages); n == 0 || messages[n-1].Seq != h.seq {
			return queue.Permanent{Err: store.ErrNoThread} // it was cleared
		}
		r.message = messages[len(messages)-1]
		r.guess = dispatch.Choice{
			Tmate: c.Enables(j.TmateKey), How: dispatch.How(text(j.Metadata, "speaker_how")), Reason: text(j.Metadata, "speaker_reason"),
		}
		r.guess.Score, _ = j.Metadata["speaker_score"].(float64)
		if r.guess.Tmate == nil {
			return queue.Permanent{Err: errNotEnabled}
		}
		roster := slices.DeleteFunc(slices.Clone(c.Enabled), func(tm *agents.Tmate) bool { return tm.Team.Silent && tm != r.guess.Tmate })
		r.question = dispatch.Question{
			Text: withFiles(r.message.Content, r.message.Payload), Author: r.message.Author, Roster: roster, History: messages[:len(messages)-1],
		}
		if err = t.mayWork(ctx, tx, j.OrganisationID, j.Seq); err == nil {
			err = t.mayAsk(ctx, tx, j, r.guess.Tmate)
		}
		if r.spent = isQuota(err); r.spent {
			return nil // the turn says so
		}
		return err
	})
	if isNotFound(err) {
		err = queue.Permanent{Err: err}
	}
	return r, err
}

// decide keeps who answers, on the job and on the message, and shows who begins.
func (t *Team) decide(ctx context.Context, j tmates.Job, m tmates.Message, c dispatch.Choice, spent agents.Usage) error {
	err := t.db.Write(context.WithoutCancel(ctx), func(ctx context.Context, tx *store.Tx) error {
		j.TmateKey, j.Undecided = c.Tmate.Key, false
		j.Metadata, j.Payload = maps.Clone(j.Metadata), maps.Clone(j.Payload)
		j.Metadata["agent_key"] = c.Tmate.Key
		noteSpeaker(j.Metadata, c)
		j.Payload["metadata"] = j.Metadata
		held, err := tx.DecideJob(ctx, j)
		if err != nil {
			return err
		}
		if spent.PromptTokens > 0 || spent.CompletionTokens > 0 {
			if err := tx.AddUsage(ctx, t.usageOf(j, spent)); err != nil {
				return err
			}
		}
		if !held {
			return nil
		}
		m.Payload["speaker"] = speakerOf(c)
		if err := tx.NoteMessage(ctx, m.UserID, m.ThreadID, m.Seq, m.Payload); err != nil {
			return err
		}
		emitStatus(tx, j, working(j))
		return nil
	})
	if err == nil {
		t.queue.Ready(j.UserID, j.Background)
	}
	return err
}

// whole reads a number that was stored as JSON; 0 when it is none.
func whole(v any) int64 {
	switch n := v.(type) {
	case float64:
		return int64(n)
	case int64:
		return n
	case int:
		return int64(n)
	}
	return 0
}
