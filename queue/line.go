package queue

import (
	"cmp"

	"github.com/tmates/tmates/store/tmates"
)

// line is where the jobs of one user stand. It exists while some wait or run.
type line struct {
	userID  string
	ready   [2]int  // jobs that wait, by kind; more than there are when some were cancelled
	fresh   [2]int  // jobs that were said to wait since the last look around began, by kind
	changes int     // jobs that were said to wait, and jobs that ended, so far
	blocked [2]bool // what waits cannot begin before something running ends, by kind
	running int
	served  int // see lines.turn
	came    int // orders those who were never served
}

// The kinds of jobs, in the order in which they are served.
const (
	watched    = iota // somebody waits for the answer
	background        // nobody does
	kinds
)

func kindOf(inBackground bool) int {
	if inBackground {
		return background
	}
	return watched
}

// backgroundTurn is which claim in a row looks at the background first, so that
// a busy chat does not keep work from its end for ever.
const backgroundTurn = 8

// lines are the users who have jobs. They hold numbers only: the jobs themselves
// stay in the storage.
type lines struct {
	all     map[string]*line // by user id
	perUser int              // jobs of one user that run at a time
	came    int              // users so far
	claims  int              // so far
	// turn grows by two with each job that begins and stamps who was served; who comes new
	// is stamped before the newest, so that they wait for nobody twice.
	turn int
}

// of returns the user's line, a new one if need be.
func (l *lines) of(userID string) *line {
	n := l.all[userID]
	if n == nil {
		l.came++
		n = &line{userID: userID, served: l.turn - 1, came: l.came}
		l.all[userID] = n
	}
	return n
}

// tidy forgets a line in which nobody stands.
func (l *lines) tidy(n *line) {
	if n.running == 0 && n.ready == [kinds]int{} {
		delete(l.all, n.userID)
	}
}

// before reports whether a line is served before another: the one with the
// fewest running jobs, then the one that was served longest ago.
func (n *line) before(other *line) bool {
	return cmp.Or(cmp.Compare(n.running, other.running), cmp.Compare(n.served, other.served), cmp.Compare(n.came, other.came)) < 0
}

// next returns who is served next, and with what; nil when nobody can be.
func (l *lines) next() (n *line, kind int) {
	first := watched
	if l.claims%backgroundTurn == backgroundTurn-1 {
		first = background
	}
	for k := range kinds {
		kind = (first + k) % kinds
		for _, other := range l.all {
			if other.ready[kind] == 0 || other.blocked[kind] || other.running >= l.perUser {
				continue
			}
			if n == nil || other.before(n) {
				n = other
			}
		}
		if n != nil {
			return n, kind
		}
	}
	return nil, 0
}

// nextAfter is next once a running job of the line will have ended.
func (l *lines) nextAfter(ending *line) (n *line, kind int) {
	blocked := ending.blocked
	ending.running--
	ending.blocked = [kinds]bool{}
	n, kind = l.next()
	ending.running++
	if n == nil {
		ending.blocked = blocked
	}
	return n, kind
}

// lookBegins is said before the ready jobs are counted.
func (l *lines) lookBegins() {
	for _, n := range l.all {
		n.fresh = [kinds]int{}
	}
}

// counted takes note of the ready jobs of one user and kind. Those that came while they
// were counted may be among them or not: a job too many is found out, one too few waits
// for ever.
func (l *lines) counted(r tmates.ReadyJobs) {
	n, kind := l.of(r.UserID), kindOf(r.Background)
	n.ready[kind], n.blocked[kind] = max(n.ready[kind], r.Jobs+n.fresh[kind]), false
}

// add puts a job into the line.
func (n *line) add(kind int) {
	n.ready[kind]++
	n.fresh[kind]++
	n.changes++
}

// serve takes a job out of a line to claim it. It returns what missed needs.
func (l *lines) serve(n *line, kind int) (changes int) {
	l.claims++
	n.ready[kind]--
	l.began(n)
	return n.changes
}

// began counts a job that runs from now on, or is about to.
func (l *lines) began(n *line) {
	l.turn += 2
	n.running++
	n.served = l.turn
}

// unserved undoes serve when the claim was not made.
func (l *lines) unserved(n *line, kind int) {
	n.running--
	n.ready[kind]++
}

// missed undoes serve when no job of the kind could begin. What was stored, or
// ended, since then may have come too late for the storage's answer. It reports
// whether the line is in doubt: its jobs were cancelled, or stand behind one that
// nobody was told of yet.
func (l *lines) missed(n *line, kind, changes int) (doubtful bool) {
	n.running--
	other := kinds - 1 - kind
	switch {
	case n.changes != changes:
		n.ready[kind]++
		n.blocked[kind] = false
	case n.running > 0, n.ready[other] > 0 && !n.blocked[other]: // perhaps it waits for one of these
		n.ready[kind]++
		n.blocked[kind] = true
	default:
		n.ready, n.blocked = [kinds]int{}, [kinds]bool{}
		doubtful = true
	}
	l.tidy(n)
	return doubtful
}

// ended takes a job out of those that run.
func (l *lines) ended(n *line) {
	n.running--
	n.changes++
	n.blocked = [kinds]bool{}
	l.tidy(n)
}
