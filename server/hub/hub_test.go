package hub

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"github.com/tmates/tmates/store/tmates"
)

func TestMain(m *testing.M) {
	if spec := os.Getenv(readersEnv); spec != "" {
		beReaders(spec)
		return
	}
	goleak.VerifyTestMain(m)
}

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

// stage is a hub behind a real server. Errors of Serve are answered with their
// kind as text.
type stage struct {
	*Hub
	url     string
	encoded atomic.Int64 // calls of Encode
}

// encode is a readable stand-in for the wire: "new_message t1 7".
func encode(ev tmates.Event) []byte {
	switch {
	case ev.Message != nil:
		return fmt.Appendf(nil, "%s %s %d%s", ev.Type, ev.ThreadID, ev.Message.Seq, ev.Message.Content)
	case ev.Status != nil:
		return fmt.Appendf(nil, "%s %s %s", ev.Type, ev.ThreadID, ev.Status.Status)
	case ev.Delta != nil:
		return fmt.Appendf(nil, "%s %s %s", ev.Type, ev.ThreadID, ev.Delta.Text)
	case ev.Post != nil:
		return fmt.Appendf(nil, "%s %s", ev.Type, ev.Post.ID)
	default:
		return nil
	}
}

func start(t *testing.T, o Options, handle Handler) *stage {
	t.Helper()
	st := &stage{}
	o.Encode = func(ev tmates.Event) []byte {
		st.encoded.Add(1)
		return encode(ev)
	}
	if handle == nil {
		handle = func(_ context.Context, s *Socket, frame []byte) { s.Send(frame) }
	}
	st.Hub = New(o)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := st.Serve(w, r, r.FormValue("user"), r.FormValue("session"), nil, handle)
		if refused, ok := errors.AsType[*tmates.Error](err); ok {
			http.Error(w, fmt.Sprint(refused.Kind, " ", refused.Code), http.StatusTeapot)
		} else if err != nil {
			t.Errorf("Serve returned %v", err)
		}
	}))
	st.url = "ws" + strings.TrimPrefix(srv.URL, "http")
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := st.Close(ctx); err != nil {
			t.Errorf("Close: %v", err)
		}
		srv.Close()
	})
	return st
}

// dial opens a socket that is cut when the test ends.
func (st *stage) dial(t *testing.T, user, session string) *websocket.Conn {
	t.Helper()
	q := url.Values{"user": {user}, "session": {session}}
	c, _, err := websocket.DefaultDialer.Dial(st.url+"?"+q.Encode(), nil)
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return c
}

// say sends a text frame.
func say(t *testing.T, c *websocket.Conn, frame string) {
	t.Helper()
	if err := c.WriteMessage(websocket.TextMessage, []byte(frame)); err != nil {
		t.Fatalf("write: %v", err)
	}
}

func wantFrames(t *testing.T, c *websocket.Conn, want ...string) {
	t.Helper()
	for i, w := range want {
		kind, got, err := c.ReadMessage()
		if err != nil {
			t.Fatalf("frame %d: %v, want %q", i, err, w)
		}
		if kind != websocket.TextMessage || string(got) != w {
			t.Fatalf("frame %d: type %d %q, want text %q", i, kind, got, w)
		}
	}
}

// readToEnd returns what still comes and the close code.
func readToEnd(t *testing.T, c *websocket.Conn) (frames []string, code int) {
	t.Helper()
	for {
		_, data, err := c.ReadMessage()
		if bye, ok := errors.AsType[*websocket.CloseError](err); ok {
			return frames, bye.Code
		}
		if err != nil {
			t.Fatalf("read: %v, want a close code", err)
		}
		frames = append(frames, string(data))
	}
}

func wantClose(t *testing.T, c *websocket.Conn, code int) {
	t.Helper()
	if frames, got := readToEnd(t, c); got != code || len(frames) > 0 {
		t.Fatalf("got close code %d after frames %q, want code %d at once", got, frames, code)
	}
}

// wait receives from c, or fails the test.
func wait[T any](t *testing.T, what string, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(patience):
		t.Fatalf("%s did not happen", what)
	}
	return v
}

func message(user, thread string, seq int64) tmates.Event {
	return tmates.Event{UserID: user, Type: tmates.EventMessage, ThreadID: thread,
		Message: &tmates.Message{Seq: seq, ThreadID: thread, UserID: user}}
}

func status(user, thread, word string) tmates.Event {
	return tmates.Event{UserID: user, Type: tmates.EventStatus, ThreadID: thread, Status: &tmates.Status{Status: word}}
}

