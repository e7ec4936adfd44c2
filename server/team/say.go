package team

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/dispatch"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// Words are what a person says to a thread.
type Words struct {
	Text        string // trimmed by Say; may be empty when there are attachments
	Attachments []tmates.Attachment
	SessionID   string // conversation session the client asks for; empty: the thread's
	ClientID    string // the client's own name for the message; empty: none
}

// Limits of a message.
const (
	MaxMessage = 100_000 // code points
	MaxSession = 128     // code points of a session id
	MaxClient  = 64      // code points of a client's name for its message
	maxWaiting = 50      // turns that wait in one thread
)

// Say keeps a message of the caller in their thread together with the job of
// the tmate that answers it and the events that show both, or none of them.
// "stop" and "cancel" end running work instead (see parseStop). It returns the
// stored message. What has the ClientID of a message that is in the thread
// already is that message: nothing is said twice, and nobody asked twice.
func (t *Team) Say(ctx context.Context, userID, ref string, w Words) (m tmates.Message, err error) {
	w.Text, w.SessionID = strings.TrimSpace(w.Text), strings.TrimSpace(w.SessionID)
	if w.Text == "" && len(w.Attachments) == 0 {
		return m, tmates.E(tmates.Invalid, "message_empty", nil, "The message is empty")
	}
	if err := fits(w.Attachments); err != nil {
		return m, err
	}
	if err := t.maySend(userID); err != nil {
		return m, err
	}
	s := &saying{team: t}
	if err := s.read(ctx, userID, ref); err != nil {
		return m, err
	}
	// An idle worker takes the job as it is stored, which saves the commit of a claim.
	seat := t.queue.Seat(userID)
	var job tmates.Job
	defer func() { t.hand(seat, job) }()
	stop, stopping := parseStop(w.Text, s.eligible)
	var c dispatch.Choice
	if !stopping {
		c = s.pick(w.Text)
	}
	err = t.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		s.tx = tx
		if seat != nil {
			s.lease = tx.NewID()
		}
		if s.thread, err = tx.Thread(ctx, userID, s.thread.ID); err != nil { // it may have changed since
			return err
		}
		if w.ClientID != "" {
			if m, m.Repeated, err = tx.MessageOfClient(ctx, userID, s.thread.ID, w.ClientID); err != nil || m.Repeated {
				return err
			}
		}
		if m, err = s.keep(ctx, w, c); err != nil {
			return err
		}
		switch {
		case stopping:
			return s.stop(ctx, stop)
		case c.Tmate == nil:
			return s.decline(ctx)
		}
		return s.ask(ctx, m, c)
	})
	if err != nil {
		return m, err
	}
	job = s.job
	t.cancelRunning(s.cancelled)
	return m, nil
}

// read learns who speaks, where, and to whom, before the transaction in which
// everybody else waits.
func (s *saying) read(ctx context.Context, userID, ref string) error {
	t := s.team
	look := func(ctx context.Context, tx *store.Tx) (err error) {
		var missing bool
		if s.caller, missing, err = t.caller(ctx, tx, userID); err != nil || missing {
			return cmp.Or(err, store.ErrNoThread)
		}
		if s.thread, err = t.lookUpThread(ctx, tx, s.caller, ref); err != nil {
			return err
		}
		s.eligible = eligible(s.caller, s.thread)
		if s.thread.Kind == tmates.KindGroup {
			if s.history, err = tx.Messages(ctx, userID, s.thread.ID, 0, dispatch.History); err != nil {
				return err
			}
		}
		s.waiting, err = tx.CountActiveJobsIn(ctx, userID, s.thread.ID)
		return err
	}
	err := t.db.Read(ctx, look)
	if _, isAlias := t.aliasSlug(ref); isAlias && errors.Is(err, store.ErrNoThread) {
		if _, err := t.makeThread(ctx, userID, ref); err != nil {
			return err
		}
		err = t.db.Read(ctx, look)
	}
	return err
}

// eligible returns the tmates of a thread that may answer: everybody enabled in
// Team Chat, the stored one elsewhere.
func eligible(c Caller, th tmates.Thread) (all []*agents.Tmate) {
	if th.Kind == tmates.KindGroup {
		return c.Enabled
	}
	for _, key := range th.TmateKeys {
		if tm := c.Enables(key); tm != nil {
			all = append(all, tm)
		}
	}
	return all
}

// saying is the work of one Say.
type saying struct {
	team      *Team
	caller    Caller
	thread    tmates.Thread
	eligible  []*agents.Tmate
	history   []tmates.Message // newest of Team Chat, oldest first
	waiting   int              // turns that wait in the thread
	tx        *store.Tx
	lease     string     // under which a worker that is kept begins; empty: none is
	job       tmates.Job // the turn that was queued; without an id: none
	cancelled []tmates.Job
}

// pick chooses who answers; no tmate when nobody can. Outside Team Chat there is
// nothing to choose.
func (s *saying) pick(text string) (c dispatch.Choice) {
	switch {
	case len(s.eligible) == 0:
		return c
	case s.thread.Kind != tmates.KindGroup:
		return dispatch.Choice{Tmate: s.eligible[0], Decided: true}
	}
	c = dispatch.Choose(text, s.eligible, s.history)
	c.Decided = c.Decided || !s.team.routes()
	return c
}

