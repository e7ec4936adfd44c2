package team

import (
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/store/tmates"
)

// maxLive bounds the text that is shown while it is written, in bytes. A longer
// reply goes on without deltas; the stored message is the truth anyway.
const maxLive = 256 << 10

// live knows what is being written at this moment, so that a client that comes
// late can be shown it.
type live struct {
	mu   sync.Mutex
	jobs map[string]*writing // by job id
}

// writing is the reply of one running attempt.
type writing struct {
	job   tmates.Job
	text  strings.Builder
	runes int
	doing string
}

// begin opens the page of an attempt. What an earlier one wrote is void.
func (t *Team) begin(j tmates.Job) *writing {
	t.live.mu.Lock()
	defer t.live.mu.Unlock()
	if t.live.jobs == nil {
		t.live.jobs = map[string]*writing{}
	}
	w := &writing{job: j}
	t.live.jobs[j.ID] = w
	if j.Attempt > 1 && j.ThreadID != "" {
		t.publish([]tmates.Event{{
			UserID: j.UserID, ThreadID: j.ThreadID, Type: tmates.EventReset, Delta: &tmates.Delta{JobID: j.ID, TmateKey: j.TmateKey},
		}})
	}
	return w
}

func (l *live) end(jobID string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.jobs, jobID)
}

// show tells the sockets how the turn goes on. The lock is held while it does,
// so that a snapshot and the deltas after it fit together.
func (t *Team) show(j tmates.Job, w *writing, p agents.Progress) {
	if j.ThreadID == "" {
		return
	}
	t.live.mu.Lock()
	defer t.live.mu.Unlock()
	ev := tmates.Event{UserID: j.UserID, ThreadID: j.ThreadID}
	switch {
	case p.Doing != "" || p.Tool != "":
		w.doing = p.Doing
		ev.Type = tmates.EventStatus
		ev.Status = &tmates.Status{Status: tmates.StatusTyping, TmateKey: j.TmateKey, JobID: j.ID, Stage: "tool", Text: p.Doing}
	case w.text.Len()+len(p.Text) > maxLive:
		return
	default:
		ev.Type = tmates.EventDelta
		ev.Delta = &tmates.Delta{JobID: j.ID, TmateKey: j.TmateKey, Offset: w.runes, Text: p.Text}
		w.text.WriteString(p.Text)
		w.runes += utf8.RuneCountInString(p.Text)
	}
	t.publish([]tmates.Event{ev})
}

// Running returns the events that show what tmates do in the caller's thread at
// this moment: who is typing, and the text written so far. show runs under the
// same lock, so that no delta is missed or doubled when it subscribes a socket.
func (t *Team) Running(userID, threadID string, show func([]tmates.Event)) {
	t.live.mu.Lock()
	defer t.live.mu.Unlock()
	var evs []tmates.Event
	for _, w := range t.live.jobs {
		if w.job.ThreadID != threadID || w.job.UserID != userID {
			continue
		}
		ev := tmates.Event{UserID: userID, ThreadID: threadID}
		st := tmates.Status{Status: tmates.StatusTyping, TmateKey: w.job.TmateKey, JobID: w.job.ID}
		if w.doing != "" {
			st.Stage, st.Text = "tool", w.doing
		}
		ev.Type, ev.Status = tmates.EventStatus, &st
		evs = append(evs, ev)
		if w.text.Len() > 0 {
			evs = append(evs, tmates.Event{UserID: userID, ThreadID: threadID, Type: tmates.EventDelta,
				Delta: &tmates.Delta{JobID: w.job.ID, TmateKey: w.job.TmateKey, Text: w.text.String()}})
		}
	}
	show(evs)
}
