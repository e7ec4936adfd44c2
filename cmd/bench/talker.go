package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// eventTime is how long an event may take before it counts as lost.
const eventTime = 30 * time.Second

// talker is a person who listens to a socket of their own and says something in
// a thread of their own, again and again.
type talker struct {
	server *server
	says   *wire
	conn   *websocket.Conn
	heard  chan time.Time // when each event with the mark came
	gone   chan error     // why the socket ended; of one place
}

// Marks of the events that are waited for.
const (
	ownMessage = `"role":"user"`
	reply      = `"role":"assistant"`
)

// listen opens the socket of a person and notes when events with a mark come. It
// is closed with the scenario.
func (r *run) listen(ctx context.Context, p *person, thread, mark string) (*talker, error) {
	says, err := p.dial(ctx, "/v1/chats/"+thread+"/messages", `{"content":"`+rowText[:200]+`"}`)
	if err != nil {
		return nil, err
	}
	r.finally(says.conn.Close)
	d := websocket.Dialer{HandshakeTimeout: eventTime}
	conn, res, err := d.DialContext(ctx, p.socketURL(), nil)
	if res != nil && res.Body != nil {
		_ = res.Body.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("open socket: %w", err)
	}
	t := &talker{server: p.server, says: says, conn: conn, heard: make(chan time.Time, 64), gone: make(chan error, 1)}
	go func() {
		for {
			_, frame, err := conn.ReadMessage()
			if err != nil {
				t.gone <- err
				return
			}
			if bytes.Contains(frame, []byte(`"type":"new_message"`)) && bytes.Contains(frame, []byte(mark)) {
				select {
				case t.heard <- time.Now():
				default: // nobody waits for so many
				}
			}
		}
	}()
	r.finally(t.close)
	return t, nil
}

// close ends the socket and waits for its reader.
func (t *talker) close() error {
	_ = t.conn.Close() // the server may have been first
	err := <-t.gone
	t.gone <- err
	return nil
}

// say sends a message and waits for the event with the mark. It returns how long
// that took from before the request was made.
func (t *talker) say(ctx context.Context) (time.Duration, error) {
	at := time.Now()
	if err := t.says.post(); err != nil {
		return 0, err
	}
	select {
	case came := <-t.heard: // mostly it is here already
		return came.Sub(at), nil
	default:
	}
	late := time.NewTimer(eventTime)
	defer late.Stop()
	select {
	case came := <-t.heard:
		return came.Sub(at), nil
	case err := <-t.gone:
		t.gone <- err
		return 0, fmt.Errorf("listen: %w", err)
	case <-late.C:
		return 0, errors.New("an accepted message had no event")
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
}

// talkers makes people who listen to a tmate's thread, each on a socket.
func (r *run) talkers(ctx context.Context, s *server, n int, tmate, mark string) (all []*talker, err error) {
	people, err := s.people(ctx, n)
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		thread, err := p.open(ctx, tmate)
		if err != nil {
			return nil, err
		}
		t, err := r.listen(ctx, p, thread, mark)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

// talk is what a round of several talkers came to.
type talk struct {
	samples []time.Duration
	rate    float64       // a second
	cpu     time.Duration // of the server, for each
}

// speak lets everybody talk for a while.
func speak(ctx context.Context, all []*talker, d time.Duration) (out talk, err error) {
	var mu sync.Mutex
	before, begun := all[0].server.cpu(), time.Now()
	err = parallel(ctx, len(all), func(ctx context.Context, i int) error {
		t := all[i]
		stop := context.AfterFunc(ctx, func() { _ = t.says.conn.Close() })
		defer stop()
		var own []time.Duration
		for len(own) == 0 || time.Since(begun) < d {
			took, err := t.say(ctx)
			if err != nil {
				return err
			}
			own = append(own, took)
		}
		mu.Lock()
		defer mu.Unlock()
		out.samples = append(out.samples, own...)
		return nil
	})
	if err != nil {
		return out, err
	}
	n := len(out.samples)
	out.rate = float64(n) / time.Since(begun).Seconds()
	out.cpu = (all[0].server.cpu() - before) / time.Duration(n)
	return out, nil
}

// note adds a round to a series under the names KEY.rate, .p50, .p99 and .cpu.
func (t talk) note(s series, key string) {
	s.add(key+".rate", t.rate)
	s.add(key+".p50", milliseconds(percentile(t.samples, 0.5)))
	s.add(key+".p99", milliseconds(percentile(t.samples, 0.99)))
	if t.cpu > 0 {
		s.add(key+".cpu", microseconds(t.cpu))
	}
}
