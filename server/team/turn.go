package team

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/queue"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// Bounds of what a turn is given.
const (
	turnMessages = 300 // newest messages of the thread that are looked at
	turnFacts    = 100 // newest facts
)

// Work runs one attempt of a job: it builds the turn, lets the tmate answer
// with no transaction open, and keeps reply, usage and the end of the job in
// one Write. It is the queue's handler.
func (t *Team) Work(ctx context.Context, j tmates.Job) error {
	if j.Undecided {
		return t.route(ctx, j)
	}
	turn, err := t.turn(ctx, j)
	if err != nil {
		return err
	}
	reply, err := t.think(ctx, j, turn)
	if err != nil {
		return forQueue(errors.Join(err, t.spend(ctx, j, reply.Usage)))
	}
	return t.finish(ctx, j, turn, reply)
}

// think lets the tmate answer and shows it at work, but not beyond: whoever
// subscribes when the end is shown must not see it run.
func (t *Team) think(ctx context.Context, j tmates.Job, turn agents.Turn) (agents.Reply, error) {
	w := t.begin(j)
	defer t.live.end(j.ID)
	return t.runner.Run(ctx, turn, func(p agents.Progress) { t.show(w, p) })
}

// Why a job ends before its tmate was asked.
var (
	errNothingToDo = errors.New("the job asks for nothing")
	errNotEnabled  = errors.New("the tmate is not on the team any more")
	errMissingEnv  = errors.New("the tmate needs environment variables that are not set")
)

// turn reads everything the tmate may know.
func (t *Team) turn(ctx context.Context, j tmates.Job) (turn agents.Turn, err error) {
	var may grant
	var stored []tmates.Message
	err = t.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		// Cancelled between its claim and now, when there was no attempt to end.
		if now, err := tx.Job(ctx, j.UserID, j.ID); err != nil || now.Lease != j.Lease {
			return cmp.Or(err, error(queue.Permanent{Err: queue.ErrCancelled}))
		}
		c, _, err := t.caller(ctx, tx, j.UserID)
		if err != nil {
			return err
		}
		tm, err := t.whoWorks(ctx, tx, c, j)
		if err != nil {
			return err
		}
		if may, err = grantTo(ctx, tx, c, tm); err != nil {
			return err
		}
		turn = agents.Turn{
			Tmate: tm, UserID: j.UserID, UserName: author(c.User), TimeZone: zone(c.User),
			ThreadID: j.ThreadID, JobID: j.ID, Now: tx.Now, SessionID: text(j.Metadata, "session_id"),
		}
		if j.ThreadID == "" {
			turn.Messages = []agents.Message{{Author: agents.AuthorUser, Name: turn.UserName, Text: jobQuestion(j)}}
			return nil
		}
		if stored, err = t.threadTurn(ctx, tx, j, &turn); err != nil {
			return err
		}
		if _, ok := hopOf(j); ok && turn.Group && t.hops > 0 {
			turn.Colleagues = colleagues(c, tm)
		}
		return nil
	})
	if isNotFound(err) {
		err = queue.Permanent{Err: err} // the account or the thread is gone
	}
	if err != nil {
		return turn, err
	}
	turn.Tools = may.permitted(t.tools(agents.Scope{
		UserID: j.UserID, TmateKey: j.TmateKey, ThreadID: j.ThreadID, JobID: j.ID,
		SessionID: tmates.CanonicalSession(turn.SessionID), SourceID: text(j.Metadata, "message_id"),
	}))
	return turn, t.seeFiles(ctx, j, stored, &turn)
}

// whoWorks returns the tmate of a job, or why nobody works on it now.
func (t *Team) whoWorks(ctx context.Context, tx *store.Tx, c Caller, j tmates.Job) (*agents.Tmate, error) {
	// What people say is always kept; what the plan does not include any more is
	// refused here, before a model is asked.
	switch err := t.mayWork(ctx, tx, j.OrganisationID, j.Seq); {
	case isQuota(err):
		return nil, queue.Permanent{Err: err}
	case err != nil:
		return nil, err
	}
	if withFiles(jobQuestion(j), j.Metadata) == "" {
		return nil, queue.Permanent{Err: errNothingToDo}
	}
	tm := c.Enables(j.TmateKey)
	if tm == nil {
		return nil, queue.Permanent{Err: errNotEnabled}
	}
	if missing := t.registry.MissingEnv(tm.Key); len(missing) > 0 {
		return nil, queue.Permanent{Err: fmt.Errorf("%w: %v", errMissingEnv, missing)}
	}
	return tm, t.mayAsk(ctx, tx, j, tm)
}

