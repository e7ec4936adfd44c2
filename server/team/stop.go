package team

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// stopOrder is a chat message that ends work instead of asking for some.
type stopOrder struct {
	targets []*agents.Tmate
	ask     bool // it is unclear who is meant
}

// parseStop reads "stop" or "cancel", alone or followed by who or what: a
// tmate's key or name, "all", "everyone" or "everything", "it", "now" or
// "please". Any other sentence that begins so is an ordinary message (Q-C21).
func parseStop(text string, roster []*agents.Tmate) (o stopOrder, ok bool) {
	verb, target, _ := strings.Cut(strings.Join(strings.Fields(strings.ToLower(text)), " "), " ")
	verb, target = strings.TrimRight(verb, ".!"), strings.TrimRight(target, ".!")
	if verb != "stop" && verb != "cancel" {
		return o, false
	}
	switch target {
	case "all", "everyone", "everything":
		return stopOrder{targets: roster}, true
	case "", "it", "now", "please":
		return stopOrder{targets: roster, ask: len(roster) > 1}, true
	}
	for _, tm := range roster {
		if target == tm.Key || target == strings.ReplaceAll(tm.Key, "-", " ") || target == strings.ToLower(tm.Name) {
			return stopOrder{targets: []*agents.Tmate{tm}}, true
		}
	}
	return o, false
}

// stop carries the order out and answers as "System".
func (s *saying) stop(ctx context.Context, o stopOrder) error {
	if o.ask {
		names := make([]string, len(o.targets))
		for i, tm := range o.targets {
			names[i] = tm.Name
		}
		err := s.system(ctx, "Who should stop: "+strings.Join(names, ", ")+"? Write for example \"stop "+o.targets[0].Key+"\" or \"stop all\".")
		return cmp.Or(err, s.completed(ctx))
	}
	active, err := s.tx.ActiveJobs(ctx, s.thread.UserID, s.thread.ID)
	if err != nil {
		return err
	}
	stopped := false
	for _, tm := range o.targets {
		// Every job the tmate has here is meant, not only the newest: the next
		// one would begin at once.
		mine := slices.DeleteFunc(slices.Clone(active), func(j tmates.Job) bool { return j.TmateKey != tm.Key })
		if len(mine) == 0 {
			continue
		}
		done, err := s.team.cancelJobs(ctx, s.tx, mine, s.thread.UserID, keepText)
		if err != nil {
			return err
		}
		s.cancelled, stopped = append(s.cancelled, done...), true
		if err := s.system(ctx, "Stopped "+tm.Name+"."); err != nil {
			return err
		}
	}
	if !stopped {
		if err := s.completed(ctx); err != nil {
			return err
		}
		if err := s.system(ctx, "Nothing is running here."); err != nil {
			return err
		}
	}
	return s.completed(ctx)
}

// system says something as "System".
func (s *saying) system(ctx context.Context, text string) error {
	_, err := s.team.say(ctx, s.tx, s.thread, tmates.Message{
		Role: tmates.MessageAssistant, Author: "System", Content: text, Payload: map[string]any{"system": true},
	})
	return err
}

// Whether what a cancelled tmate has said so far stays in the thread.
const (
	keepText = true
	dropText = false // the thread, the user or the conversation goes as well
)

// cancelJobs makes jobs cancelled and shows it. The caller ends their running
// attempts after the commit.
func (t *Team) cancelJobs(ctx context.Context, tx *store.Tx, jobs []tmates.Job, by string, keep bool) (cancelled []tmates.Job, err error) {
	if jobs, err = withChildren(ctx, tx, jobs); err != nil {
		return nil, err
	}
	for _, j := range jobs {
		j, changed, err := tx.CancelJob(ctx, j.UserID, j.ID, by)
		if err != nil {
			return nil, err
		}
		if changed {
			cancelled = append(cancelled, j)
			// Nothing it still says may follow its end; should this not commit, it goes on unseen.
			if said := strings.TrimSpace(t.live.end(j.ID)); keep && said != "" {
				if err := t.keepPartial(ctx, tx, j, said); err != nil {
					return nil, err
				}
			}
		}
	}
	threads := map[string]tmates.Job{}
	for _, j := range cancelled {
		emitStatus(tx, j, tmates.Status{Status: tmates.StatusCancelled})
		emitStatus(tx, j, tmates.Status{Status: tmates.StatusCompleted})
		threads[j.ThreadID] = j
	}
	for _, j := range threads {
		if err := announce(ctx, tx, j.UserID, j.ThreadID); err != nil {
			return nil, err
		}
	}
	return cancelled, nil
}

// keepPartial keeps what a tmate had said when it was stopped, marked as
// unfinished.
func (t *Team) keepPartial(ctx context.Context, tx *store.Tx, j tmates.Job, said string) error {
	c, _, err := t.caller(ctx, tx, j.UserID)
	if err != nil {
		return err
	}
	payload := map[string]any{"agent_key": j.TmateKey, "job_id": j.ID, "partial": true}
	showSpeaker(payload, j.Metadata)
	t.showHop(payload, j, nil)
	_, _, err = t.sayOutcome(ctx, tx, j, tmates.Message{
		SessionID: tmates.CanonicalSession(text(j.Metadata, "session_id")), Role: tmates.MessageAssistant,
		Author: t.tmateName(j.TmateKey, c), Content: said, Payload: payload,
	})
	return err
}

// completed says that the turn of a job is over.
func completed(ctx context.Context, tx *store.Tx, j tmates.Job) error {
	emitStatus(tx, j, tmates.Status{Status: tmates.StatusCompleted})
	return announce(ctx, tx, j.UserID, j.ThreadID)
}

// announce shows once more who works in a thread, because clients take a
// "completed" as the end of every indicator there (Q-R8): the oldest job of
// each tmate.
func announce(ctx context.Context, tx *store.Tx, userID, threadID string) error {
	if threadID == "" {
		return nil
	}
	active, err := tx.ActiveJobs(ctx, userID, threadID)
	said := map[string]bool{}
	for _, j := range active {
		who := j.TmateKey
		if j.Undecided {
			who = j.ID
		}
		if !said[who] && j.State != tmates.JobParked {
			said[who] = true
			emitStatus(tx, j, working(j))
		}
	}
	return err
}

// emitStatus shows a status of a job in its thread; a job without a thread has
// nobody who would see it.
func emitStatus(tx *store.Tx, j tmates.Job, st tmates.Status) {
	if j.ThreadID != "" {
		tx.Emit(statusEvent(j, st))
	}
}

// working is the status of a job that is under way. While it is open who answers,
// no tmate is shown: upstream's clients do not know this status and wait.
func working(j tmates.Job) tmates.Status {
	if j.Undecided {
		return tmates.Status{Status: tmates.StatusRouting, Text: "Finding who answers"}
	}
	return tmates.Status{Status: tmates.StatusTyping}
}

func statusEvent(j tmates.Job, st tmates.Status) tmates.Event {
	st.JobID = j.ID
	if !j.Undecided {
		st.TmateKey = j.TmateKey
	}
	return tmates.Event{UserID: j.UserID, Type: tmates.EventStatus, ThreadID: j.ThreadID, Status: &st}
}
