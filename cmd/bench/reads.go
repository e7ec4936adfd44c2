package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/tmates/tmates/store"
)

// databaseName is the file a grown database is in.
const databaseName = store.FileName

// readers is how many clients read at a time.
const readers = 8

// database returns a folder with a grown database of so many messages; it is
// grown once a run.
func (r *run) database(ctx context.Context, messages int) (dir string, err error) {
	if dir, ok := r.grown[messages]; ok {
		return dir, nil
	}
	dir = filepath.Join(r.dir, "grown-"+strconv.Itoa(messages))
	begun := time.Now()
	if _, err := Grow(ctx, GrowOptions{Data: dir, Messages: messages, Seed: 1}); err != nil {
		return "", err
	}
	_, _ = fmt.Fprintf(r.o.Progress, "  grew a database of %d messages in %v\n", messages, time.Since(begun).Round(time.Second))
	r.grown[messages] = dir
	return dir, nil
}

// largest is how many messages the largest database of this run has.
func (r *run) largest() int {
	if r.o.Full {
		return r.o.Sizes.Large
	}
	return r.o.Sizes.Small
}

// reads measures the two reads every client makes, on a database of some size
// and on one ten times as large.
func (r *run) reads(ctx context.Context) error {
	s := series{}
	sizes := []group{{"small", r.o.Sizes.Small}}
	if r.o.Full {
		sizes = append(sizes, group{"large", r.o.Sizes.Large})
	}
	var all []*reader
	for _, g := range sizes {
		v, err := r.reader(ctx, g.n)
		if err != nil {
			return err
		}
		all = append(all, v)
	}
	for range passes {
		for i, v := range all {
			if err := v.measure(ctx, s, "reads."+sizes[i].name, r.o.Time); err != nil {
				return err
			}
		}
	}
	for i, g := range sizes {
		for _, one := range []struct{ name, what string }{{"list", "list of 50 threads"}, {"thread", "thread of 200"}} {
			key, base, what := "reads."+g.name+"."+one.name, "", ""
			if i > 0 {
				base, what = "reads.small."+one.name+".cpu", fmt.Sprintf("%d messages", sizes[0].n)
			}
			of := fmt.Sprintf("%d messages, %s, ", g.n, one.what)
			r.plain(s, key+".rate", of+"8 clients", "/s")
			r.figure(s, key+".cpu", of+"CPU", "us", base, what)
		}
	}
	return nil
}

// reader is a server on a grown database, and the account that owns it.
type reader struct {
	server  *server
	person  *person
	threads []string
}

func (r *run) reader(ctx context.Context, messages int) (v *reader, err error) {
	dir, err := r.database(ctx, messages)
	if err != nil {
		return nil, err
	}
	v = &reader{}
	if v.server, err = r.serve(ctx, filepath.Base(dir)); err != nil {
		return nil, err
	}
	if v.person, err = v.server.login(ctx, GrownEmail); err != nil {
		return v, err
	}
	var list []struct {
		ID string `json:"id"`
	}
	if err = v.person.do(ctx, http.MethodGet, "/v1/chats?limit=50", nil, &list); err != nil {
		return v, err
	}
	for _, t := range list {
		v.threads = append(v.threads, t.ID)
	}
	if len(v.threads) == 0 {
		err = errors.New("the grown database shows no threads")
	}
	return v, err
}

// measure reads as fast as it goes, first lists, then threads.
func (v *reader) measure(ctx context.Context, s series, key string, d time.Duration) error {
	var turn atomic.Int64
	for name, path := range map[string]func() string{
		"list":   func() string { return "/v1/chats?limit=50" },
		"thread": func() string { return "/v1/chats/" + v.threads[int(turn.Add(1))%len(v.threads)] + "?limit=200" },
	} {
		var n atomic.Int64
		before, begun := v.server.cpu(), time.Now()
		err := parallel(ctx, readers, func(ctx context.Context, _ int) error {
			for first := true; first || time.Since(begun) < d; first = false {
				if err := v.person.do(ctx, http.MethodGet, path(), nil, nil); err != nil {
					return err
				}
				n.Add(1)
			}
			return nil
		})
		if err != nil {
			return err
		}
		s.add(key+"."+name+".rate", float64(n.Load())/time.Since(begun).Seconds())
		if cpu := v.server.cpu() - before; cpu > 0 {
			s.add(key+"."+name+".cpu", microseconds(cpu)/float64(n.Load()))
		}
	}
	return nil
}
