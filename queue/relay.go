package queue

import "github.com/tmates/tmates/store/tmates"

// Relay is the worker of a running job, kept for the job that comes next on it:
// that one can be claimed in the transaction that ends the first.
type Relay struct {
	Want
	w    *Workers
	from *attempt
	n    *line
	then int // changes of the line when it was chosen
}

// Relay chooses what comes next on the worker of a running job. It returns nil
// when nobody waits, or when nothing new may begin. A relay must be ended.
func (w *Workers) Relay(jobID string) *Relay {
	w.mu.Lock()
	defer w.mu.Unlock()
	a := w.running[jobID]
	if a == nil || a.relayed || w.work == nil || w.look {
		return nil
	}
	n, kind := w.lines.nextAfter(a.line)
	if n == nil {
		return nil
	}
	a.relayed = true
	return &Relay{Want{n.userID, kind == background}, w, a, n, w.lines.serve(n, kind)}
}

// End tells what became of the claim, once its transaction is over: nil when it
// was not made or not kept, a job without an id when there was none.
func (r *Relay) End(j *tmates.Job) {
	if r == nil {
		return
	}
	r.w.mu.Lock()
	defer r.w.mu.Unlock()
	kind := kindOf(r.Background)
	switch {
	case j == nil:
		r.w.lines.unserved(r.n, kind)
	case j.ID == "":
		r.w.missed(r.n, kind, r.then)
	default:
		r.from.next, r.from.nextLine = j, r.n
	}
}
