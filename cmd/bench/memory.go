package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// ordinary is how many people with a socket each a household or a small office
// has.
const ordinary = 20

// memory measures what the program takes while nothing happens and while some
// people talk, and how large it is.
func (r *run) memory(ctx context.Context) error {
	s := series{}
	info, err := os.Stat(r.o.Command[0])
	if err != nil {
		return fmt.Errorf("look at the program: %w", err)
	}
	s.add("memory.binary", float64(info.Size())/1e6)
	r.plain(s, "memory.binary", "the program as a file", "MB")
	idle, err := r.serve(ctx, "memory-idle")
	if err != nil {
		return err
	}
	u, err := idle.settled(ctx, r.o.Sizes.Settle)
	if err := errors.Join(err, idle.stop()); err != nil {
		return err
	}
	if u.rss > 0 {
		s.add("memory.idle", float64(u.rss)/1e6)
	}
	r.plain(s, "memory.idle", fmt.Sprintf("idle, %v after its start", r.o.Sizes.Settle), "MB")
	all, err := r.busy(ctx, "memory", ordinary)
	if err != nil {
		return err
	}
	for range passes {
		if _, err := speak(ctx, all, r.o.Time); err != nil {
			return err
		}
		if u, ok := all[0].server.usage(); ok {
			s.add("memory.traffic", float64(u.rss)/1e6)
		}
	}
	r.plain(s, "memory.traffic", fmt.Sprintf("%d sockets, everybody talks as fast as they are answered", ordinary), "MB")
	return nil
}
