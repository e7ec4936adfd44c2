package hub

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/tmates/tmates/store/tmates"
)

// BenchmarkFanout gives one event to 5000 sockets, and the same bytes to 5000
// bare connections in a loop, in turns. It reports the CPU of this process for
// one delivery of each; the readers are another process.
func BenchmarkFanout(b *testing.B) {
	const sockets = 5000
	ev := message("ann", "t1", 1)
	ev.Message.Content = strings.Repeat("x", 200)
	size := 4 + len(encode(ev)) // 4: the head of a frame of this length

	h := New(Options{Encode: encode, MaxPerUser: sockets, PingEvery: time.Hour, PongWait: 3 * time.Hour})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h.Serve(w, r, "ann", "", nil, ignore); err != nil {
			b.Error(err)
		}
	}))
	defer srv.Close()
	hubSide := startReaders(b, srv.Listener.Addr().String(), "socket", sockets, size)

	bareListener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer bareListener.Close()
	conns := make(chan []net.Conn)
	go func() {
		var all []net.Conn
		for range sockets {
			c, err := bareListener.Accept()
			if err != nil {
				break
			}
			all = append(all, c)
		}
		conns <- all
	}()
	bareSide := startReaders(b, bareListener.Addr().String(), "bare", sockets, size)
	bare, data := <-conns, bytes.Repeat([]byte("x"), size)

	var bareTime, hubTime time.Duration
	for b.Loop() {
		bareTime += cpuOf(b, bareSide, func() {
			for _, c := range bare {
				if _, err := c.Write(data); err != nil {
					b.Fatal(err)
				}
			}
		})
		hubTime += cpuOf(b, hubSide, func() { h.Publish([]tmates.Event{ev}) })
	}
	per := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 / sockets / float64(b.N) }
	b.ReportMetric(per(hubTime), "cpu-us/delivery")
	b.ReportMetric(per(bareTime), "cpu-us/write")
	b.ReportMetric(float64(hubTime)/float64(bareTime), "ratio")
	for _, c := range bare {
		c.Close()
	}
	hubSide.stop()
	bareSide.stop()
	if err := h.Close(context.Background()); err != nil {
		b.Fatal(err)
	}
}

// cpuOf returns the CPU time of this process until every reader has a frame.
func cpuOf(b *testing.B, r *readers, send func()) time.Duration {
	before := cpuTime(b)
	send()
	if _, err := r.out.ReadString('\n'); err != nil {
		b.Fatal(err)
	}
	return cpuTime(b) - before
}

func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// readers are connections that another process reads.
type readers struct {
	out  *bufio.Reader // a line once all are open, and one for each frame that all have
	stop func()
}

const readersEnv = "HUB_TEST_READERS"

func startReaders(b *testing.B, addr, kind string, n, size int) *readers {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %d %d", readersEnv, addr, kind, n, size))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	r := &readers{out: bufio.NewReader(out), stop: sync.OnceFunc(func() {
		in.Close()
		cmd.Wait()
	})}
	b.Cleanup(r.stop)
	if _, err := r.out.ReadString('\n'); err != nil {
		b.Fatal(err)
	}
	return r
}

// beReaders is the other process. It ends with its standard input.
func beReaders(spec string) {
	f := strings.Fields(spec)
	n, _ := strconv.Atoi(f[2])
	size, _ := strconv.Atoi(f[3])
	var got atomic.Int64
	for range n {
		c, err := net.Dial("tcp", f[0])
		if err == nil && f[1] == "socket" {
			err = shakeHands(c)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		go func() {
			buf := make([]byte, size)
			for {
				if _, err := io.ReadFull(c, buf); err != nil {
					return
				}
				if got.Add(1)%int64(n) == 0 {
					fmt.Println("all")
				}
			}
		}()
	}
	fmt.Println("open")
	_, _ = io.Copy(io.Discard, os.Stdin)
}
