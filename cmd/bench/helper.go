package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// order is what a helper is told, one JSON object a line.
type order struct {
	Do    string   `json:"do"`
	N     int      `json:"n,omitempty"`     // sockets, rounds or events
	URLs  []string `json:"urls,omitempty"`  // where sockets are opened, in turns; host:port for bare ones
	Bytes int      `json:"bytes,omitempty"` // of an event
}

// report is what it answers.
type report struct {
	N     int    `json:"n"`               // how many were opened, written or received
	At    int64  `json:"at,omitempty"`    // when the last one came, nanoseconds since 1970
	Bytes int    `json:"bytes,omitempty"` // of the newest event
	Error string `json:"error,omitempty"`
}

// Helpers are the names [Helper] knows.
const (
	helperLoad  = "load"  // opens many sockets and counts what comes
	helperWrite = "write" // writes to bare sockets: the limit of fanning out
	helperFloor = "floor" // the least a server of this kind can be: the limit of starting and of files
)

// Helper is the body of the hidden process the bench starts itself anew as, so
// that the CPU time of either side can be told apart. It ends with its input.
func Helper(ctx context.Context, name, dir string, in io.Reader, out io.Writer) error {
	switch name {
	case helperLoad:
		l := newLoad()
		defer l.close()
		return obey(ctx, in, out, l.obey)
	case helperWrite:
		w, err := newWriter(ctx)
		if err != nil {
			return err
		}
		defer w.close()
		if _, err := fmt.Fprintln(out, "listening on:", w.listener.Addr()); err != nil {
			return err
		}
		return obey(ctx, in, out, w.obey)
	case helperFloor:
		return floor(ctx, dir, in, out)
	}
	return fmt.Errorf("there is no helper %q", name)
}

// maxOrder bounds an order, in bytes: it names the sockets of hundreds of people.
const maxOrder = 4 << 20

// obey carries out one order after the other.
func obey(ctx context.Context, in io.Reader, out io.Writer, do func(context.Context, order, func(report) error) error) error {
	answers := json.NewEncoder(out)
	say := func(r report) error { return answers.Encode(r) }
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxOrder)
	for lines.Scan() && ctx.Err() == nil {
		var o order
		err := json.Unmarshal(lines.Bytes(), &o)
		if err == nil {
			err = do(ctx, o, say)
		}
		if err != nil {
			err = say(report{Error: err.Error()})
		}
		if err != nil {
			return err
		}
	}
	return lines.Err()
}

// helper starts a helper. It stops with the scenario.
func (r *run) helper(ctx context.Context, name string) (*child, error) {
	c, err := r.spawn(ctx, nil, "bench", "child", name, r.dir)
	if err == nil {
		c.quit = sync.OnceFunc(func() { _ = c.in.Close() })
		r.finally(c.stop)
	}
	return c, err
}

// openSockets opens sockets from a load helper.
func (c *child) openSockets(n int, urls []string, bare bool) error {
	do := "open"
	if bare {
		do = "bare"
	}
	got, err := c.ask(order{Do: do, N: n, URLs: urls})
	if err == nil && got.N != n {
		err = fmt.Errorf("open sockets: %d of %d", got.N, n)
	}
	return err
}

// counted tells a load helper to count events while act makes them. It returns
// how many came, and how long the last one took from the beginning of act.
func (c *child) counted(n, bytes int, act func() error) (got report, last time.Duration, err error) {
	if _, err = c.ask(order{Do: "count", N: n, Bytes: bytes}); err != nil {
		return got, 0, err
	}
	begun := time.Now()
	errAct := act()
	got, err = c.report()
	return got, time.Duration(got.At - begun.UnixNano()), errors.Join(errAct, err)
}