// threadTurn adds the conversation and what the tmate remembers of it, and
// returns the stored messages the conversation was made of.
func (t *Team) threadTurn(ctx context.Context, tx *store.Tx, j tmates.Job, turn *agents.Turn) ([]tmates.Message, error) {
	th, err := tx.Thread(ctx, j.UserID, j.ThreadID)
	if err != nil {
		return nil, err
	}
	turn.Group = th.Kind == tmates.KindGroup
	session := tmates.CanonicalSession(turn.SessionID)
	if turn.Memory, turn.Left.Facts, err = facts(ctx, tx, turn.Tmate, j.UserID, session); err != nil {
		return nil, err
	}
	few := t.runner.Recalls(turn.Tmate)
	var minutes tmates.Summary
	if few == 0 {
		if minutes, _, err = tx.Summary(ctx, j.UserID, j.ThreadID, j.TmateKey, session); err != nil {
			return nil, err
		}
	}
	turn.Summary, turn.Earlier = minutes.Content, minutes.Partial
	messages, err := tx.Messages(ctx, j.UserID, j.ThreadID, 0, cmp.Or(few, turnMessages+1))
	if err != nil {
		return nil, err
	}
	if few == 0 && len(messages) > turnMessages { // one more tells that there are others
		turn.Earlier = turn.Earlier || messages[0].Seq > minutes.Through
		messages = messages[1:]
	}
	turn.Messages = conversation(messages, j, session, minutes.Through)
	return messages, nil
}

// zone is the time zone a client keeps with the account, as the IANA names it;
// UTC when there is none that anybody knows.
func zone(u tmates.User) string {
	name := text(u.Metadata, "timezone")
	if loc, err := time.LoadLocation(name); err != nil || loc == time.Local || name == "" {
		return "UTC"
	}
	return name
}

// KeepSummary stores a summary that a model made of a thread's older messages.
func (t *Team) KeepSummary(ctx context.Context, turn agents.Turn, s agents.Summary) error {
	return t.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.AddSummary(ctx, tmates.Summary{
			ThreadID: turn.ThreadID, TmateKey: turn.Tmate.Key, SessionID: tmates.CanonicalSession(turn.SessionID), Through: s.Through, Partial: s.Partial,
			UserID: turn.UserID, Content: s.Text,
		})
	})
}

// conversation is the thread as the tmate of the job sees it: the messages of
// its session that no summary covers, its own apart from everybody else's, and
// last the one to answer. What people said after that belongs to later turns.
func conversation(messages []tmates.Message, j tmates.Job, session string, through int64) (all []agents.Message) {
	source := text(j.Metadata, "message_id")
	asked := agents.Message{Author: agents.AuthorUser, Name: text(j.Metadata, "author"), Text: withFiles(jobQuestion(j), j.Metadata)}
	past := true
	for _, m := range messages {
		if m.ID == source {
			past = false
			continue
		}
		if m.Seq > 0 && m.Seq <= through || m.SessionID != session || !past && m.Role == tmates.MessageUser {
			continue
		}
		seen := agents.Message{Author: agents.AuthorUser, Name: m.Author, Text: withFiles(m.Content, m.Payload), Seq: m.Seq}
		switch {
		case m.Role == tmates.MessageSystem || m.Payload["system"] == true:
			seen.Author = agents.AuthorEvent
		case m.Role == tmates.MessageAssistant && m.Payload["agent_key"] == j.TmateKey:
			seen.Author = agents.AuthorSelf
		}
		all = append(all, seen)
	}
	return append(all, asked)
}

// jobQuestion is what a job asks: its message, else its prompt, else its task,
// with the parameters of its playbook.
func jobQuestion(j tmates.Job) string {
	cli, _ := j.Payload["cli_args"].(map[string]any)
	for _, s := range []string{text(cli, "message"), text(cli, "prompt"), text(j.Payload, "task")} {
		if s != "" {
			return s + parameters(cli)
		}
	}
	return ""
}

// notParameters are the arguments of a job with a meaning of their own.
var notParameters = []string{"message", "prompt", "task", "author", "attachments"}

// parameters lists the other arguments of a job for the tmate, sorted by name.
func parameters(cli map[string]any) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(cli)) {
		if slices.Contains(notParameters, name) || cli[name] == nil {
			continue
		}
		value, ok := cli[name].(string)
		if !ok {
			data, err := json.Marshal(cli[name])
			if err != nil {
				continue // what came as JSON can be written as JSON
			}
			value = string(data)
		}
		fmt.Fprintf(&b, "\n- %s: %s", name, value)
	}
	if b.Len() == 0 {
		return ""
	}
	return "\n\nParameters:" + b.String()
}

func text(m map[string]any, key string) string {
	s, _ := m[key].(string)
	return s
}

// forQueue tells the queue whether another attempt may help.
func forQueue(err error) error {
	p, ok := errors.AsType[*agents.ProviderError](err)
	switch {
	case !ok:
		return err
	case !p.Temporary():
		return queue.Permanent{Err: err}
	}
	return queue.Later{Err: err, After: p.RetryAfter}
}

