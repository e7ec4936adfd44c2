package hub

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
)

// TestPingsAreSpread opens many sockets in the same moment.
func TestPingsAreSpread(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const sockets = 250
		h := New(Options{Encode: encode, MaxPerUser: sockets})
		pings := make(chan time.Duration, 10*sockets)
		began := time.Now()
		var clients []*websocket.Conn
		for range sockets {
			c, _ := pipe(t, h, ignore)
			clients = append(clients, c)
			answer := c.PingHandler()
			c.SetPingHandler(func(data string) error {
				pings <- time.Since(began)
				return answer(data)
			})
			go c.ReadMessage() // until the test closes c
		}
		time.Sleep(4*25*time.Second + time.Millisecond)
		perSecond := map[int]int{}
		for range len(pings) {
			perSecond[int((<-pings).Seconds())]++
		}
		total := 0
		for second, n := range perSecond {
			total += n
			if n > 2*sockets/25 {
				t.Errorf("%d pings in second %d, want at most twice the average of %d", n, second, sockets/25)
			}
		}
		if total < 4*sockets {
			t.Errorf("%d pings in 4 intervals, want %d", total, 4*sockets)
		}
		for _, c := range clients {
			c.Close()
		}
	})
}

func TestNoTimerWithoutSockets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := New(Options{Encode: encode})
		for range 2 { // it must start again, too
			c, over := pipe(t, h, ignore)
			pings := 0
			c.SetPingHandler(func(string) error { pings++; return c.Close() })
			for pings == 0 {
				if _, _, err := c.ReadMessage(); err != nil {
					break
				}
			}
			<-over
			synctest.Wait()
			if pings != 1 {
				t.Errorf("%d pings, want 1", pings)
			}
			if h.clock.timer.Stop() {
				t.Error("a timer is set while no socket is open")
			}
			if len(h.clock.sockets) != 0 || len(h.users) != 0 || h.total != 0 {
				t.Errorf("%d sockets in the clock, %d users, %d sockets left, want none", len(h.clock.sockets), len(h.users), h.total)
			}
		}
	})
}

// TestHandlerAtWork: a peer whose frame is being handled is not asked to be
// heard, however long that takes.
func TestHandlerAtWork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := New(Options{Encode: encode})
		c, over := pipe(t, h, func(_ context.Context, s *Socket, _ []byte) {
			time.Sleep(10 * time.Minute)
			s.Send([]byte("done"))
		})
		if err := c.WriteMessage(websocket.TextMessage, []byte("work")); err != nil {
			t.Fatal(err)
		}
		c.SetPingHandler(func(string) error { return nil })
		wantFrames(t, c, "done")
		c.Close()
		<-over
	})
}

func TestRush(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := make(chan time.Time, 10)
		e := rush{free: func() { calls <- time.Now() }}
		leave := func(n int) {
			for range n {
				e.one()
			}
		}
		leave(rushSockets - 1)
		time.Sleep(time.Minute)
		if len(calls) != 0 {
			t.Errorf("memory given back after %d sockets", rushSockets-1)
		}
		began := time.Now()
		leave(3 * rushSockets)
		time.Sleep(10 * time.Second)
		leave(rushSockets) // too soon for another time
		time.Sleep(time.Second)
		leave(rushSockets)
		time.Sleep(5 * time.Minute)
		for _, want := range []time.Duration{5 * time.Second, 65 * time.Second} {
			if got := (<-calls).Sub(began); got != want {
				t.Errorf("memory given back after %v, want %v", got, want)
			}
		}
		leave(rushSockets)
		e.stop()
		time.Sleep(time.Minute)
		if n := len(calls); n != 0 {
			t.Errorf("memory given back %d times more than it should", n)
		}
	})
}