func delta(user, thread, text string) tmates.Event {
	return tmates.Event{UserID: user, Type: tmates.EventDelta, ThreadID: thread, Delta: &tmates.Delta{Text: text}}
}

func sessionEnd(user, session string) tmates.Event {
	return tmates.Event{UserID: user, Type: tmates.EventSessionEnd, SessionID: session}
}

func TestPublish(t *testing.T) {
	t.Parallel()
	t.Run("every socket of the user gets every event in order", func(t *testing.T) {
		t.Parallel()
		st := start(t, Options{}, nil)
		socks := []*websocket.Conn{st.dial(t, "ann", ""), st.dial(t, "ann", ""), st.dial(t, "ann", "")}
		other := st.dial(t, "bob", "")
		var want []string
		for i := range int64(200) {
			st.Publish([]tmates.Event{message("ann", "t1", i+1), status("ann", "t1", "agent_typing")})
			want = append(want, fmt.Sprintf("new_message t1 %d", i+1), "chat_status t1 agent_typing")
		}
		st.Publish([]tmates.Event{
			{UserID: "ann", Type: tmates.EventPost, Post: &tmates.Post{ID: "p1"}},
			message("bob", "t2", 201),
		})
		want = append(want, "pinboard_post p1")
		for _, c := range socks {
			wantFrames(t, c, want...)
		}
		wantFrames(t, other, "new_message t2 201")
		if got := st.encoded.Load(); got != 402 {
			t.Errorf("Encode called %d times, want 402: once per event", got)
		}
	})
	t.Run("nothing is encoded for nobody", func(t *testing.T) {
		t.Parallel()
		st := start(t, Options{}, nil)
		w := st.Watch("ann", "t1")
		defer w.Close()
		st.dial(t, "bob", "")
		st.Publish([]tmates.Event{message("ann", "t1", 1), message("eve", "t9", 2), delta("bob", "t2", "x")})
		if got := st.encoded.Load(); got != 0 {
			t.Errorf("Encode called %d times, want 0", got)
		}
	})
	t.Run("an event without a frame is not sent", func(t *testing.T) {
		t.Parallel()
		st := start(t, Options{}, nil)
		c := st.dial(t, "ann", "")
		st.Publish([]tmates.Event{{UserID: "ann", Type: "unknown"}, message("ann", "t1", 1)})
		wantFrames(t, c, "new_message t1 1")
	})
}

func TestStream(t *testing.T) {
	t.Parallel()
	t.Run("deltas go to streaming sockets only", func(t *testing.T) {
		t.Parallel()
		st := start(t, Options{}, func(_ context.Context, s *Socket, frame []byte) {
			s.Stream(string(frame))
			s.Stream(string(frame))
			s.Send([]byte("streaming for " + s.UserID()))
		})
		streaming, plain := st.dial(t, "ann", ""), st.dial(t, "ann", "")
		say(t, streaming, "t1")
		wantFrames(t, streaming, "streaming for ann")
		st.Publish([]tmates.Event{
			delta("ann", "t1", "Hel"), delta("ann", "t2", "no"),
			{UserID: "ann", Type: tmates.EventReset, ThreadID: "t1", Delta: &tmates.Delta{}},
			delta("ann", "t1", "lo"), message("ann", "t1", 5),
		})
		wantFrames(t, streaming, "message_delta t1 Hel", "message_reset t1 ", "message_delta t1 lo", "new_message t1 5")
		wantFrames(t, plain, "new_message t1 5")
	})
	t.Run("a stream too many ends the oldest", func(t *testing.T) {
		t.Parallel()
		st := start(t, Options{}, func(_ context.Context, s *Socket, _ []byte) {
			for i := range maxThreads + 1 {
				s.Stream(fmt.Sprintf("t%d", i))
			}
			s.Send([]byte("ok"))
		})
		c := st.dial(t, "ann", "")
		say(t, c, "go")
		wantFrames(t, c, "ok")
		st.Publish([]tmates.Event{delta("ann", "t0", "x"), delta("ann", "t1", "y"), delta("ann", "t64", "z")})
		wantFrames(t, c, "message_delta t1 y", "message_delta t64 z")
	})
}

