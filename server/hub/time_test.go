package hub

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/tmates/tmates/store/tmates"
)

// taken is the response of a server that gives its connection away.
type taken struct {
	http.ResponseWriter
	conn net.Conn
	rw   *bufio.ReadWriter
}

func (w taken) Hijack() (net.Conn, *bufio.ReadWriter, error) { return w.conn, w.rw, nil }

// ending tells when the connection was closed.
type ending struct {
	net.Conn
	over func()
}

func (e ending) Close() error {
	e.over()
	return e.Conn.Close()
}

// pipe connects a client to h without a real socket, so that a test can run in
// virtual time. over is closed when the hub has closed the connection.
func pipe(t *testing.T, h *Hub, handle Handler) (client *websocket.Conn, over <-chan struct{}) {
	t.Helper()
	return pipeWith(t, h, nil, handle)
}

func pipeWith(t *testing.T, h *Hub, admit func() error, handle Handler) (client *websocket.Conn, over <-chan struct{}) {
	t.Helper()
	theirs, ours := net.Pipe()
	done := make(chan struct{})
	go func() {
		br := bufio.NewReader(ours)
		r, err := http.ReadRequest(br)
		if err != nil {
			t.Errorf("read request: %v", err)
			return
		}
		w := taken{conn: ending{ours, sync.OnceFunc(func() { close(done) })}, rw: bufio.NewReadWriter(br, bufio.NewWriter(ours))}
		if err := h.Serve(w, r, "ann", "s1", admit, handle); err != nil {
			t.Errorf("Serve: %v", err)
		}
	}()
	client, _, err := websocket.NewClient(theirs, &url.URL{Scheme: "ws", Host: "here", Path: "/"}, nil, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	return client, done
}

// closeCode reads until the connection ends and returns its close code.
func closeCode(t *testing.T, c *websocket.Conn) int {
	t.Helper()
	for {
		if _, _, err := c.ReadMessage(); err != nil {
			bye, ok := errors.AsType[*websocket.CloseError](err)
			if !ok {
				t.Fatalf("read: %v", err)
			}
			return bye.Code
		}
	}
}

func ignore(context.Context, *Socket, []byte) {}

// These tests hold the defaults: a ping every 25 s, a silent peer dropped after
// 60 s, 10 s for a write and 2 s for the answer to a close code.

func TestPongs(t *testing.T) {
	t.Parallel()
	t.Run("a peer that answers pings stays", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h, began := New(Options{Encode: encode}), time.Now()
			c, over := pipe(t, h, ignore)
			pings, answer := 0, c.PingHandler()
			c.SetPingHandler(func(data string) error {
				if pings++; pings == 100 {
					go h.Publish([]tmates.Event{message("ann", "t1", 1)})
				}
				return answer(data)
			})
			wantFrames(t, c, "new_message t1 1")
			if got := time.Since(began); got != 100*25*time.Second {
				t.Errorf("100 pings took %v, want 25 s each", got)
			}
			c.Close()
			<-over
		})
	})
}

func TestPongWait(t *testing.T) {
	t.Parallel()
	t.Run("a peer that sends frames but no pong stays", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h, began := New(Options{Encode: encode}), time.Now()
			c, over := pipe(t, h, ignore)
			c.SetPingHandler(func(string) error { return nil })
			go func() {
				for range 10 {
					time.Sleep(59 * time.Second)
					if err := c.WriteMessage(websocket.TextMessage, []byte("x")); err != nil {
						t.Errorf("write: %v", err)
					}
				}
			}()
			if code := closeCode(t, c); code != websocket.CloseTryAgainLater {
				t.Errorf("close code %d, want 1013", code)
			}
			if got, want := time.Since(began), 590*time.Second+60*time.Second; got != want {
				t.Errorf("dropped after %v, want %v: 60 s after the last frame", got, want)
			}
			c.Close()
			<-over
		})
	})
	t.Run("a silent peer is dropped after two missed pongs", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h, began := New(Options{Encode: encode}), time.Now()
			c, over := pipe(t, h, ignore)
			pings := 0
			c.SetPingHandler(func(string) error { pings++; return nil })
			if code := closeCode(t, c); code != websocket.CloseTryAgainLater {
				t.Errorf("close code %d, want 1013", code)
			}
			if got := time.Since(began); got != 60*time.Second || pings != 2 {
				t.Errorf("dropped after %v and %d pings, want 1m0s and 2", got, pings)
			}
			c.Close()
			<-over
		})
	})
}

