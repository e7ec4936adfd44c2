package hub

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"

	"github.com/tmates/tmates/store/tmates"
)

// maxIdle bounds what an idle socket holds, in KiB: its part of the heap and its
// stack, a bare client connection included. It is 5, and 7 under the race
// detector, whose stacks are longer; the process takes up to twice as much,
// because the heap may grow before it is collected.
const maxIdle = 8

// TestIdleSize runs before the parallel tests, so that only its own memory
// counts.
func TestIdleSize(t *testing.T) {
	if size, _ := idle(t, 1000); size > maxIdle {
		t.Errorf("%.1f KiB a socket, want at most %d", size, maxIdle)
	}
}

// BenchmarkIdle reports what an idle socket costs after it got a few events,
// and its goroutines. One pass (-benchtime=1x) is enough.
func BenchmarkIdle(b *testing.B) {
	for b.Loop() {
		size, goroutines := idle(b, 5000)
		b.ReportMetric(size, "KiB/socket")
		b.ReportMetric(goroutines, "goroutines/socket")
	}
}

// idle returns KiB of heap and stacks, and goroutines, for each of n sockets.
func idle(tb testing.TB, n int) (size, goroutines float64) {
	h := New(Options{Encode: encode, MaxPerUser: n})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h.Serve(w, r, "ann", "", nil, ignore); err != nil {
			tb.Error(err)
		}
	}))
	defer srv.Close()
	bytes, running := inUse(), runtime.NumGoroutine()
	conns := make([]net.Conn, n)
	for i := range conns {
		conns[i] = bareClient(tb, srv.Listener.Addr().String())
	}
	h.Publish([]tmates.Event{message("ann", "t1", 1), message("ann", "t1", 2), message("ann", "t1", 3)})
	for _, c := range conns {
		if _, err := io.CopyN(io.Discard, c, int64(3*(2+len("new_message t1 1")))); err != nil {
			tb.Fatal(err)
		}
	}
	size = float64(int64(inUse()-bytes)) / float64(n) / 1024
	goroutines = float64(runtime.NumGoroutine()-running) / float64(n)
	for _, c := range conns {
		c.Close()
	}
	if err := h.Close(context.Background()); err != nil {
		tb.Fatal(err)
	}
	return size, goroutines
}

// inUse returns the bytes of heap and stacks that survive a collection.
func inUse() uint64 {
	runtime.GC()
	runtime.GC() // stacks shrink and pools empty with the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

// bareClient makes a handshake by hand and keeps nothing but the connection.
func bareClient(tb testing.TB, addr string) net.Conn {
	tb.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		tb.Fatal(err)
	}
	if err := shakeHands(c); err != nil {
		tb.Fatal(err)
	}
	return c
}

// shakeHands makes c a socket.
func shakeHands(c net.Conn) error {
	fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: hub\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
		return fmt.Errorf("handshake: %v %v", resp, err)
	}
	return nil
}
