package bench

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// post is the mark of the event that is fanned out.
const post = `"type":"pinboard_post"`

// atOnce is how many handshakes run at a time.
const atOnce = 64

// load is the client of many sockets.
type load struct {
	mu      sync.Mutex
	sockets []interface{ Close() error }
	readers sync.WaitGroup

	bare   atomic.Int64 // bytes of an event on a bare socket
	came   atomic.Int64 // events since the last order to count
	wanted atomic.Int64
	size   atomic.Int64
	last   atomic.Int64 // when the wanted-th came
	all    chan struct{}
}

func newLoad() *load { return &load{all: make(chan struct{}, 1)} }

func (l *load) obey(ctx context.Context, o order, say func(report) error) error {
	switch o.Do {
	case "open", "bare":
		err := l.open(ctx, o)
		if err != nil {
			return err
		}
		return say(report{N: o.N})
	case "count":
		return l.count(ctx, o, say)
	case "close":
		n := l.close()
		return say(report{N: n})
	}
	return fmt.Errorf("there is no order %q", o.Do)
}

// open opens sockets of the program, or bare ones.
func (l *load) open(ctx context.Context, o order) error {
	var next atomic.Int64
	return parallel(ctx, min(atOnce, o.N), func(ctx context.Context, _ int) error {
		for i := next.Add(1); i <= int64(o.N); i = next.Add(1) {
			url := o.URLs[int(i-1)%len(o.URLs)]
			var err error
			if o.Do == "bare" {
				err = l.dialBare(ctx, url)
			} else {
				err = l.dial(ctx, url)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (l *load) dial(ctx context.Context, url string) error {
	d := websocket.Dialer{HandshakeTimeout: time.Minute, ReadBufferSize: 1024, WriteBufferSize: 512}
	conn, res, err := d.DialContext(ctx, url, nil)
	if res != nil && res.Body != nil {
		_ = res.Body.Close()
	}
	if err != nil {
		return fmt.Errorf("open socket: %w", err)
	}
	l.add(conn)
	l.readers.Go(func() {
		for {
			_, frame, err := conn.ReadMessage()
			if err != nil {
				return
			}
			if bytes.Contains(frame, []byte(post)) {
				l.size.Store(int64(len(frame)))
				l.note(1)
			}
		}
	})
	return nil
}

func (l *load) dialBare(ctx context.Context, address string) error {
	conn, err := (&net.Dialer{Timeout: time.Minute}).DialContext(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("open bare socket: %w", err)
	}
	l.add(conn)
	l.readers.Go(func() {
		buffer, have := make([]byte, 4096), int64(0)
		for {
			n, err := conn.Read(buffer)
			if err != nil {
				return
			}
			size := l.bare.Load()
			for have += int64(n); size > 0 && have >= size; have -= size {
				l.note(1)
			}
		}
	})
	return nil
}

func (l *load) add(c interface{ Close() error }) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sockets = append(l.sockets, c)
}

func (l *load) note(n int64) {
	if l.came.Add(n) == l.wanted.Load() {
		l.last.Store(time.Now().UnixNano())
		select {
		case l.all <- struct{}{}:
		default:
		}
	}
}

// count answers at once that it counts, and again when as many events as were
// ordered have come, or no more do.
func (l *load) count(ctx context.Context, o order, say func(report) error) error {
	l.bare.Store(int64(o.Bytes))
	select {
	case <-l.all:
	default:
	}
	l.came.Store(0)
	l.wanted.Store(int64(o.N))
	l.last.Store(0)
	if err := say(report{}); err != nil {
		return err
	}
	late := time.NewTimer(eventTime)
	defer late.Stop()
	select {
	case <-l.all:
	case <-late.C:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return say(report{N: int(l.came.Load()), At: l.last.Load(), Bytes: int(l.size.Load())})
}

// close ends every socket, waits for their readers and says how many there were.
func (l *load) close() int {
	l.mu.Lock()
	all := l.sockets
	l.sockets = nil
	l.mu.Unlock()
	for _, s := range all {
		_ = s.Close()
	}
	l.readers.Wait()
	return len(all)
}
