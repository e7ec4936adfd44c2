package bench

import (
	"context"
	"fmt"
	"time"
)

// sockets measures what idle sockets take: each of many, a crowd together, and
// what is left of it once they are gone.
func (r *run) sockets(ctx context.Context) error {
	n, s := r.o.Sizes, series{}
	settings := r.manySockets(n.Many)
	if settings == nil {
		n.Many = min(n.Many, maxSockets)
	}
	server, err := r.serve(ctx, "sockets", settings...)
	if err != nil {
		return err
	}
	if _, ok := server.usage(); !ok {
		r.missing("sockets.each", "memory of an idle socket", noProc)
		return nil
	}
	urls, err := server.listeners(ctx, n.Many, settings == nil)
	if err != nil {
		return err
	}
	client, err := r.helper(ctx, helperLoad)
	if err != nil {
		return err
	}
	// The code that serves sockets is in memory once the first are there: it is
	// not what one more takes.
	first := min(perPerson, n.Idle/2)
	var at []usage // with the first, with some, with many, after
	for _, open := range []int{first, n.Idle - first, n.Many - n.Idle, -1} {
		pause := n.Settle
		switch {
		case open > 0:
			err = client.openSockets(open, urls, false)
		case open < 0:
			pause *= 3 // memory is given back some seconds after many have left
			_, err = client.ask(order{Do: "close"})
		}
		if err != nil {
			return err
		}
		u, err := server.settled(ctx, pause)
		if err != nil {
			return err
		}
		at = append(at, u)
	}
	s.add("sockets.each", float64(at[1].rss-at[0].rss)/1024/float64(n.Idle-first))
	s.add("sockets.first", float64(at[0].rss)/1e6)
	s.add("sockets.many", float64(at[2].rss)/1e6)
	s.add("sockets.files", float64(at[2].files))
	s.add("sockets.left", float64(at[3].rss)/1e6)
	r.plain(s, "sockets.each", fmt.Sprintf("%d sockets, memory of each", n.Idle), "KiB")
	r.plain(s, "sockets.many", fmt.Sprintf("%d sockets, whole process", n.Many), "MB")
	if settings == nil { // a goal for more must not be reached with fewer
		r.figures[len(r.figures)-1].Key = "sockets.fewer"
		r.missing("sockets.many", fmt.Sprintf("%d sockets, whole process", r.o.Sizes.Many), noKeys)
	}
	r.plain(s, "sockets.files", "open descriptors then", "")
	r.figure(s, "sockets.left", "after they have gone", "MB", "sockets.first", fmt.Sprintf("with the first %d", first))
	return nil
}

// listeners returns addresses for so many sockets: of one person, or of as many
// people as it takes when nobody may have more than some.
func (s *server) listeners(ctx context.Context, sockets int, bounded bool) (urls []string, err error) {
	n := 1
	if bounded {
		n = (sockets + perPerson - 1) / perPerson
	}
	people, err := s.people(ctx, n)
	for _, p := range people {
		urls = append(urls, p.socketURL())
	}
	return urls, err
}

// settled returns what a server uses after a rest.
func (s *server) settled(ctx context.Context, d time.Duration) (usage, error) {
	if err := rest(ctx, d); err != nil {
		return usage{}, err
	}
	u, _ := s.usage()
	return u, nil
}
