package hub

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/tmates/tmates/store/tmates"
)

func TestReplay(t *testing.T) {
	t.Parallel()
	t.Run("live events follow what was stored", func(t *testing.T) {
		t.Parallel()
		reading, read := make(chan struct{}), make(chan struct{})
		st := start(t, Options{}, func(_ context.Context, s *Socket, _ []byte) {
			s.Stream("t1")
			err := s.Replay("t1", func() ([][]byte, int64, error) {
				close(reading)
				<-read
				s.Send([]byte("subscribed"))
				return [][]byte{[]byte("stored 3"), []byte("stored 4")}, 4, nil
			})
			if err != nil {
				t.Errorf("Replay: %v", err)
			}
		})
		c, other := st.dial(t, "ann", ""), st.dial(t, "ann", "")
		say(t, c, "subscribe")
		wait(t, "the reading", reading)
		st.Publish([]tmates.Event{
			message("ann", "t1", 3), message("ann", "t2", 2), status("ann", "t1", "agent_typing"),
			delta("ann", "t1", "He"), message("ann", "t1", 4), message("ann", "t1", 5),
		})
		wantFrames(t, other, "new_message t1 3") // nobody else is held up
		close(read)
		wantFrames(t, c, "subscribed", "stored 3", "stored 4",
			"new_message t2 2", "chat_status t1 agent_typing", "message_delta t1 He", "new_message t1 5")
		// Seq 4 was in the store before it was published: it must not come again.
		st.Publish([]tmates.Event{message("ann", "t1", 4), message("ann", "t2", 3), message("ann", "t1", 6)})
		wantFrames(t, c, "new_message t2 3", "new_message t1 6")
	})
	t.Run("an error loses nothing", func(t *testing.T) {
		t.Parallel()
		broken := errors.New("disk gone")
		var st *stage
		st = start(t, Options{}, func(_ context.Context, s *Socket, _ []byte) {
			err := s.Replay("t1", func() ([][]byte, int64, error) {
				st.Publish([]tmates.Event{message("ann", "t1", 1), message("ann", "t1", 2)})
				return [][]byte{[]byte("stored")}, 9, broken
			})
			if err != broken {
				t.Errorf("Replay: %v, want %v itself", err, broken)
			}
			s.Send([]byte("error"))
		})
		c := st.dial(t, "ann", "")
		say(t, c, "subscribe")
		wantFrames(t, c, "new_message t1 1", "new_message t1 2", "error")
		st.Publish([]tmates.Event{message("ann", "t1", 3)})
		wantFrames(t, c, "new_message t1 3")
	})
}

func TestReplayTwice(t *testing.T) {
	t.Parallel()
	t.Run("again, from an older reading", func(t *testing.T) {
		t.Parallel()
		upTo := int64(7)
		st := start(t, Options{}, func(_ context.Context, s *Socket, _ []byte) {
			if err := s.Replay("t1", func() ([][]byte, int64, error) { return nil, upTo, nil }); err != nil {
				t.Errorf("Replay: %v", err)
			}
			upTo = 3
			s.Send([]byte("subscribed"))
		})
		c := st.dial(t, "ann", "")
		say(t, c, "subscribe")
		say(t, c, "subscribe")
		wantFrames(t, c, "subscribed", "subscribed")
		st.Publish([]tmates.Event{message("ann", "t1", 7), message("ann", "t1", 8)})
		wantFrames(t, c, "new_message t1 8")
	})
	t.Run("inside a replay", func(t *testing.T) {
		t.Parallel()
		st := start(t, Options{}, func(_ context.Context, s *Socket, _ []byte) {
			err := s.Replay("t1", func() ([][]byte, int64, error) {
				return nil, 0, s.Replay("t2", func() ([][]byte, int64, error) { return nil, 0, nil })
			})
			s.Send([]byte(err.Error()))
		})
		c := st.dial(t, "ann", "")
		say(t, c, "subscribe")
		wantFrames(t, c, "replay inside replay")
	})
}