func TestSessionEnd(t *testing.T) {
	t.Parallel()
	st := start(t, Options{}, nil)
	phone, laptop, none, bob := st.dial(t, "ann", "s1"), st.dial(t, "ann", "s2"), st.dial(t, "ann", ""), st.dial(t, "bob", "s1")

	st.Publish([]tmates.Event{sessionEnd("ann", "s1"), message("ann", "t1", 1), message("bob", "t2", 2)})
	wantClose(t, phone, websocket.ClosePolicyViolation)
	wantFrames(t, laptop, "new_message t1 1")
	wantFrames(t, none, "new_message t1 1")
	wantFrames(t, bob, "new_message t2 2")

	st.Publish([]tmates.Event{sessionEnd("ann", "")})
	wantClose(t, laptop, websocket.ClosePolicyViolation)
	wantClose(t, none, websocket.ClosePolicyViolation)
	if st.Online("ann") || !st.Online("bob") {
		t.Errorf("Online: ann %v, bob %v, want only bob", st.Online("ann"), st.Online("bob"))
	}
	st.Publish([]tmates.Event{message("bob", "t2", 3)})
	wantFrames(t, bob, "new_message t2 3")
}

// TestSlowReader lets one socket of a user read nothing until it is given up,
// while another must get every event at once.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	seen := make(chan *Socket, 1)
	st := start(t, Options{QueueBytes: 256 << 10}, func(_ context.Context, s *Socket, _ []byte) { seen <- s })
	slow, quick := st.dial(t, "ann", ""), st.dial(t, "ann", "")
	say(t, slow, "hello")
	slowSocket := wait(t, "the hello", seen)

	pad := " " + strings.Repeat("x", 64<<10)
	var all []string
	for seq := int64(1); slowSocket.Context().Err() == nil; seq++ {
		if seq > 10_000 {
			t.Fatal("600 MB wait for a socket that does not read")
		}
		ev := message("ann", "t1", seq)
		ev.Message.Content = pad
		st.Publish([]tmates.Event{ev})
		all = append(all, fmt.Sprintf("new_message t1 %d%s", seq, pad))
		wantFrames(t, quick, all[len(all)-1])
	}
	st.Publish([]tmates.Event{message("ann", "t1", 0)})
	wantFrames(t, quick, "new_message t1 0")

	got, code := readToEnd(t, slow)
	if code != websocket.CloseTryAgainLater {
		t.Errorf("close code %d, want 1013", code)
	}
	// None at all is possible: its writer may not have had a turn yet.
	if len(got) >= len(all) || !slices.Equal(got, all[:len(got)]) {
		t.Errorf("the slow socket got %d of %d frames, want the first ones without a gap", len(got), len(all))
	}
}

// refusal returns how the stage answers a handshake it must not accept.
func refusal(t *testing.T, st *stage, user string, h http.Header) string {
	t.Helper()
	c, resp, err := websocket.DefaultDialer.Dial(st.url+"?user="+user, h)
	if err == nil {
		c.Close()
		t.Fatal("the socket was accepted")
	}
	body := make([]byte, 100)
	n, _ := resp.Body.Read(body)
	return strings.TrimSpace(string(body[:n]))
}

func TestOnline(t *testing.T) {
	t.Parallel()
	t.Run("online while a socket is open", func(t *testing.T) {
		t.Parallel()
		opened := make(chan *Socket, 1)
		st := start(t, Options{}, func(_ context.Context, s *Socket, _ []byte) { opened <- s })
		if st.Online("ann") {
			t.Error("online without a socket")
		}
		c := st.dial(t, "ann", "")
		if !st.Online("ann") {
			t.Error("not online with a socket")
		}
		say(t, c, "x")
		s := wait(t, "the frame", opened)
		bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
		if err := c.WriteMessage(websocket.CloseMessage, bye); err != nil {
			t.Fatal(err)
		}
		wantClose(t, c, websocket.CloseNormalClosure) // the code comes back
		wait(t, "the end of the context", s.Context().Done())
		if st.Online("ann") {
			t.Error("online after the socket was closed")
		}
		s.Send([]byte("into the void")) // must not panic
		if err := s.Replay("t1", func() ([][]byte, int64, error) {
			t.Error("Replay read the store for a closed socket")
			return nil, 0, nil
		}); !errors.Is(err, context.Canceled) {
			t.Errorf("Replay on a closed socket: %v, want context.Canceled", err)
		}
	})
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	t.Run("per user", func(t *testing.T) {
		t.Parallel()
		st := start(t, Options{MaxPerUser: 1}, nil)
		st.dial(t, "ann", "")
		st.dial(t, "bob", "")
		if got, want := refusal(t, st, "ann", nil), fmt.Sprint(tmates.TooMany, " too_many_sockets"); got != want {
			t.Errorf("refused with %q, want %q", got, want)
		}
	})
	t.Run("in total", func(t *testing.T) {
		t.Parallel()
		st := start(t, Options{MaxSockets: 1}, nil)
		st.dial(t, "ann", "")
		if got, want := refusal(t, st, "bob", nil), fmt.Sprint(tmates.Unavailable, " sockets_exhausted"); got != want {
			t.Errorf("refused with %q, want %q", got, want)
		}
	})
	t.Run("foreign origin", func(t *testing.T) {
		t.Parallel()
		st := start(t, Options{MaxPerUser: 1}, nil)
		h := http.Header{"Origin": {"https://elsewhere.example"}}
		for range 2 { // a refusal takes no place
			if got, want := refusal(t, st, "ann", h), fmt.Sprint(tmates.Forbidden, " origin_not_allowed"); got != want {
				t.Errorf("refused with %q, want %q", got, want)
			}
		}
		st.dial(t, "ann", "")
	})
	t.Run("not a handshake", func(t *testing.T) {
		t.Parallel()
		st := start(t, Options{}, nil)
		rec := httptest.NewRecorder()
		err := st.Serve(rec, httptest.NewRequest(http.MethodGet, "/", nil), "ann", "", nil, nil)
		if refused, ok := errors.AsType[*tmates.Error](err); !ok || refused.Kind != tmates.Invalid || refused.Code != "not_websocket" {
			t.Errorf("Serve: %v, want the Invalid error not_websocket", err)
		}
		if rec.Body.Len() != 0 || rec.Header().Get("Sec-WebSocket-Version") != "13" {
			t.Errorf("answered %q with version %q, want no body and version 13", rec.Body, rec.Header().Get("Sec-WebSocket-Version"))
		}
		if st.Online("ann") {
			t.Error("online after a refused handshake")
		}
	})
}