// finish keeps the reply and the end of the job, or neither when the job was
// cancelled meanwhile.
func (t *Team) finish(ctx context.Context, j tmates.Job, turn agents.Turn, r agents.Reply) error {
	ctx = context.WithoutCancel(ctx) // the answer is there: it is kept, whatever ends now
	response := strings.TrimSpace(r.Text)
	attachments, err := t.attachments(ctx, j, response)
	if err != nil {
		return err
	}
	response = tmates.CleanReply(response, attachments)
	session := tmates.CanonicalSession(turn.SessionID)
	used := t.usageOf(j, r.Usage)
	used.Actions = 1
	var next tmates.Job
	err = t.end(ctx, j, func(ctx context.Context, tx *store.Tx) error {
		meta := map[string]any{"agent_key": j.TmateKey, "processing_method": "api", "session_created": false, "steps": r.Steps}
		result := map[string]any{"exit_code": 0, "response": response, "metadata": meta}
		payload := map[string]any{"agent_key": j.TmateKey, "job_id": j.ID}
		annotate(payload, r)
		if len(attachments) > 0 {
			result["attachments"], payload["attachments"] = sparse(attachments), sparse(attachments)
		}
		if used.PromptTokens+used.CompletionTokens > 0 {
			meta["usage"], payload["usage"] = usageBody(used, r.Usage.Estimated, t.spending.Currency), usageBody(used, r.Usage.Estimated, t.spending.Currency)
		}
		held, err := tx.CompleteJob(ctx, j.ID, j.Lease, result)
		if err != nil {
			return err
		}
		if !held { // cancelled as the last word came: it was paid for all the same
			if used.Actions = 0; used.PromptTokens+used.CompletionTokens == 0 {
				return nil
			}
			return tx.AddUsage(ctx, used)
		}
		if err := t.dropChildren(ctx, tx, j); err != nil {
			return err
		}
		if err := tx.AddUsage(ctx, used); err != nil {
			return err
		}
		if j.ThreadID == "" {
			return nil
		}
		if response != "" || len(attachments) > 0 {
			next, err = t.reply(ctx, tx, j, turn.Tmate, tmates.Message{
				SessionID: session, Role: tmates.MessageAssistant, Author: turn.Tmate.Name, Content: response, Payload: payload,
			})
			if err != nil {
				return err
			}
		}
		return completed(ctx, tx, j)
	})
	if err == nil {
		t.hand(nil, next)
	}
	return err
}

// reply keeps the reply of a job, and hands over to the colleague it addresses:
// next is that one's job.
func (t *Team) reply(ctx context.Context, tx *store.Tx, j tmates.Job, self *agents.Tmate, m tmates.Message) (next tmates.Job, err error) {
	to, err := t.called(ctx, tx, j, self, m.Content)
	if err != nil {
		return next, err
	}
	showSpeaker(m.Payload, j.Metadata)
	t.showHop(m.Payload, j, to)
	m, said, err := t.sayOutcome(ctx, tx, j, m)
	if err != nil || !said || to == nil {
		return next, err
	}
	return t.handOn(ctx, tx, j, m, to)
}

// maxSteps is how many tools a message tells of; more are not looked at by
// anybody.
const maxSteps = 50

// annotate tells with a reply which tools ran for it, what its model was not
// shown, and which limit ended it early.
func annotate(payload map[string]any, r agents.Reply) {
	if !r.Left.None() {
		left := map[string]any{}
		for name, n := range map[string]int{
			"messages": r.Left.Messages, "facts": r.Left.Facts, "characters": r.Left.Characters, "documents": r.Left.Documents,
			"images": r.Left.Images,
		} {
			if n > 0 {
				left[name] = n
			}
		}
		if r.Left.Earlier {
			left["earlier_messages"] = true
		}
		payload["left_out"] = left
	}
	if len(r.Did) > 0 {
		steps := []map[string]any{}
		for _, s := range r.Did[:min(len(r.Did), maxSteps)] {
			steps = append(steps, map[string]any{"tool": s.Tool, "summary": s.Doing, "ok": !s.Wrong, "ms": s.Took.Milliseconds()})
		}
		payload["steps"] = steps
	}
	if r.Stopped != "" {
		payload["stopped"] = string(r.Stopped)
	}
}

// sayOutcome keeps the one visible outcome of a job. A second one is dropped
// without a word: the first was kept before the process died.
func (t *Team) sayOutcome(ctx context.Context, tx *store.Tx, j tmates.Job, m tmates.Message) (kept tmates.Message, said bool, err error) {
	th, err := tx.Thread(ctx, j.UserID, j.ThreadID)
	if err != nil {
		return m, false, err
	}
	m.JobID = j.ID
	kept, err = t.say(ctx, tx, th, m)
	if errors.Is(err, store.ErrAnswered) {
		return kept, false, nil
	}
	return kept, err == nil, err
}
