package team

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/queue"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// Bounds of asking a colleague.
const (
	maxDepth    = 2 // a tmate that was asked may ask once more
	maxChildren = 3 // colleagues asked in one turn
	maxRequest  = 4000
)

// errNoAnswer is the child's failure when its tmate said nothing.
var errNoAnswer = tmates.E(tmates.Unavailable, "no_answer", nil, "There was no answer.")

// children knows the children that run at this moment.
type children struct {
	mu      sync.Mutex
	running map[string]context.CancelCauseFunc // by job id
}

// begin returns the context of a child's attempt; end must be called.
func (c *children) begin(ctx context.Context, jobID string) (child context.Context, end func()) {
	child, cancel := context.WithCancelCause(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running == nil {
		c.running = map[string]context.CancelCauseFunc{}
	}
	c.running[jobID] = cancel
	return child, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.running, jobID)
		cancel(nil)
	}
}

func (c *children) cancel(jobID string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cancel := c.running[jobID]; cancel != nil {
		cancel(queue.ErrCancelled)
	}
}

// AskTeammate lets a colleague answer a request of the scope's tmate, and returns
// the answer. A request that makes no sense is an [tmates.Error] the tmate can
// read, and so is a colleague that fails.
//
// The colleague's turn is a job of its own, with the asking job as its parent,
// and runs here, within the parent's attempt: it needs no second worker, inherits
// the parent's deadline, and ends with it. It sees the request only, works for the
// same user with its own tools, and posts nothing to the thread. An answer that
// was given before a crash is given again; one that was not is asked for again.
func (t *Team) AskTeammate(ctx context.Context, s agents.Scope, teammate, request string) (string, error) {
	if request = strings.TrimSpace(request); request == "" || len([]rune(request)) > maxRequest {
		return "", tmates.E(tmates.Invalid, "request_length", nil, "The request needs 1 to %d characters.", maxRequest)
	}
	a := &asking{team: t, scope: s, teammate: teammate, request: request}
	if err := t.write(ctx, s.UserID, a.begin); err != nil || a.answer != "" {
		return a.answer, err
	}
	t.showDoing(a.root, "Asking "+a.turn.Tmate.Name)
	a.turn.Tools = a.may.permitted(t.tools(agents.Scope{UserID: s.UserID, TmateKey: a.job.TmateKey, JobID: a.job.ID}))
	reply, stopped, err := a.run(ctx)
	if ctx.Err() != nil { // the parent ends too, and with it this job, or asks again
		return "", errors.Join(fmt.Errorf("ask %s: %w", a.job.TmateKey, context.Cause(ctx)), t.spend(ctx, a.job, reply.Usage))
	}
	if stopped {
		return "", cmp.Or(t.spend(ctx, a.job, reply.Usage), a.stopped())
	}
	return a.settle(context.WithoutCancel(ctx), reply, err)
}

// asking is one call of AskTeammate.
type asking struct {
	team              *Team
	scope             agents.Scope
	teammate, request string
	root              string // id of the job that the thread waits for
	job               tmates.Job
	turn              agents.Turn
	may               grant  // what the colleague may do
	answer            string // kept before the last crash
}

// run lets the colleague answer; stopped tells that its job was cancelled.
func (a *asking) run(ctx context.Context) (r agents.Reply, stopped bool, err error) {
	ctx, end := a.team.children.begin(ctx, a.job.ID)
	defer end()
	r, err = a.team.runner.Run(ctx, a.turn, func(agents.Progress) {})
	return r, ctx.Err() != nil, err
}