func TestClose(t *testing.T) {
	t.Parallel()
	t.Run("open sockets get 1001 after what was queued, new ones are refused", func(t *testing.T) {
		t.Parallel()
		st := start(t, Options{}, nil)
		a, b := st.dial(t, "ann", ""), st.dial(t, "bob", "")
		st.Publish([]tmates.Event{message("ann", "t1", 1), message("ann", "t1", 2)})
		closed := make(chan error, 1)
		go func() { closed <- st.Close(t.Context()) }()
		wantFrames(t, a, "new_message t1 1", "new_message t1 2")
		wantClose(t, a, websocket.CloseGoingAway)
		wantClose(t, b, websocket.CloseGoingAway)
		if err := wait(t, "the end of Close", closed); err != nil {
			t.Errorf("Close: %v", err)
		}
		st.Publish([]tmates.Event{message("ann", "t1", 3)})
		_, resp, err := websocket.DefaultDialer.Dial(st.url+"?user=ann", nil)
		if err == nil || resp == nil || resp.StatusCode != http.StatusTeapot {
			t.Errorf("dial after Close: %v, want a refusal", err)
		}
		err = st.Serve(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil), "ann", "", nil, nil)
		if refused, ok := errors.AsType[*tmates.Error](err); !ok || refused.Kind != tmates.Unavailable || refused.Code != "shutting_down" {
			t.Errorf("Serve after Close: %v, want the Unavailable error shutting_down", err)
		}
		if err := st.Close(t.Context()); err != nil {
			t.Errorf("second Close: %v", err)
		}
	})
	t.Run("a handler at work is told, and waited for", func(t *testing.T) {
		t.Parallel()
		begun, finish := make(chan struct{}), make(chan struct{})
		st := start(t, Options{}, func(ctx context.Context, _ *Socket, _ []byte) {
			close(begun)
			<-ctx.Done()
			<-finish
		})
		c := st.dial(t, "ann", "")
		say(t, c, "work")
		wait(t, "the handler", begun)
		late, cancel := context.WithCancelCause(t.Context())
		closed := make(chan error, 1)
		go func() { closed <- st.Close(late) }()
		wantClose(t, c, websocket.CloseGoingAway) // although the handler still works
		gaveUp := errors.New("gave up")
		cancel(gaveUp)
		if err := wait(t, "the end of Close", closed); !errors.Is(err, gaveUp) {
			t.Errorf("Close: %v, want the cause of its context", err)
		}
		close(finish)
		if err := st.Close(t.Context()); err != nil {
			t.Errorf("second Close: %v", err)
		}
	})
}

// TestNoGoroutineLeft runs before the parallel tests, so that only its own
// goroutines count.
func TestNoGoroutineLeft(t *testing.T) {
	ignore := goleak.IgnoreCurrent()
	t.Run("sockets", func(t *testing.T) {
		st := start(t, Options{}, nil)
		for i := range 20 {
			c := st.dial(t, "ann", fmt.Sprint(i%2))
			say(t, c, "hi")
			wantFrames(t, c, "hi")
			if i%4 == 0 {
				c.Close() // without a word
			}
		}
		st.Publish([]tmates.Event{sessionEnd("ann", "1")})
	})
	goleak.VerifyNone(t, ignore)
}
