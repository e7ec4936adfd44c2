package hub

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/tmates/tmates/store/tmates"
)

// TestTotalBound lets frames wait for sockets that do not read, until there are
// too many: the one with the most goes, and no other.
func TestTotalBound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := New(Options{Encode: encode, TotalBytes: 10_000})
		seen := make(chan *Socket, 1)
		open := func() (*websocket.Conn, *Socket) {
			c, _ := pipe(t, h, func(_ context.Context, s *Socket, _ []byte) { seen <- s })
			if err := c.WriteMessage(websocket.TextMessage, []byte("hello")); err != nil {
				t.Fatal(err)
			}
			return c, <-seen
		}
		a, most := open()
		b, some := open()
		for range 5 {
			most.Send(bytes.Repeat([]byte("x"), 1000))
		}
		for range 3 {
			some.Send(bytes.Repeat([]byte("x"), 1000))
		}
		if most.Context().Err() != nil || some.Context().Err() != nil {
			t.Fatal("a socket was closed below the bound")
		}
		for range 2 {
			some.Send(bytes.Repeat([]byte("x"), 1000)) // the second is too much
			most.Send(nil)
		}
		synctest.Wait()
		if most.Context().Err() == nil || some.Context().Err() != nil {
			t.Fatalf("most closed: %v, some closed: %v, want only the first", most.Context().Err(), some.Context().Err())
		}
		if code := closeCode(t, a); code != websocket.CloseTryAgainLater {
			t.Errorf("close code %d, want 1013", code)
		}
		for range 5 {
			wantFrames(t, b, strings.Repeat("x", 1000))
		}
		synctest.Wait()
		if got := h.load.bytes.Load(); got != 0 {
			t.Errorf("%d bytes counted while nothing waits", got)
		}
		a.Close()
		b.Close()
	})
}

// TestSharedFramesCountOnce: one event for many sockets is one allocation.
func TestSharedFramesCountOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := New(Options{Encode: encode})
		const sockets = 30
		var clients []*websocket.Conn
		for range sockets {
			c, _ := pipe(t, h, ignore)
			clients = append(clients, c)
		}
		h.Publish([]tmates.Event{message("ann", "t1", 1)})
		synctest.Wait() // every socket has it, and none could write it
		if got, want := h.load.bytes.Load(), int64(len("new_message t1 1")+sockets*entryBytes); got != want {
			t.Errorf("%d bytes wait, want %d", got, want)
		}
		for _, c := range clients {
			wantFrames(t, c, "new_message t1 1")
			c.Close()
		}
		synctest.Wait()
		if got := h.load.bytes.Load(); got != 0 {
			t.Errorf("%d bytes counted without a socket", got)
		}
	})
}

// TestReplayCounts: what a replay has read waits in memory, too.
func TestReplayCounts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := New(Options{Encode: encode, TotalBytes: 10_000})
		ended := make(chan error, 1)
		c, over := pipe(t, h, func(_ context.Context, s *Socket, _ []byte) {
			ended <- s.Replay("t1", func() ([][]byte, int64, error) {
				return slices.Repeat([][]byte{make([]byte, 1000)}, 10), 0, nil
			})
		})
		if err := c.WriteMessage(websocket.TextMessage, []byte("subscribe")); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Replay: %v, want context.Canceled", err)
		}
		wantClose(t, c, websocket.CloseTryAgainLater)
		<-over
		if got := h.load.bytes.Load(); got != 0 {
			t.Errorf("%d bytes counted while nothing waits", got)
		}
		c.Close()
	})
}

// TestTotalBoundCuts: a socket that was told to go, and still holds too much
// because it does not read, is not waited for.
func TestTotalBoundCuts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, began := New(Options{Encode: encode, TotalBytes: 10_000}), time.Now()
		send := func(_ context.Context, s *Socket, frame []byte) { s.Send(bytes.Repeat(frame, 1000)) }
		a, over := pipe(t, h, send)
		for range 2 { // the first is being written when the second is too much
			if err := a.WriteMessage(websocket.TextMessage, []byte("aaaaaa")); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		b, _ := pipe(t, h, send)
		if err := b.WriteMessage(websocket.TextMessage, []byte("bbbbb")); err != nil {
			t.Fatal(err)
		}
		<-over
		if got := time.Since(began); got != 0 {
			t.Errorf("cut after %v, want at once", got)
		}
		wantFrames(t, b, strings.Repeat("b", 5000))
		a.Close()
		b.Close()
	})
}
