package hub

import (
	"runtime/debug"
	"time"
)

// When many sockets end within ebbTime, their memory is given back to the
// system ebbTime later, but at most once in ebbPause: it takes a collection.
const (
	ebbSockets = 500
	ebbTime    = 5 * time.Second
	ebbPause   = time.Minute
)

// ebb notices when many sockets have ended. It is guarded by the hub's lock.
type ebb struct {
	free    func() // gives memory back; nil: [debug.FreeOSMemory]
	since   time.Time
	count   int // sockets that ended since then
	timer   *time.Timer
	planned time.Time // when memory is given back, or was the last time
}

// left counts a socket that ended.
func (e *ebb) left() {
	now := time.Now()
	if now.Sub(e.since) > ebbTime {
		e.since, e.count = now, 0
	}
	if e.count++; e.count != ebbSockets {
		return
	}
	if now.Before(e.planned) {
		return // it will see to these, too
	}
	next := e.planned.Add(ebbPause)
	if e.planned = now.Add(ebbTime); e.planned.Before(next) {
		e.planned = next
	}
	free := e.free
	if free == nil {
		free = debug.FreeOSMemory
	}
	e.timer = time.AfterFunc(e.planned.Sub(now), free)
}

// stop forgets what is planned.
func (e *ebb) stop() {
	if e.timer != nil {
		e.timer.Stop()
	}
}
