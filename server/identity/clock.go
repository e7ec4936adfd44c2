package identity

import (
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/tmates/tmates/store/tmates"
)

// clockSlack is how far a clock may be set back without anything happening.
const clockSlack = time.Minute

// clock is the machine's clock, held against the newest time ever stored. A
// small machine without a battery starts in the past until the network tells it
// the time; tokens issued then would be expired for every client, which would
// refresh for ever.
type clock struct {
	read   func() time.Time
	newest atomic.Int64 // Unix microseconds
	wrong  atomic.Bool
	log    *slog.Logger
}

func newClock(read func() time.Time, newest time.Time, log *slog.Logger) *clock {
	c := &clock{read: read, log: log}
	if !newest.IsZero() {
		c.newest.Store(newest.UnixMicro())
	}
	return c
}

// issuing returns an Unavailable error while the clock is behind, when nothing
// may be issued.
func (c *clock) issuing() error {
	now := c.read()
	newest := c.newest.Load()
	if now.UnixMicro() < newest-clockSlack.Microseconds() {
		if !c.wrong.Swap(true) {
			c.log.Error("the clock of this machine is behind the newest stored time: nobody can log in until it is set right",
				"clock", now, "newest", time.UnixMicro(newest).UTC())
		}
		return unavailable(tmates.E(tmates.Internal, "clock", nil, "the clock is behind"))
	}
	if c.wrong.Swap(false) {
		c.log.Info("the clock of this machine is right again", "clock", now)
	}
	for now.UnixMicro() > newest && !c.newest.CompareAndSwap(newest, now.UnixMicro()) {
		newest = c.newest.Load()
	}
	return nil
}

// checking returns the newest time that is known. While the clock is behind, it
// is nearer to the truth: a client that shows a good token must not be refused
// because this machine just started.
func (c *clock) checking() time.Time {
	return later(c.read(), time.UnixMicro(c.newest.Load()).UTC())
}
