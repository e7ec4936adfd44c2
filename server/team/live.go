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
	full  bool // no more of it is shown
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

// end closes the page of an attempt and returns what was shown on it.
func (l *live) end(jobID string) (said string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if w := l.jobs[jobID]; w != nil {
		said = w.text.String()
	}
	delete(l.jobs, jobID)
	return said
}

// show tells the sockets how the turn goes on. The lock is held while it does,
// so that a snapshot and the deltas after it fit together.
func (t *Team) show(w *writing, p agents.Progress) {
	if w.job.ThreadID == "" {
		return
	}
	t.live.mu.Lock()
	defer t.live.mu.Unlock()
	if t.live.jobs[w.job.ID] != w {
		return // its end was shown already
	}
	w.doing = p.Doing
	w.full = w.full || w.text.Len()+len(p.Text) > maxLive
	switch {
	case p.Tool != "":
		t.publish([]tmates.Event{w.tool()})
	case !w.full:
		ev := w.delta(w.runes, p.Text)
		w.text.WriteString(p.Text)
		w.runes += utf8.RuneCountInString(p.Text)
		t.publish([]tmates.Event{ev})
	}
}

// showDoing tells the sockets what the tmate of a running job does, in words of
// the use-case instead of the tool's.
func (t *Team) showDoing(jobID, doing string) {
	t.live.mu.Lock()
	w := t.live.jobs[jobID]
	t.live.mu.Unlock()
	if w != nil {
		t.show(w, agents.Progress{Tool: "ask_teammate", Doing: doing})
	}
}

// tool says what the tmate does besides writing.
func (w *writing) tool() tmates.Event {
	return statusEvent(w.job, tmates.Status{Status: tmates.StatusTyping, Stage: "tool", Text: w.doing})
}

// delta is a piece of the reply; offset counts code points.
func (w *writing) delta(offset int, text string) tmates.Event {
	return tmates.Event{
		UserID: w.job.UserID, ThreadID: w.job.ThreadID, Type: tmates.EventDelta,
		Delta: &tmates.Delta{JobID: w.job.ID, TmateKey: w.job.TmateKey, Offset: offset, Text: text},
	}
}

// Running returns the events that show what tmates write in the caller's thread
// at this moment: the tool in use and the text so far. show runs under the lock
// that orders the deltas, so that none is missed or doubled when it subscribes
// a socket.
func (t *Team) Running(userID, threadID string, show func([]tmates.Event)) {
	t.live.mu.Lock()
	defer t.live.mu.Unlock()
	var evs []tmates.Event
	for _, w := range t.live.jobs {
		if w.job.ThreadID != threadID || w.job.UserID != userID {
			continue
		}
		if w.doing != "" {
			evs = append(evs, w.tool())
		}
		if w.text.Len() > 0 {
			evs = append(evs, w.delta(0, w.text.String()))
		}
	}
	show(evs)
}
