package lab

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tmates/tmates/store/tmates"
)

// remains is what a dead program left in its database.
type remains struct {
	faults   []string
	messages []message // by seq
	jobs     map[string]job
	threads  []thread
	lastSeq  int64
}

type message struct {
	shown
	thread, user, job string
}

type job struct {
	id, user, thread, state, question string
	outcomes                          int
}

type thread struct {
	id, last string
	seq      int64
}

// examine reads a copy of the database of a folder: opening the database itself
// would mend it before the program can.
func examine(t *testing.T, dir string) *remains {
	t.Helper()
	there := t.TempDir()
	if err := copyDatabase(dir, there); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(there, "tmates.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	r := &remains{jobs: map[string]job{}}
	var m message
	var j job
	var th thread
	var line string
	r.each(db, "PRAGMA integrity_check", []any{&line}, func() {
		if line != "ok" {
			r.fault("integrity: %s", line)
		}
	})
	r.each(db, `SELECT "table" || ' ' || rowid FROM pragma_foreign_key_check`, []any{&line}, func() { r.fault("foreign key: %s", line) })
	r.each(db, `SELECT value FROM sequences WHERE name = 'message'`, []any{&r.lastSeq}, func() {})
	r.each(db, `SELECT id, seq, role, content, thread_id, user_id, COALESCE(job_id, '') FROM messages ORDER BY seq`,
		[]any{&m.ID, &m.Seq, &m.Role, &m.Content, &m.thread, &m.user, &m.job}, func() { r.messages = append(r.messages, m) })
	r.each(db, `SELECT id, user_id, thread_id, state, COALESCE(metadata ->> 'message_id', ''), (SELECT COUNT(*) FROM messages WHERE job_id = jobs.id) FROM jobs`,
		[]any{&j.id, &j.user, &j.thread, &j.state, &j.question, &j.outcomes}, func() { r.jobs[j.id] = j })
	r.each(db, `SELECT id, last_message, last_seq FROM threads`, []any{&th.id, &th.last, &th.seq}, func() { r.threads = append(r.threads, th) })
	return r
}

func (r *remains) fault(format string, a ...any) {
	r.faults = append(r.faults, fmt.Sprintf(format, a...))
}

// each calls f for each row once it stands in into.
func (r *remains) each(db *sql.DB, query string, into []any, f func()) {
	rows, err := db.Query(query)
	if err != nil {
		r.fault("%s: %v", query, err)
		return
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			r.fault("%s: %v", query, err)
			return
		}
		f()
	}
	if err := rows.Err(); err != nil {
		r.fault("%s: %v", query, err)
	}
}

// check compares what is left with what was promised. With ended, nothing is
// left to do and everybody was shown everything.
func (r *remains) check(people []*person, ended bool) []string {
	r.checkThreads()
	r.checkJobs(ended)
	for _, p := range people {
		r.checkWords(p)
		r.checkWork(p)
		r.checkShown(p, ended)
		r.faults = append(r.faults, p.faults...)
	}
	return r.faults
}

// checkThreads checks numbers, and that a thread repeats its last message.
func (r *remains) checkThreads() {
	last := map[string]message{}
	var seq int64
	for _, m := range r.messages {
		if m.Seq == seq {
			r.fault("seq %d stands twice", seq)
		}
		seq = m.Seq
		last[m.thread] = m
	}
	if seq > r.lastSeq {
		r.fault("message %d stands beyond the counter, %d", seq, r.lastSeq)
	}
	for _, th := range r.threads {
		if m := last[th.id]; th.seq != m.Seq || th.last != tmates.Preview(m.Content) {
			r.fault("thread %s repeats %d %q; its last message is %d %q", th.id, th.seq, th.last, m.Seq, m.Content)
		}
	}
}

// checkJobs checks that each job has its one outcome, and each question its job.
func (r *remains) checkJobs(ended bool) {
	asked := map[string]int{}
	for _, j := range r.jobs {
		asked[j.question]++
		if j.outcomes > 1 || j.state == "succeeded" && j.thread != "" && j.outcomes != 1 {
			r.fault("job %s is %s and has %d outcomes", j.id, j.state, j.outcomes)
		}
		if ended && j.state != "succeeded" && j.state != "cancelled" {
			r.fault("job %s is %s in the end", j.id, j.state)
		}
	}
	for _, m := range r.messages {
		if m.Role == tmates.MessageUser && m.Content != stopWord && asked[m.ID] != 1 {
			r.fault("%q has %d jobs", m.Content, asked[m.ID])
		}
	}
}

// checkWords checks that every accepted message was kept, once and in order.
// What was kept but never acknowledged may stand between them.
func (r *remains) checkWords(p *person) {
	kept := map[string][]string{}
	for _, m := range r.messages {
		if m.user == p.ID && m.Role == tmates.MessageUser && m.Content != stopWord {
			by := m.Content[:strings.LastIndexByte(m.Content, '-')]
			kept[by] = append(kept[by], m.Content)
		}
	}
	for by, texts := range kept {
		once := map[string]bool{}
		for _, text := range texts {
			if once[text] {
				r.fault("%q is kept twice", text)
			}
			once[text] = true
		}
		at := 0
		for _, text := range p.accepted[by] {
			for at < len(texts) && texts[at] != text {
				at++
			}
			if at == len(texts) {
				r.fault("%q was accepted, but is missing or out of order", text)
				break
			}
		}
	}
	for by, texts := range p.accepted {
		if len(kept[by]) == 0 {
			r.fault("%q and %d more were accepted, but they are missing", texts[0], len(texts)-1)
		}
	}
}

// checkWork checks that accepted jobs are there, and cancelled ones stay so.
func (r *remains) checkWork(p *person) {
	for _, id := range p.jobs {
		if r.jobs[id].user != p.ID {
			r.fault("job %s was accepted, but is missing", id)
		}
	}
	for _, id := range p.cancelled {
		if state := r.jobs[id].state; state != "cancelled" {
			r.fault("job %s was cancelled, but is %q", id, state)
		}
	}
}

// checkShown checks that what sockets were shown is kept, and with all that it
// is everything.
func (r *remains) checkShown(p *person, all bool) {
	for thread, seen := range p.shown {
		kept := map[int64]shown{}
		n := 0
		for _, m := range r.messages {
			if m.thread == thread {
				kept[m.Seq] = m.shown
				n++
			}
		}
		for _, m := range seen {
			if kept[m.Seq] != m {
				r.fault("person %d was shown %+v, kept is %+v", p.number, m, kept[m.Seq])
			}
		}
		if all && n != len(seen) {
			r.fault("person %d was shown %d messages of thread %s, which has %d", p.number, len(seen), thread, n)
		}
	}
}