func TestWriteWait(t *testing.T) {
	t.Parallel()
	t.Run("a peer that reads nothing is cut", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h, began := New(Options{Encode: encode}), time.Now()
			c, over := pipe(t, h, ignore)
			h.Publish([]tmates.Event{message("ann", "t1", 1)})
			<-over
			if got := time.Since(began); got != 10*time.Second {
				t.Errorf("cut after %v, want 10 s", got)
			}
			c.Close()
		})
	})
	t.Run("a peer that ignores the close code is cut", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h, began := New(Options{Encode: encode}), time.Now()
			c, over := pipe(t, h, ignore)
			c.SetCloseHandler(func(int, string) error { return nil })
			h.Publish([]tmates.Event{sessionEnd("ann", "s1")})
			if code := closeCode(t, c); code != websocket.ClosePolicyViolation {
				t.Errorf("close code %d, want 1008", code)
			}
			<-over
			if got := time.Since(began); got != 2*time.Second {
				t.Errorf("cut after %v, want 2 s", got)
			}
			c.Close()
		})
	})
	t.Run("frames without end do not hinder pings", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h := New(Options{Encode: encode})
			c, over := pipe(t, h, ignore)
			pings := 0
			c.SetPingHandler(func(string) error { pings++; return nil })
			evs := make([]tmates.Event, 20)
			for i := range evs {
				evs[i] = message("ann", "t1", int64(i+1))
			}
			h.Publish(evs)
			for range evs { // the queue is never empty
				time.Sleep(5 * time.Second)
				if _, _, err := c.ReadMessage(); err != nil {
					break
				}
			}
			if pings < 2 {
				t.Errorf("%d pings while the queue was busy for a minute, want at least 2", pings)
			}
			c.Close()
			<-over
		})
	})
}

func TestAfterClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, handled := New(Options{Encode: encode}), 0
		c, over := pipe(t, h, func(context.Context, *Socket, []byte) { handled++ })
		h.Publish([]tmates.Event{sessionEnd("ann", "s1")})
		if err := c.WriteMessage(websocket.TextMessage, []byte("sent before the code was read")); err != nil {
			t.Errorf("write: %v", err)
		}
		if code := closeCode(t, c); code != websocket.ClosePolicyViolation {
			t.Errorf("close code %d, want 1008", code)
		}
		<-over
		if handled != 0 {
			t.Errorf("%d frames handled after the session ended, want none", handled)
		}
		c.Close()
	})
}

// TestReplayLeavesRoom replays more than the queue holds to a peer that reads
// nothing yet, and then publishes: the events must find room.
func TestReplayLeavesRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := New(Options{Encode: encode, QueueFrames: 8})
		var want []string
		c, over := pipe(t, h, func(_ context.Context, s *Socket, _ []byte) {
			if err := s.Replay("t1", func() (frames [][]byte, _ int64, _ error) {
				for i := range 9 { // one is with the writer, eight wait
					want = append(want, fmt.Sprint("stored ", i))
					frames = append(frames, []byte(want[i]))
				}
				return frames, 0, nil
			}); err != nil {
				t.Errorf("Replay: %v", err)
			}
		})
		if err := c.WriteMessage(websocket.TextMessage, []byte("subscribe")); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		for seq := range int64(4) {
			h.Publish([]tmates.Event{message("ann", "t1", seq+1)})
			want = append(want, fmt.Sprint("new_message t1 ", seq+1))
		}
		wantFrames(t, c, want...)
		c.Close()
		<-over
	})
}
