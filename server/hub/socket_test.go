package hub

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestFrameLimits(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		kind int
		size int
		code int
	}{
		{"one byte too long", websocket.TextMessage, 1001, websocket.CloseMessageTooBig},
		{"far too long", websocket.TextMessage, 8 << 20, websocket.CloseMessageTooBig},
		{"binary", websocket.BinaryMessage, 10, websocket.CloseUnsupportedData},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			st := start(t, Options{MaxFrame: 1000}, nil)
			c := st.dial(t, "ann", "")
			longest := strings.Repeat("x", 1000)
			say(t, c, longest)
			wantFrames(t, c, longest)
			sent := make(chan struct{})
			go func() { // as a browser does: the code arrives while the frame is still being sent
				defer close(sent)
				c.WriteMessage(tc.kind, make([]byte, tc.size))
			}()
			wantClose(t, c, tc.code)
			c.Close()
			wait(t, "the end of the writing", sent)
		})
	}
}

func TestFrames(t *testing.T) {
	t.Parallel()
	t.Run("handled one after the other", func(t *testing.T) {
		t.Parallel()
		var busy sync.Mutex
		st := start(t, Options{}, func(ctx context.Context, s *Socket, frame []byte) {
			if !busy.TryLock() {
				t.Error("two frames handled at once")
				return
			}
			defer busy.Unlock()
			if ctx != s.Context() {
				t.Error("the context is not the socket's")
			}
			s.Send(append([]byte("re "), frame...))
		})
		c := st.dial(t, "ann", "")
		var want []string
		for i := range 100 {
			say(t, c, fmt.Sprint(i))
			want = append(want, fmt.Sprint("re ", i))
		}
		wantFrames(t, c, want...)
		say(t, c, "")
		wantFrames(t, c, "re ")
	})
	t.Run("a violation of the protocol", func(t *testing.T) {
		t.Parallel()
		st := start(t, Options{}, nil)
		c := st.dial(t, "ann", "")
		if _, err := c.NetConn().Write([]byte{0x81, 0x01, 'x'}); err != nil { // text, not masked
			t.Fatal(err)
		}
		wantClose(t, c, websocket.CloseProtocolError)
	})
}

func TestPanic(t *testing.T) {
	t.Parallel()
	t.Run("a panic closes this socket only", func(t *testing.T) {
		t.Parallel()
		var log bytes.Buffer
		st := start(t, Options{Log: slog.New(slog.NewJSONHandler(&log, nil))}, func(_ context.Context, s *Socket, frame []byte) {
			if string(frame) == "bad" {
				panic("boom")
			}
			s.Send(frame)
		})
		c, other := st.dial(t, "ann", ""), st.dial(t, "ann", "")
		say(t, c, "bad")
		wantClose(t, c, websocket.CloseInternalServerErr)
		say(t, other, "good")
		wantFrames(t, other, "good")
		var line struct{ Level, User, Err, Stack string }
		if err := json.Unmarshal(log.Bytes(), &line); err != nil {
			t.Fatalf("log %q: %v", log.Bytes(), err)
		}
		if line.Level != "ERROR" || line.User != "ann" || line.Err != "boom" || !strings.Contains(line.Stack, "socket_test.go") {
			t.Errorf("logged %+v, want an error of ann with err boom and the stack", line)
		}
	})
}

func TestFlood(t *testing.T) {
	t.Parallel()
	t.Run("replies nobody reads", func(t *testing.T) {
		t.Parallel()
		ended := make(chan struct{})
		st := start(t, Options{QueueFrames: 4}, func(ctx context.Context, s *Socket, _ []byte) {
			for range 1 << 20 {
				s.Send(make([]byte, 16<<10))
				if ctx.Err() != nil {
					close(ended)
					return
				}
			}
		})
		c := st.dial(t, "ann", "")
		say(t, c, "flood me")
		wait(t, "the end of the socket", ended)
		if _, code := readToEnd(t, c); code != websocket.CloseTryAgainLater {
			t.Errorf("close code %d, want 1013", code)
		}
	})
}

// TestRequestContext proves that a socket outlives the request that opened it
// and keeps nothing of it.
func TestRequestContext(t *testing.T) {
	t.Parallel()
	type key struct{}
	h := New(Options{Encode: encode})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(context.WithValue(r.Context(), key{}, "r1"))
		cancel()
		err := h.Serve(w, r.WithContext(ctx), "ann", "", nil, func(ctx context.Context, s *Socket, _ []byte) {
			s.Send(fmt.Appendf(nil, "%v %v", ctx.Value(key{}), ctx.Err()))
		})
		if err != nil {
			t.Errorf("Serve: %v", err)
		}
	}))
	t.Cleanup(srv.Close)
	st := &stage{Hub: h, url: "ws" + strings.TrimPrefix(srv.URL, "http")}
	c := st.dial(t, "ann", "")
	say(t, c, "x")
	wantFrames(t, c, "<nil> <nil>")
	go c.ReadMessage() // answers the close code
	if err := h.Close(t.Context()); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func TestPing(t *testing.T) {
	t.Parallel()
	t.Run("pings of the peer are answered", func(t *testing.T) {
		t.Parallel()
		st := start(t, Options{}, nil)
		c := st.dial(t, "ann", "")
		pong := make(chan string, 1)
		c.SetPongHandler(func(data string) error { pong <- data; return nil })
		if err := c.WriteControl(websocket.PingMessage, []byte("42"), time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		go c.ReadMessage() // until the test closes c
		if got := wait(t, "the pong", pong); got != "42" {
			t.Errorf("pong %q, want 42", got)
		}
	})
	t.Run("a long handler does not look like silence", func(t *testing.T) {
		t.Parallel()
		o := Options{PingEvery: 20 * time.Millisecond, PongWait: time.Second}
		enough := make(chan struct{})
		st := start(t, o, func(_ context.Context, s *Socket, _ []byte) {
			<-enough
			s.Send([]byte("done"))
		})
		c := st.dial(t, "ann", "")
		pings, answer := 0, c.PingHandler()
		c.SetPingHandler(func(data string) error {
			if pings++; pings == 75 { // half as long again as a silent peer has
				close(enough)
			}
			return answer(data)
		})
		say(t, c, "work")
		say(t, c, "work")
		wantFrames(t, c, "done", "done")
	})
}

func TestNewWithoutEncode(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("New accepted options without Encode")
		}
	}()
	New(Options{CheckOrigin: func(*http.Request) bool { return true }})
}