// begin checks the request and takes a job for it.
func (a *asking) begin(ctx context.Context, tx *store.Tx, c Caller) error {
	parent, err := tx.Job(ctx, a.scope.UserID, a.scope.JobID)
	if err != nil {
		return err
	}
	if parent.State != tmates.JobRunning || parent.TmateKey != a.scope.TmateKey {
		return queue.ErrCancelled
	}
	tm, err := a.colleague(ctx, tx, c, parent)
	if err != nil {
		return err
	}
	if err := a.take(ctx, tx, parent, tm); err != nil || a.answer != "" {
		return err
	}
	if err := a.team.mayWork(ctx, tx, parent.OrganisationID, a.job.Seq); err != nil {
		return err
	}
	err = a.team.mayAsk(ctx, tx, a.job, tm)
	if spent, ok := errors.AsType[queue.Park](err); ok { // the asking tmate goes on without
		return spent.Err
	}
	if err != nil {
		return err
	}
	if a.may, err = grantTo(ctx, tx, c, tm); err != nil {
		return err
	}
	a.turn = agents.Turn{
		Tmate: tm, UserID: c.User.ID, UserName: author(c.User), TimeZone: zone(c.User), JobID: a.job.ID, Now: tx.Now,
		Messages: []agents.Message{{Author: agents.AuthorUser, Name: a.team.tmateName(parent.TmateKey, c), Text: a.request}},
	}
	return nil
}

// colleague resolves who is asked, and refuses whoever may not be.
func (a *asking) colleague(ctx context.Context, tx *store.Tx, c Caller, parent tmates.Job) (*agents.Tmate, error) {
	self := c.Enables(parent.TmateKey)
	if self == nil {
		return nil, queue.Permanent{Err: errNotEnabled}
	}
	waiting, err := a.waiting(ctx, tx, parent)
	if err != nil {
		return nil, err
	}
	if len(waiting) > maxDepth {
		return nil, tmates.E(tmates.Forbidden, "too_deep", nil, "You were asked yourself: answer with what you know instead of asking on.")
	}
	name := strings.TrimPrefix(strings.TrimSpace(a.teammate), "@")
	may := colleagues(c, self)
	i := slices.IndexFunc(may, func(tm *agents.Tmate) bool {
		return slices.ContainsFunc(append([]string{tm.Key, tm.Name}, tm.Team.Aliases...), func(n string) bool { return strings.EqualFold(n, name) })
	})
	if i < 0 {
		names := make([]string, len(may))
		for i, tm := range may {
			names[i] = tm.Key
		}
		return nil, tmates.E(tmates.NotFound, "no_colleague", nil, "There is no colleague %q whom you may ask. You may ask: %s.", name, strings.Join(names, ", "))
	}
	switch tm := may[i]; {
	case slices.Contains(waiting, tm.Key):
		return nil, tmates.E(tmates.Forbidden, "asked_already", nil, "%s waits for your answer and cannot be asked now.", tm.Name)
	case len(a.team.registry.MissingEnv(tm.Key)) > 0:
		return nil, tmates.E(tmates.Unavailable, "not_set_up", nil, "%s is not set up yet and cannot work.", tm.Name)
	default:
		return tm, nil
	}
}

// waiting returns the tmates that wait for an answer, the asking one first, and
// finds the job the thread waits for.
func (a *asking) waiting(ctx context.Context, tx *store.Tx, j tmates.Job) (keys []string, err error) {
	for keys = []string{j.TmateKey}; j.ParentID != ""; keys = append(keys, j.TmateKey) {
		if j, err = tx.Job(ctx, j.UserID, j.ParentID); err != nil {
			return nil, err
		}
	}
	a.root = j.ID
	return keys, nil
}

