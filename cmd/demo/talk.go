package demo

import (
	"cmp"
	"context"
	"maps"
	"strings"
	"time"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// talk writes a message of the person and the answers to it, as people and tmates
// leave them.
func (f *filler) talk(ctx context.Context, t turn) error {
	th, err := f.thread(ctx, t.In)
	if err != nil {
		return err
	}
	asked := map[string]any{}
	var attached []any
	for _, name := range t.Files {
		a, err := f.upload(ctx, name)
		if err != nil {
			return err
		}
		attached = append(attached, a.Sparse())
	}
	if len(attached) > 0 {
		asked["attachments"] = attached
	}
	if first := t.Answers[0]; first.By != "" {
		asked["speaker"] = map[string]any{"agent_key": first.By, "reason": first.Why, "how": "address", "score": 1}
	}
	m := tmates.Message{Role: tmates.MessageUser, Author: f.user.DisplayName(), Content: f.calendar.words(t.Ask), Payload: asked}
	if m, err = f.say(ctx, th, m); err != nil {
		return err
	}
	for _, a := range t.Answers {
		if err := f.answer(ctx, th, m, t, a); err != nil {
			return err
		}
	}
	return nil
}

// say keeps a message at the end of a thread. The person has read what came
// before the last day, and what they wrote under.
func (f *filler) say(ctx context.Context, th tmates.Thread, m tmates.Message) (tmates.Message, error) {
	m.ID, m.ThreadID, m.OrganisationID, m.UserID, m.SessionID = f.DB.NewID(), th.ID, th.OrganisationID, th.UserID, th.ActiveSessionID
	if m.SessionID != "" {
		m.Payload["session_id"] = tmates.HexSession(m.SessionID)
	}
	err := f.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		if m, err = tx.AddMessage(ctx, m); err != nil || m.Role != tmates.MessageUser && !tx.Now.Before(f.calendar.last) {
			return err
		}
		return tx.MarkRead(ctx, th.UserID, th.ID, m.Seq)
	})
	return m, err
}

// answer begins a job as of now and ends it some seconds later.
func (f *filler) answer(ctx context.Context, th tmates.Thread, asked tmates.Message, t turn, a answer) error {
	key := cmp.Or(a.By, t.In)
	j := tmates.Job{ID: f.DB.NewID(), UserID: th.UserID, OrganisationID: th.OrganisationID, ThreadID: th.ID, TmateKey: key, Lease: f.DB.NewID()}
	j.Metadata = map[string]any{
		"thread_id": th.ID, "session_id": tmates.HexSession(th.ActiveSessionID), "source": "chat_api",
		"agent_key": key, "author": asked.Author, "job_id": j.ID, "message_id": asked.ID,
	}
	if a.Why != "" {
		j.Metadata["speaker_reason"], j.Metadata["speaker_how"] = a.Why, "address"
	}
	j.Payload = map[string]any{
		"cli_args": map[string]any{"message": asked.Content, "author": asked.Author}, "env_overrides": map[string]any{}, "extra_args": []any{},
		"thread_id": th.ID, "session_id": j.Metadata["session_id"], "metadata": maps.Clone(j.Metadata),
	}
	err := f.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		j, err = tx.AddJob(ctx, j)
		return err
	})
	if err != nil {
		return err
	}
	f.Clock.set(f.Clock.Now().Add(time.Duration(a.After) * time.Second))
	used := tmates.Usage{
		JobID: j.ID, OrganisationID: j.OrganisationID, UserID: j.UserID, TmateKey: key, Provider: f.story.Model.Provider, Model: f.story.Model.Name,
		Actions: 1, PromptTokens: a.Tokens[0], CompletionTokens: a.Tokens[1],
	}
	m, err := f.outcome(ctx, th, j, a)
	if err != nil {
		return err
	}
	err = f.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := f.end(ctx, tx, j, a, m.Content); err != nil {
			return err
		}
		return tx.AddUsage(ctx, used)
	})
	if err != nil {
		return err
	}
	_, err = f.say(ctx, th, m)
	return err
}

// outcome is the message that shows how a job ended.
func (f *filler) outcome(ctx context.Context, th tmates.Thread, j tmates.Job, a answer) (tmates.Message, error) {
	name := tmates.TitleCase(j.TmateKey)
	switch {
	case a.Stop:
		return tmates.Message{Role: tmates.MessageSystem, Content: "Stopped " + name + ".", Payload: map[string]any{"event": "agent_stopped", "agent_key": j.TmateKey}}, nil
	case a.Fail != "":
		return tmates.Message{
			Role: tmates.MessageSystem, JobID: j.ID, Content: name + " could not answer. " + a.Fail,
			Payload: map[string]any{"event": "agent_error", "agent_key": j.TmateKey, "job_id": j.ID},
		}, nil
	}
	payload := map[string]any{"agent_key": j.TmateKey, "job_id": j.ID}
	for _, key := range []string{"speaker_reason", "speaker_how"} {
		if v, ok := j.Metadata[key]; ok {
			payload[key] = v
		}
	}
	if len(a.Steps) > 0 {
		steps := make([]any, len(a.Steps))
		for i, s := range a.Steps {
			steps[i] = map[string]any{"tool": s.Tool, "summary": f.calendar.words(s.Summary), "ok": s.OK, "ms": s.MS}
		}
		payload["steps"] = steps
	}
	var written []any
	for _, file := range a.Files {
		kept, err := f.Team.WriteFile(ctx, f.scope(th, j.TmateKey, j.ID), file, f.story.Files[file])
		if err != nil {
			return tmates.Message{}, err
		}
		attached, err := f.dated(ctx, kept)
		if err != nil {
			return tmates.Message{}, err
		}
		attached.Name = cmp.Or(attached.Name, file)
		written = append(written, attached.Sparse())
	}
	if len(written) > 0 {
		payload["attachments"] = written
	}
	text := strings.TrimSpace(f.calendar.words(a.Text))
	return tmates.Message{Role: tmates.MessageAssistant, JobID: j.ID, Author: name, Content: text, Payload: payload}, nil
}

// end settles a job.
func (f *filler) end(ctx context.Context, tx *store.Tx, j tmates.Job, a answer, response string) (err error) {
	switch {
	case a.Stop:
		_, _, err = tx.CancelJob(ctx, j.UserID, j.ID, j.UserID)
	case a.Fail != "":
		_, err = tx.FailJob(ctx, j.ID, j.Lease, map[string]any{"message": a.Fail, "error_type": "timeout"})
	default:
		meta := map[string]any{"agent_key": j.TmateKey, "processing_method": "api", "session_created": false, "steps": len(a.Steps)}
		_, err = tx.CompleteJob(ctx, j.ID, j.Lease, map[string]any{"exit_code": 0, "response": response, "metadata": meta})
	}
	return err
}
