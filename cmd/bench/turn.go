package bench

import (
	"context"
	"strconv"
)

// turn measures how long a message takes to the reply of a tmate that does
// nothing: kept, queued, claimed, answered, kept again and shown. A crowd has as
// many workers as it has people.
func (r *run) turn(ctx context.Context) error {
	s := series{}
	groups := []group{{"one", 1}, {"crowd", r.o.Sizes.Crowd}}
	var rooms [][]*talker
	for _, g := range groups {
		all, err := r.busy(ctx, "turn-"+g.name, g.n, setting{"queue.workers", strconv.Itoa(max(4, g.n))})
		if err != nil {
			return err
		}
		rooms = append(rooms, all)
	}
	for range passes {
		for i, g := range groups {
			t, err := speak(ctx, rooms[i], r.o.Time)
			if err != nil {
				return err
			}
			t.note(s, "turn."+g.name)
			if u, ok := rooms[i][0].server.usage(); ok {
				s.add("turn."+g.name+".rss", float64(u.rss)/1e6)
			}
		}
	}
	for _, g := range groups {
		key, who := "turn."+g.name, clients(g.n)
		r.plain(s, key+".p50", who+", median", "ms")
		r.figure(s, key+".p99", who+", 99 of 100", "ms", key+".p50", "the median")
		r.plain(s, key+".rate", who+", turns", "/s")
		r.plain(s, key+".cpu", who+", CPU a turn", "us")
		r.plain(s, key+".rss", who+", memory", "MB")
	}
	return nil
}

// busy starts a server whose people talk to the tmate that answers at once.
func (r *run) busy(ctx context.Context, folder string, people int, settings ...setting) ([]*talker, error) {
	s, err := r.serve(ctx, folder, settings...)
	if err != nil {
		return nil, err
	}
	if _, err := s.people(ctx, 1); err != nil { // founds the organisation that hires
		return nil, err
	}
	if err := s.hire(ctx); err != nil {
		return nil, err
	}
	all, err := r.talkers(ctx, s, people, noop, reply)
	if err != nil {
		return nil, err
	}
	_, err = speak(ctx, all, r.o.Time/4)
	return all, err
}