func TestReplayBackpressure(t *testing.T) {
	t.Parallel()
	t.Run("more than the queue holds", func(t *testing.T) {
		t.Parallel()
		var stored [][]byte
		var want []string
		for i := range 300 {
			frame := fmt.Sprint("stored ", i, strings.Repeat(" ", 2000))
			stored, want = append(stored, []byte(frame)), append(want, frame)
		}
		st := start(t, Options{QueueBytes: 4 << 10, QueueFrames: 4}, func(_ context.Context, s *Socket, _ []byte) {
			if err := s.Replay("t1", func() ([][]byte, int64, error) { return stored, 300, nil }); err != nil {
				t.Errorf("Replay: %v", err)
			}
			s.Send([]byte("done"))
		})
		c := st.dial(t, "ann", "")
		say(t, c, "subscribe")
		wantFrames(t, c, append(want, "done")...)
	})
	t.Run("held events wait for room", func(t *testing.T) {
		t.Parallel()
		var st *stage
		var live []tmates.Event
		want := []string{"stored"}
		for i := range int64(8) {
			live = append(live, message("ann", "t1", i+2))
			want = append(want, fmt.Sprint("new_message t1 ", i+2))
		}
		st = start(t, Options{QueueFrames: 8}, func(_ context.Context, s *Socket, _ []byte) {
			if err := s.Replay("t1", func() ([][]byte, int64, error) {
				st.Publish(live)
				return [][]byte{[]byte("stored")}, 1, nil
			}); err != nil {
				t.Errorf("Replay: %v", err)
			}
		})
		c := st.dial(t, "ann", "")
		say(t, c, "subscribe")
		wantFrames(t, c, want...)
	})
}

func TestReplayGivenUp(t *testing.T) {
	t.Parallel()
	t.Run("too much held back", func(t *testing.T) {
		t.Parallel()
		var st *stage
		failed := make(chan error, 1)
		st = start(t, Options{QueueFrames: 3}, func(_ context.Context, s *Socket, _ []byte) {
			failed <- s.Replay("t1", func() ([][]byte, int64, error) {
				for i := range int64(4) {
					st.Publish([]tmates.Event{message("ann", "t1", i+1)})
				}
				return [][]byte{[]byte("stored")}, 0, nil
			})
		})
		c := st.dial(t, "ann", "")
		say(t, c, "subscribe")
		wantClose(t, c, websocket.CloseTryAgainLater)
		if err := wait(t, "the end of Replay", failed); !errors.Is(err, context.Canceled) {
			t.Errorf("Replay: %v, want context.Canceled", err)
		}
	})
	t.Run("a peer that is gone", func(t *testing.T) {
		t.Parallel()
		failed := make(chan error, 1)
		st := start(t, Options{QueueFrames: 2, WriteWait: 100 * time.Millisecond}, func(_ context.Context, s *Socket, _ []byte) {
			failed <- s.Replay("t1", func() ([][]byte, int64, error) {
				return slices.Repeat([][]byte{make([]byte, 1<<20)}, 100), 1, nil
			})
		})
		say(t, st.dial(t, "ann", ""), "subscribe, but do not read")
		if err := wait(t, "the end of Replay", failed); !errors.Is(err, context.Canceled) {
			t.Errorf("Replay: %v, want context.Canceled", err)
		}
	})
}

// TestReplayRace commits and publishes messages while many sockets subscribe
// from the beginning. Each must see every message once and in order.
func TestReplayRace(t *testing.T) {
	t.Parallel()
	const last = 400
	var (
		turn   sync.Mutex // the store's write turn
		mu     sync.Mutex // the store itself
		stored int64
	)
	st := start(t, Options{}, func(_ context.Context, s *Socket, _ []byte) {
		err := s.Replay("t1", func() ([][]byte, int64, error) {
			mu.Lock()
			upTo := stored
			mu.Unlock()
			frames := [][]byte{[]byte("subscribed")}
			for seq := range upTo {
				frames = append(frames, fmt.Appendf(nil, "new_message t1 %d", seq+1))
			}
			return frames, upTo, nil
		})
		if err != nil {
			t.Errorf("Replay: %v", err)
		}
	})
	write := func() {
		turn.Lock()
		defer turn.Unlock()
		mu.Lock()
		stored++
		seq := stored
		mu.Unlock()
		st.Publish([]tmates.Event{message("ann", "t1", seq)})
	}
	var want []string
	for seq := range last {
		want = append(want, fmt.Sprintf("new_message t1 %d", seq+1))
	}
	var wg sync.WaitGroup
	for range 8 {
		c := st.dial(t, "ann", "")
		wg.Go(func() {
			if err := c.WriteMessage(websocket.TextMessage, []byte("subscribe")); err != nil {
				t.Errorf("write: %v", err)
			}
			if got := replayed(t, c, last); !slices.Equal(got, want) {
				t.Errorf("got %q, want 1 to %d", got, last)
			}
		})
		for range last / 8 {
			write()
		}
	}
	wg.Wait()
}

// replayed returns the n frames behind "subscribed", fewer when reading fails.
func replayed(t *testing.T, c *websocket.Conn, n int) (got []string) {
	for begun := false; len(got) < n; {
		_, data, err := c.ReadMessage()
		if err != nil {
			t.Errorf("read after %d messages: %v", len(got), err)
			return got
		}
		switch {
		case string(data) == "subscribed":
			begun = true
		case begun:
			got = append(got, string(data))
		}
	}
	return got
}
