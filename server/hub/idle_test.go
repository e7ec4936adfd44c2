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

// BenchmarkIdle reports what an idle socket costs after it got a few events:
// heap and stacks, a bare client connection included, and goroutines. One pass
// (-benchtime=1x) is enough.
func BenchmarkIdle(b *testing.B) {
	const sockets = 2000
	for b.Loop() {
		h := New(Options{Encode: encode, MaxPerUser: sockets})
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := h.Serve(w, r, "ann", "", nil, func(context.Context, *Socket, []byte) {}); err != nil {
				b.Error(err)
			}
		}))
		bytes, goroutines := inUse(), runtime.NumGoroutine()
		conns := make([]net.Conn, sockets)
		for i := range conns {
			conns[i] = bareClient(b, srv.Listener.Addr().String())
		}
		h.Publish([]tmates.Event{message("ann", "t1", 1), message("ann", "t1", 2), message("ann", "t1", 3)})
		for _, c := range conns {
			if _, err := io.CopyN(io.Discard, c, int64(3*(2+len("new_message t1 1")))); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(inUse()-bytes)/sockets/1024, "KiB/socket")
		b.ReportMetric(float64(runtime.NumGoroutine()-goroutines)/sockets, "goroutines/socket")
		for _, c := range conns {
			c.Close()
		}
		if err := h.Close(b.Context()); err != nil {
			b.Fatal(err)
		}
		srv.Close()
	}
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
