package bench

import "strconv"

// goal is a promise about one figure.
type goal struct {
	what  string
	key   string  // of the figure
	ratio bool    // about the figure's ratio to its limit, not about its value
	most  bool    // at most the bar, else at least
	bar   float64 // in the figure's unit, or times the limit
	peer  string  // who has to be measured beside it to judge; the bar is for that ratio then
}

// goals are in the order they are shown.
var goals = []goal{
	{what: "message, 32 clients: against one commit a write", key: "message.crowd.rate", ratio: true, bar: 3},
	{what: "message, 32 clients: against ntfy, WAL and FULL", key: "message.crowd.rate", bar: 2, peer: "ntfy"},
	{what: "message, 32 clients: against PocketBase, FULL", key: "message.crowd.rate", bar: 12, peer: "PocketBase"},
	{what: "message, 32 clients: 99 of 100 against the median", key: "message.crowd.p99", ratio: true, most: true, bar: 4},
	{what: "message, 1 client: median against a bare commit", key: "message.one.p50", ratio: true, most: true, bar: 3},
	{what: "turn, 1 client: against the upstream-shaped stack", key: "turn.one.rate", bar: 5, peer: "the stack"},
	{what: "turn, 32 clients: against the upstream-shaped stack", key: "turn.crowd.rate", bar: 18, peer: "the stack"},
	{what: "turn, 1 client: CPU against the stack", key: "turn.one.cpu", most: true, bar: 1.0 / 6, peer: "the stack"},
	{what: "turn, 32 clients: CPU against the stack", key: "turn.crowd.cpu", most: true, bar: 1.0 / 20, peer: "the stack"},
	{what: "turn, 32 clients: memory against the stack", key: "turn.crowd.rss", most: true, bar: 1.0 / 8, peer: "the stack"},
	{what: "event to 5,000 sockets: CPU against a bare write", key: "fanout.cpu", ratio: true, most: true, bar: 2},
	{what: "event to 5,000 sockets: CPU against Centrifugo", key: "fanout.cpu", most: true, bar: 0.8, peer: "Centrifugo"},
	{what: "event to 5,000 sockets: the last against Centrifugo's", key: "fanout.last", most: true, bar: 1, peer: "Centrifugo"},
	{what: "event to 5,000 sockets: lost", key: "fanout.lost", most: true, bar: 0},
	{what: "idle socket, at 5,000", key: "sockets.each", most: true, bar: 11},
	{what: "15,000 idle sockets, whole process", key: "sockets.many", most: true, bar: 170},
	{what: "jobs, 4 workers: against goqite", key: "queue.rate", bar: 5, peer: "goqite"},
	{what: "jobs, 4 workers: against River with 100", key: "queue.rate", bar: 3, peer: "River"},
	{what: "job queued to started: median against a bare commit", key: "queue.start", ratio: true, most: true, bar: 3.5},
	{what: "list of 50 threads: against the upstream-shaped stack", key: "reads.small.list.rate", bar: 20, peer: "the stack"},
	{what: "thread of 200: against the upstream-shaped stack", key: "reads.small.thread.rate", bar: 22, peer: "the stack"},
	{what: "thread of 200: against PocketBase", key: "reads.small.thread.rate", bar: 3.5, peer: "PocketBase"},
	{what: "list, 1,000,000 messages: CPU against 100,000", key: "reads.large.list.cpu", ratio: true, most: true, bar: 1.15},
	{what: "thread, 1,000,000 messages: CPU against 100,000", key: "reads.large.thread.cpu", ratio: true, most: true, bar: 1.15},
	{what: "start, empty folder: against an empty web server", key: "start.empty", ratio: true, most: true, bar: 1.8},
	{what: "start, empty folder: against PocketBase", key: "start.empty", most: true, bar: 0.35, peer: "PocketBase"},
	{what: "start, database of 1,000,000 messages: against an empty folder", key: "start.grown", ratio: true, most: true, bar: 1.5},
	{what: "memory, idle", key: "memory.idle", most: true, bar: 25},
	{what: "memory, 20 sockets and traffic", key: "memory.traffic", most: true, bar: 60},
	{what: "size of the program", key: "memory.binary", most: true, bar: 28},
	{what: "upload of 20 MB: against a bare copy", key: "files.up", ratio: true, bar: 0.6},
	{what: "download of 20 MB: against a bare copy", key: "files.down", ratio: true, bar: 0.6},
	{what: "files of 20 MB: memory grows by", key: "files.growth", most: true, bar: 8},
}

// Outcome is how a goal came out.
type Outcome string

// Outcomes of a goal.
const (
	Reached     Outcome = "pass"
	Failed      Outcome = "FAIL"
	NeedsPeer   Outcome = "needs the peer" // nobody can judge it alone
	NotMeasured Outcome = "not measured"
)

// Verdict is a goal and how it came out.
type Verdict struct {
	What    string
	Key     string // of the figure it is about
	Figure  Figure // zero when it was not measured
	Ratio   bool   // the goal is about the figure's ratio to its limit
	Bar     string // "<= 3 x"
	Outcome Outcome
}

// Judge holds the goals of the scenarios that ran against a result, in their
// order.
func Judge(r Result) (all []Verdict) {
	ran := map[string]bool{}
	for _, f := range r.Figures {
		ran[scenarioOf(f.Key)] = true
	}
	for _, g := range goals {
		if !ran[scenarioOf(g.key)] {
			continue
		}
		v := Verdict{What: g.what, Key: g.key, Ratio: g.ratio, Bar: g.text(), Outcome: NotMeasured}
		if f, ok := r.Figure(g.key); ok {
			v.Figure, v.Outcome = f, g.judge(f)
		}
		all = append(all, v)
	}
	return all
}

func (g goal) judge(f Figure) Outcome {
	if g.peer != "" {
		return NeedsPeer
	}
	value := f.Value
	if g.ratio {
		if f.Against == nil {
			return NotMeasured
		}
		value = f.Against.Ratio
	}
	if g.most && value <= g.bar || !g.most && value >= g.bar {
		return Reached
	}
	return Failed
}

// text writes the bar: "<= 3 x", ">= 2 x ntfy", "<= 25".
func (g goal) text() string {
	sign := ">= "
	if g.most {
		sign = "<= "
	}
	number := strconv.FormatFloat(g.bar, 'g', 3, 64)
	if g.bar > 0 && g.bar < 0.2 {
		number = "1/" + strconv.FormatFloat(1/g.bar, 'g', 3, 64)
	}
	switch {
	case g.peer != "":
		return sign + number + " x " + g.peer
	case g.ratio:
		return sign + number + " x"
	}
	return sign + number
}
