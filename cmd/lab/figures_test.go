package lab

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/tmates/tmates/cmd/app/apptest"
)

// figuresVariable names the socket at which a program of the soak tells what
// only it knows. The program itself has no such door: TestMain opens it beside.
const figuresVariable = "LAB_FIGURES"

// figures is what must not grow.
type figures struct {
	Goroutines int
	Heap       int64 // bytes in use after a collection
	RSS        int64 // bytes
	Files      int   // open descriptors
	Threads    int
	WAL        int64 // bytes
}

func (f figures) String() string {
	return fmt.Sprintf("%d goroutines, heap %d KiB, RSS %d MiB, %d descriptors, %d threads, WAL %d KiB",
		f.Goroutines, f.Heap>>10, f.RSS>>20, f.Files, f.Threads, f.WAL>>10)
}

// retained is what the soak makes a program leak to see that it is noticed.
var retained [][]byte

// tellFigures answers each number that comes in with the figures of this
// process, after it has leaked so many KiB.
func tellFigures() error {
	path := os.Getenv(figuresVariable)
	if path == "" {
		return nil
	}
	door, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	go func() {
		conn, err := door.Accept() // one, for as long as the process lives
		if err != nil {
			return
		}
		for lines := bufio.NewScanner(conn); lines.Scan(); {
			leak, _ := strconv.Atoi(lines.Text())
			for range leak {
				retained = append(retained, make([]byte, 1<<10))
			}
			runtime.GC()
			debug.FreeOSMemory() // collects once more: pools are empty then
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			_ = json.NewEncoder(conn).Encode(figures{Goroutines: runtime.NumGoroutine(), Heap: int64(m.HeapAlloc)})
		}
	}()
	return nil
}

// gauge reads the figures of a program.
type gauge struct {
	p       *apptest.Process
	conn    net.Conn
	answers *json.Decoder
}

func newGauge(p *apptest.Process, path string) (*gauge, error) {
	conn, err := net.Dial("unix", path)
	if err != nil {
		return nil, err
	}
	return &gauge{p, conn, json.NewDecoder(conn)}, nil
}

// read returns the figures after so many KiB were leaked.
func (g *gauge) read(leak int) (f figures, err error) {
	if _, err := fmt.Fprintln(g.conn, leak); err != nil {
		return f, err
	}
	if err := g.answers.Decode(&f); err != nil {
		return f, err
	}
	proc := filepath.Join("/proc", strconv.Itoa(g.p.PID()))
	status, err := os.ReadFile(filepath.Join(proc, "status"))
	if err != nil {
		return f, err
	}
	for line := range strings.Lines(string(status)) {
		name, rest, _ := strings.Cut(line, ":")
		n, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
		switch name {
		case "VmRSS":
			f.RSS = n << 10
		case "Threads":
			f.Threads = int(n)
		}
	}
	open, err := os.ReadDir(filepath.Join(proc, "fd"))
	if err != nil {
		return f, err
	}
	f.Files, f.WAL = len(open), walSize(g.p.Dir)
	return f, nil
}

// settled reads the figures once nothing changes any more: connections that were
// closed on one side end on the other a little later.
func (g *gauge) settled() (f figures, err error) {
	until, same := time.Now().Add(settleTime), 0
	for last := -1; same < 20 && time.Now().Before(until); last = f.Goroutines {
		if f, err = g.read(0); err != nil {
			return f, err
		}
		if same++; f.Goroutines != last {
			same = 0
		}
	}
	return f, nil
}

// walSize is the length of the write-ahead log in bytes.
func walSize(dir string) int64 {
	info, err := os.Stat(filepath.Join(dir, "tmates.db-wal"))
	if err != nil {
		return 0
	}
	return info.Size()
}
