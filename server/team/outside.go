package team

import (
	"context"
	"strings"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// Delivery is a reply that a worker outside the process hands in.
type Delivery struct {
	JobID        string // the worker's own name of the work; kept in the payload
	TmateKey     string
	ThreadID     string // id or alias
	Text         string
	Attachments  []tmates.Attachment
	SessionID    string         // conversation session; may be empty
	Parameters   any            // what the worker was asked with; kept in the payload, nil: nothing
	Next         *tmates.Status // shown after the reply; may be nil
	Intermediate bool           // the work goes on
}

// Deliver keeps a reply in the user's thread and shows it. A thread of another
// user answers like one that does not exist.
func (t *Team) Deliver(ctx context.Context, userID string, d Delivery) (m tmates.Message, err error) {
	text := tmates.CleanReply(strings.TrimSpace(d.Text), d.Attachments)
	if text == "" && len(d.Attachments) == 0 {
		return m, tmates.E(tmates.Invalid, "result_empty", nil, "result_data is empty and nothing is attached")
	}
	if err := fits(d.Attachments); err != nil {
		return m, err
	}
	th, err := t.ResolveThread(ctx, userID, d.ThreadID)
	if err != nil {
		return m, err
	}
	err = t.write(ctx, userID, func(ctx context.Context, tx *store.Tx, c Caller) error {
		if th, err = tx.Thread(ctx, userID, th.ID); err != nil {
			return err
		}
		key := t.keyOf(d.TmateKey)
		payload := map[string]any{"agent_key": key}
		if d.JobID != "" {
			payload["job_id"] = d.JobID
		}
		session := tmates.CanonicalSession(d.SessionID)
		if session != "" {
			payload["session_id"] = tmates.HexSession(session)
		}
		if d.Parameters != nil {
			payload["parameters_text"] = d.Parameters
		}
		if len(d.Attachments) > 0 {
			payload["attachments"] = sparse(d.Attachments)
		}
		m, err = t.say(ctx, tx, th, tmates.Message{
			SessionID: session, Role: tmates.MessageAssistant, Author: t.tmateName(key, c), Content: text, Payload: payload,
		})
		if err != nil {
			return err
		}
		show := func(st tmates.Status) {
			tx.Emit(tmates.Event{UserID: userID, Type: tmates.EventStatus, ThreadID: th.ID, Status: &st})
		}
		if d.Next != nil {
			show(*d.Next)
		}
		if d.Intermediate {
			return nil
		}
		show(tmates.Status{Status: tmates.StatusCompleted, TmateKey: key, JobID: d.JobID})
		return announce(ctx, tx, userID, th.ID)
	})
	return m, err
}

// keyOf is the canonical key of a tmate, or what was given when nobody is known
// by it.
func (t *Team) keyOf(nameOrKey string) string {
	if tm := t.registry.Find(nameOrKey); tm != nil {
		return tm.Key
	}
	return strings.TrimSpace(nameOrKey)
}

// Relay shows in the user's thread what a worker outside the process says of its
// work, and notes it on the job it names. A job that is over stays as it is, and
// nothing is shown of it any more (Q-J2, Q-J3).
func (t *Team) Relay(ctx context.Context, userID, ref string, st tmates.Status) error {
	th, err := t.ResolveThread(ctx, userID, ref)
	if err != nil {
		return err
	}
	st.TmateKey = t.keyOf(st.TmateKey)
	ev := tmates.Event{UserID: userID, Type: tmates.EventStatus, ThreadID: th.ID, Status: &st}
	if st.JobID == "" {
		t.publish([]tmates.Event{ev})
		return nil
	}
	return t.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		j, err := tx.Job(ctx, userID, st.JobID)
		if err != nil || j.State.Final() {
			return err
		}
		j.Metadata["last_stage"], j.Metadata["last_status_message"] = st.Stage, st.Text
		j.Metadata["last_status_at"] = tmates.OffsetTime(tx.Now)
		if st.Progress != nil {
			j.Progress = min(max(*st.Progress, 0), 1)
		}
		if err := tx.NoteJob(ctx, j); err != nil {
			return err
		}
		tx.Emit(ev)
		return nil
	})
}