// session settles the conversation session of the message: the one asked for,
// else the thread's, else the one derived for the speaker. The thread keeps it.
func (s *saying) session(ctx context.Context, asked string, speaker *agents.Tmate) (string, error) {
	id := tmates.CanonicalSession(cmp.Or(asked, s.thread.ActiveSessionID))
	switch {
	case id != "" || speaker == nil:
	case s.thread.Metadata[clearedMark] == true: // the derived session is the one that was cleared
		id = tmates.CanonicalSession(tmates.NewSessionID())
	default:
		id = tmates.CanonicalSession(tmates.SessionID(s.thread.UserID, s.thread.ID, speaker.Key))
	}
	if id == s.thread.ActiveSessionID {
		return id, nil
	}
	s.thread.ActiveSessionID = id
	return id, s.tx.UpdateThread(ctx, s.thread)
}

// keep stores and shows the user's own message.
func (s *saying) keep(ctx context.Context, w Words, c dispatch.Choice) (m tmates.Message, err error) {
	session, err := s.session(ctx, w.SessionID, c.Tmate)
	if err != nil {
		return m, err
	}
	payload := map[string]any{}
	if session != "" {
		payload["session_id"] = tmates.HexSession(session)
	}
	if len(w.Attachments) > 0 {
		payload["attachments"] = sparse(w.Attachments)
	}
	if c.Tmate != nil && c.How != "" {
		payload["speaker"] = speakerOf(c)
	}
	m, err = s.tx.AddMessage(ctx, tmates.Message{
		ID: s.tx.NewID(), ThreadID: s.thread.ID, OrganisationID: s.thread.OrganisationID, UserID: s.thread.UserID,
		SessionID: session, ClientID: w.ClientID, Role: tmates.MessageUser, Author: author(s.caller.User), Content: w.Text, Payload: payload,
	})
	if err != nil {
		return m, err
	}
	s.tx.Emit(tmates.Event{UserID: m.UserID, Type: tmates.EventMessage, ThreadID: m.ThreadID, Message: &m})
	return m, nil
}

func sparse(as []tmates.Attachment) []any {
	out := make([]any, len(as))
	for i, a := range as {
		out[i] = a.Sparse()
	}
	return out
}

// ask queues the turn of the tmate that answers.
func (s *saying) ask(ctx context.Context, m tmates.Message, c dispatch.Choice) (err error) {
	if s.waiting >= maxWaiting { // with the message's own place undone, it can be sent again later
		return tmates.E(tmates.TooMany, "thread_busy", nil, "%d messages wait for an answer here: please wait for some, or write \"stop all\"", s.waiting)
	}
	var h *hop
	if s.thread.Kind == tmates.KindGroup {
		h = &hop{seq: m.Seq}
	}
	s.job, err = s.team.addTurn(ctx, s.tx, m, c, h, s.lease)
	return err
}

// addTurn queues and shows the turn of the tmate that answers a message. With a
// lease it begins at once if it can.
func (t *Team) addTurn(ctx context.Context, tx *store.Tx, m tmates.Message, c dispatch.Choice, h *hop, lease string) (tmates.Job, error) {
	id := tx.NewID()
	cli := map[string]any{"message": m.Content, "author": m.Author}
	meta := map[string]any{
		"thread_id": m.ThreadID, "session_id": tmates.HexSession(m.SessionID), "source": "chat_api",
		"agent_key": c.Tmate.Key, "author": m.Author, "job_id": id, "message_id": m.ID,
	}
	if c.How != "" {
		noteSpeaker(meta, c)
	}
	if h != nil {
		meta["hop"] = h.stored()
	}
	if as, ok := m.Payload["attachments"]; ok {
		cli["attachments"], meta["attachments"] = as, as
	}
	payload := map[string]any{
		"cli_args": cli, "env_overrides": map[string]any{}, "extra_args": []any{},
		"thread_id": m.ThreadID, "session_id": meta["session_id"], "metadata": meta,
	}
	j, err := tx.AddJob(ctx, tmates.Job{
		ID: id, UserID: m.UserID, OrganisationID: m.OrganisationID, ThreadID: m.ThreadID, TmateKey: c.Tmate.Key, Undecided: !c.Decided,
		Payload: payload, Metadata: meta, Lease: lease,
	})
	if err != nil {
		return j, err
	}
	emitStatus(tx, j, working(j))
	return j, nil
}

// decline says that nobody can answer.
func (s *saying) decline(ctx context.Context) error {
	text := "Nobody on your team can answer here right now. Hire a teammate, or write to one who is hired."
	if len(s.eligible) > 0 {
		text = "Everybody here speaks only when addressed. Begin with a name, as in \"@" + s.eligible[0].Key + "\"."
	}
	_, err := s.team.say(ctx, s.tx, s.thread, tmates.Message{
		Role: tmates.MessageSystem, Content: text, Payload: map[string]any{"event": "dispatcher_decline"},
	})
	return cmp.Or(err, s.completed(ctx))
}

// completed ends a turn that had no job.
func (s *saying) completed(ctx context.Context) error {
	s.tx.Emit(tmates.Event{
		UserID: s.thread.UserID, Type: tmates.EventStatus, ThreadID: s.thread.ID, Status: &tmates.Status{Status: tmates.StatusCompleted},
	})
	return announce(ctx, s.tx, s.thread.UserID, s.thread.ID)
}
