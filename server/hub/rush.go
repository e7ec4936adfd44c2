package hub

import (
	"runtime/debug"
	"time"
)

// When many sockets come or end within rushTime, what their handshakes took or
// they held is given back to the system rushTime later, but at most once in
// rushPause: it takes a collection.
const (
	rushSockets = 500
	rushTime    = 5 * time.Second
	rushPause   = time.Minute
)

// rush notices when many sockets come, or end. It is guarded by the hub's lock.
type rush struct {
	free    func() // gives memory back; nil: [debug.FreeOSMemory]
	since   time.Time
	count   int // sockets since then
	timer   *time.Timer
	planned time.Time // when memory is given back, or was the last time
}

// one counts a socket.
func (r *rush) one() {
	now := time.Now()
	if now.Sub(r.since) > rushTime {
		r.since, r.count = now, 0
	}
	if r.count++; r.count != rushSockets {
		return
	}
	if now.Before(r.planned) {
		return // it will see to these, too
	}
	next := r.planned.Add(rushPause)
	if r.planned = now.Add(rushTime); r.planned.Before(next) {
		r.planned = next
	}
	free := r.free
	if free == nil {
		free = debug.FreeOSMemory
	}
	r.timer = time.AfterFunc(r.planned.Sub(now), free)
}

// stop forgets what is planned.
func (r *rush) stop() {
	if r.timer != nil {
		r.timer.Stop()
	}
}
