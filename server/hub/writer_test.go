package hub

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/tmates/tmates/store/tmates"
)

// TestIdleGoroutines runs before the parallel tests, so that only its own
// goroutines count: an idle socket has one, and a hub none.
func TestIdleGoroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(Options{Encode: encode})
		const sockets = 20
		var clients []*websocket.Conn
		for range sockets {
			c, _ := pipe(t, h, ignore)
			clients = append(clients, c)
		}
		for seq := range int64(3) {
			h.Publish([]tmates.Event{message("ann", "t1", seq), message("ann", "t1", seq+100)})
			for _, c := range clients {
				wantFrames(t, c, fmt.Sprint("new_message t1 ", seq), fmt.Sprint("new_message t1 ", seq+100))
			}
		}
		synctest.Wait()
		stacks := make([]byte, 1<<20)
		all := string(stacks[:runtime.Stack(stacks, true)])
		if readers, writers := strings.Count(all, "hub.(*Socket).read("), strings.Count(all, "hub.(*writers)."); readers != sockets || writers != 0 {
			t.Errorf("%d readers and %d writers wait with %d idle sockets, want one reader each and no writer", readers, writers, sockets)
		}
		if h.writers.running != 0 || h.load.bytes.Load() != 0 {
			t.Errorf("%d writers and %d bytes are left, want none", h.writers.running, h.load.bytes.Load())
		}
		for _, c := range clients {
			c.Close()
		}
	})
}

// TestStalledPeers has more sockets that do not read than there are writers.
// Another socket must get everything at once, and theirs must wait for them.
func TestStalledPeers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, began := New(Options{Encode: encode}), time.Now()
		var stalled []*websocket.Conn
		for range 10 * h.writers.limit {
			c, _ := pipe(t, h, ignore)
			stalled = append(stalled, c)
		}
		quick, _ := pipe(t, h, ignore)
		var want []string
		for seq := range int64(100) {
			h.Publish([]tmates.Event{message("ann", "t1", seq+1)})
			want = append(want, fmt.Sprint("new_message t1 ", seq+1))
			wantFrames(t, quick, want[seq])
		}
		if got := time.Since(began); got != 0 {
			t.Errorf("the quick socket had to wait %v", got)
		}
		for _, c := range stalled {
			wantFrames(t, c, want...)
		}
		synctest.Wait()
		if h.writers.running != 0 {
			t.Errorf("%d writers are left, want none", h.writers.running)
		}
		for _, c := range append(stalled, quick) {
			c.Close()
		}
	})
}

// TestStalledReaders is the same over TCP, where a write is tried first.
func TestStalledReaders(t *testing.T) {
	t.Parallel()
	st := start(t, Options{QueueBytes: 64 << 20}, nil)
	var stalled []*websocket.Conn
	for range 2 * st.writers.limit {
		stalled = append(stalled, st.dial(t, "ann", ""))
	}
	quick := st.dial(t, "ann", "")
	pad := " " + strings.Repeat("x", 256<<10)
	var want []string
	for seq := range int64(40) { // 10 MB: more than the system takes
		ev := message("ann", "t1", seq)
		ev.Message.Content = pad
		want = append(want, string(encode(ev)))
		st.Publish([]tmates.Event{ev})
		wantFrames(t, quick, want[seq])
	}
	if st.load.bytes.Load() == 0 {
		t.Error("nothing waits for the sockets that do not read: the test proves nothing")
	}
	for _, c := range stalled {
		wantFrames(t, c, want...)
	}
}

// TestLongQueue has more frames than are written in one turn.
func TestLongQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := New(Options{Encode: encode})
		h.writers.limit = 1
		long := make(chan *Socket, 1)
		a, _ := pipe(t, h, func(_ context.Context, s *Socket, _ []byte) { long <- s })
		if err := a.WriteMessage(websocket.TextMessage, []byte("hello")); err != nil {
			t.Fatal(err)
		}
		s := <-long
		for i := range 3 * turnFrames {
			s.Send(fmt.Append(nil, i))
		}
		for i := range 3 * turnFrames {
			wantFrames(t, a, fmt.Sprint(i))
		}
		a.Close()
	})
}

// TestBeforeTheHandshake publishes to a socket that has no connection yet.
func TestBeforeTheHandshake(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := New(Options{Encode: encode})
		c, over := pipeWith(t, h, func() error {
			h.Publish([]tmates.Event{message("ann", "t1", 1), message("ann", "t1", 2)})
			return nil
		}, ignore)
		wantFrames(t, c, "new_message t1 1", "new_message t1 2")
		c.Close()
		<-over
		c, over = pipeWith(t, h, func() error {
			h.Publish([]tmates.Event{sessionEnd("ann", "s1")})
			return nil
		}, ignore)
		if code := closeCode(t, c); code != websocket.ClosePolicyViolation {
			t.Errorf("close code %d, want 1008", code)
		}
		c.Close()
		<-over
	})
}
