package bench

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Sockets one person, and all together, may have in a program without settings
// for that.
const (
	perPerson  = 64
	maxSockets = 10_000
)

const noKeys = "this program has no keys for the bounds of sockets"

// manySockets lifts the bounds of sockets; nil when this program has no such
// keys.
func (r *run) manySockets(total int) []setting {
	wanted := []setting{{"sockets.max", strconv.Itoa(total + 100)}, {"sockets.per_user", strconv.Itoa(total + 100)}}
	for _, s := range wanted {
		if !s.known(r.dir) {
			return nil
		}
	}
	return wanted
}

// fanout measures what one event costs for each of many sockets of one person,
// and when the last of them has it. The event is a post on the Pinboard of an
// organisation with one member: nothing else happens with it.
func (r *run) fanout(ctx context.Context) error {
	n, s := r.o.Sizes.Fan, series{}
	settings := r.manySockets(n)
	if settings == nil && n > perPerson {
		r.missing("fanout.cpu", fmt.Sprintf("%d sockets, CPU a delivery", n), noKeys)
		return nil
	}
	server, err := r.serve(ctx, "fanout", settings...)
	if err != nil {
		return err
	}
	people, err := server.people(ctx, 1)
	if err != nil {
		return err
	}
	f := fan{run: r, server: server, person: people[0]}
	if err := f.open(ctx, n); err != nil {
		return err
	}
	for range passes {
		if err := f.pass(ctx, s, n); err != nil {
			return err
		}
	}
	s.add("fanout.lost", float64(f.lost))
	what := fmt.Sprintf("%d sockets, ", n)
	r.figure(s, "fanout.cpu", what+"CPU a delivery", "us", "bare.cpu", "one bare write")
	r.figure(s, "fanout.last", what+"the last has it, median", "ms", "bare.last", "bare writes")
	r.plain(s, "fanout.lost", what+"events lost", "")
	return nil
}

// fan is a server with many sockets, and beside it bare ones.
type fan struct {
	*run
	server       *server
	person       *person
	sockets      *child // client of the server
	bare, writer *child // client and server of bare sockets
	lost         int    // events in all passes
}

func (f *fan) open(ctx context.Context, n int) (err error) {
	if f.sockets, err = f.helper(ctx, helperLoad); err != nil {
		return err
	}
	if f.bare, err = f.helper(ctx, helperLoad); err != nil {
		return err
	}
	if f.writer, err = f.helper(ctx, helperWrite); err != nil {
		return err
	}
	address, err := f.writer.line("listening on:")
	if err != nil {
		return err
	}
	if err := f.sockets.openSockets(n, []string{f.person.socketURL()}, false); err != nil {
		return err
	}
	return f.bare.openSockets(n, []string{address}, true)
}

// pass sends some events to all sockets, and then as many bytes to the bare ones.
func (f *fan) pass(ctx context.Context, s series, n int) error {
	body := map[string]string{"title": "One for all", "content_md": strings.TrimSpace(rowText[:200])}
	size := 0
	last, cpu, err := f.events(f.server.child, func() (took time.Duration, err error) {
		got, took, err := f.sockets.counted(n, 0, func() error { return f.person.do(ctx, http.MethodPost, "/v1/pinboard", body, nil) })
		size = got.Bytes
		f.lost += n - got.N
		return took, err
	})
	if err != nil {
		return err
	}
	bareLast, bareCPU, err := f.events(f.writer, func() (took time.Duration, err error) {
		_, took, err = f.bare.counted(n, size, func() error {
			_, err := f.writer.ask(order{Do: "write", N: 1, Bytes: size})
			return err
		})
		return took, err
	})
	if err != nil {
		return err
	}
	s.add("fanout.last", milliseconds(percentile(last, 0.5)))
	s.add("bare.last", milliseconds(percentile(bareLast, 0.5)))
	if cpu > 0 && bareCPU > 0 {
		s.add("fanout.cpu", microseconds(cpu)/float64(n*f.o.Sizes.Events))
		s.add("bare.cpu", microseconds(bareCPU)/float64(n*f.o.Sizes.Events))
	}
	return nil
}

// events sends the events of a pass one after the other. It returns how long
// each took to the last socket, and what CPU the sender needed for all.
func (f *fan) events(sender *child, send func() (time.Duration, error)) (last []time.Duration, cpu time.Duration, err error) {
	before := sender.cpu()
	for range f.o.Sizes.Events {
		took, err := send()
		if err != nil {
			return nil, 0, err
		}
		last = append(last, took)
	}
	return last, sender.cpu() - before, nil
}