// take finds the job of the same request that was not finished, or its answer, or
// makes a new one, and begins an attempt of it.
func (a *asking) take(ctx context.Context, tx *store.Tx, parent tmates.Job, tm *agents.Tmate) error {
	asked, err := tx.Children(ctx, parent.UserID, parent.ID)
	if err != nil {
		return err
	}
	name := "ask:" + parent.ID + ":" + tm.Key + "\x00" + a.request
	id, open, now := "", false, 0
	for n := 0; ; n++ {
		id = uuid.NewSHA1(uuid.NameSpaceURL, fmt.Appendf(nil, "%s\x00%d", name, n)).String()
		i := slices.IndexFunc(asked, func(j tmates.Job) bool { return j.ID == id })
		if i < 0 {
			break
		}
		if a.answer = text(asked[i].Result, "response"); a.answer != "" {
			return nil
		}
		if open = !asked[i].State.Final(); open {
			break
		}
	}
	for _, j := range asked {
		if j.ID != id && whole(j.Metadata["parent_attempt"]) == int64(parent.Attempt) {
			now++
		}
	}
	if now >= maxChildren {
		return tmates.E(tmates.TooMany, "too_many_asked", nil, "You have asked %d colleagues already: answer with what you know.", maxChildren)
	}
	meta := map[string]any{
		"parent_job_id": parent.ID, "parent_attempt": parent.Attempt, "agent_key": tm.Key, "job_id": id, "asked_by": parent.TmateKey, "source": "ask_teammate",
	}
	if !open {
		_, err := tx.AddJob(ctx, tmates.Job{
			ID: id, UserID: parent.UserID, OrganisationID: parent.OrganisationID, TmateKey: tm.Key, ParentID: parent.ID, Metadata: meta,
			Payload: map[string]any{"cli_args": map[string]any{"message": a.request, "author": a.scope.TmateKey}, "metadata": meta},
		})
		if err != nil {
			return err
		}
	}
	lease := tx.NewID()
	if _, err := tx.BeginChild(ctx, id, lease, meta); err != nil {
		return err
	}
	a.job, err = tx.Job(ctx, parent.UserID, id)
	return err
}

// settle keeps how the colleague's turn ended, with what it cost.
func (a *asking) settle(ctx context.Context, r agents.Reply, failure error) (answer string, err error) {
	answer = strings.TrimSpace(r.Text)
	if failure == nil && answer == "" {
		failure = errNoAnswer
	}
	used := a.team.usageOf(a.job, r.Usage)
	if failure == nil {
		used.Actions = 1
	}
	held := false
	err = a.team.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if failure != nil {
			held, err = tx.FailJob(ctx, a.job.ID, a.job.Lease, map[string]any{"message": sentence(failure), "error_type": errorType(failure)})
		} else {
			held, err = tx.CompleteJob(ctx, a.job.ID, a.job.Lease, map[string]any{"exit_code": 0, "response": answer})
		}
		if err != nil || !held {
			return err
		}
		if err := a.team.dropChildren(ctx, tx, a.job); err != nil {
			return err
		}
		if used.Actions+used.PromptTokens+used.CompletionTokens == 0 {
			return nil
		}
		return tx.AddUsage(ctx, used)
	})
	switch {
	case err != nil:
		return "", err
	case !held:
		return "", a.stopped()
	case failure != nil:
		return "", tmates.E(tmates.Unavailable, "colleague_failed", failure, "%s could not answer. %s", a.turn.Tmate.Name, sentence(failure))
	}
	return answer, nil
}

func (a *asking) stopped() error {
	return tmates.E(tmates.Unavailable, "colleague_stopped", nil, "%s was stopped before an answer.", a.turn.Tmate.Name)
}

// withChildren adds to jobs those that run within them and are not final.
func withChildren(ctx context.Context, tx *store.Tx, jobs []tmates.Job) ([]tmates.Job, error) {
	all := slices.Clone(jobs)
	for i := 0; i < len(all); i++ { // the list grows: children have children
		under, err := tx.Children(ctx, all[i].UserID, all[i].ID)
		if err != nil {
			return nil, err
		}
		all = append(all, slices.DeleteFunc(under, func(j tmates.Job) bool { return j.State.Final() })...)
	}
	return all, nil
}

// dropChildren cancels what a job that ends has left unfinished: a crash came
// between, and it was not asked for again.
func (t *Team) dropChildren(ctx context.Context, tx *store.Tx, j tmates.Job) error {
	all, err := withChildren(ctx, tx, []tmates.Job{j})
	for _, child := range all[min(1, len(all)):] {
		if _, _, cancelErr := tx.CancelJob(ctx, child.UserID, child.ID, child.UserID); cancelErr != nil {
			return errors.Join(err, cancelErr)
		}
	}
	return err
}
