package v1

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/tmates/tmates/server"
	"github.com/tmates/tmates/store/tmates"
)

func TestMoveUntil(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		after time.Duration
		read  int64
		want  time.Duration // after the beginning
	}{
		{0, 0, stall},
		{10 * time.Second, 100, 40 * time.Second},
		{50 * time.Second, 100, time.Minute + 12207031}, // hardly anything came
		{50 * time.Second, 1 << 20, 80 * time.Second},
		{20 * time.Minute, 25 << 20, 20*time.Minute + stall}, // slow, but on its way
		{20 * time.Minute, 600 << 10, 135 * time.Second},     // too slow, and over
	} {
		if got := moveUntil(began, began.Add(c.after), c.read).Sub(began); got != c.want {
			t.Errorf("after %s and %d bytes: until %s, want %s", c.after, c.read, got, c.want)
		}
	}
}

// shelf keeps what is uploaded as one file on the disk, and lends it.
type shelf struct {
	useCases
	path string
}

func (s shelf) Upload(_ context.Context, _, name string, r io.Reader) (tmates.File, error) {
	content, err := io.ReadAll(r)
	if err != nil {
		return tmates.File{}, fmt.Errorf("write file: %w", err)
	}
	return tmates.File{Path: name, Size: int64(len(content))}, os.WriteFile(s.path, content, 0o600)
}

func (s shelf) OpenFile(_ context.Context, _, name string) (tmates.File, *os.File, error) {
	f, err := os.Open(s.path)
	if err != nil {
		return tmates.File{}, nil, err
	}
	info, err := f.Stat()
	return tmates.File{Path: name, MediaType: "image/png", Size: info.Size(), Modified: info.ModTime()}, f, err
}

// oneConn is a listener that yields one connection.
type oneConn struct {
	conn chan net.Conn
	done chan struct{}
}

func (l oneConn) Accept() (net.Conn, error) {
	select {
	case c := <-l.conn:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}
func (l oneConn) Close() error   { return nil }
func (l oneConn) Addr() net.Addr { return &net.TCPAddr{} }

// connect serves one connection with the product's HTTP server, in virtual time:
// a pipe knows deadlines.
func connect(t *testing.T, s shelf) net.Conn {
	t.Helper()
	e := server.New(server.Options{Contracts: []server.Contract{{WriteError: WriteError}}})
	Mount(e, Options{Team: s, MaxUpload: 25 << 20, Authenticate: func(context.Context, string) (string, string, error) { return "ann", "s1", nil }})
	theirs, ours := net.Pipe()
	ln := oneConn{make(chan net.Conn, 1), make(chan struct{})}
	ln.conn <- ours
	srv := server.HTTP(e, slog.New(slog.DiscardHandler))
	go func() { _ = srv.Serve(ln) }()
	t.Cleanup(func() {
		close(ln.done)
		_ = theirs.Close()
		_ = srv.Close()
	})
	return theirs
}

const head = "POST /v1/files/upload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t\r\nContent-Type: multipart/form-data; boundary=b\r\n" +
	"Transfer-Encoding: chunked\r\n\r\n"

func chunk(s string) string { return fmt.Sprintf("%x\r\n%s\r\n", len(s), s) }

// A slow upload lives as long as it moves, far beyond the server's own deadlines
// for a request; one that stalls ends with a word.
func TestSlowUploads(t *testing.T) {
	t.Parallel()
	const begin = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n"
	for name, c := range map[string]struct {
		pieces int
		pause  time.Duration
		status int
	}{
		"moving":      {60, 20 * time.Second, http.StatusCreated}, // twenty minutes
		"stalled":     {3, 31 * time.Second, http.StatusRequestTimeout},
		"stalled end": {60, 0, http.StatusRequestTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := shelf{path: filepath.Join(t.TempDir(), "f")}
				conn := connect(t, s)
				piece := strings.Repeat("x", 200<<10)
				written := make(chan struct{})
				go func() {
					defer close(written)
					_, _ = io.WriteString(conn, head+chunk(begin))
					for range c.pieces {
						time.Sleep(c.pause)
						if _, err := io.WriteString(conn, chunk(piece)); err != nil {
							return
						}
					}
					if name != "stalled end" {
						_, _ = io.WriteString(conn, chunk("\r\n--b--\r\n")+"0\r\n\r\n")
					}
				}()
				began := time.Now()
				res, err := http.ReadResponse(bufio.NewReader(conn), nil)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(res.Body)
				if err != nil || res.StatusCode != c.status {
					t.Errorf("after %s: %d %s, %v", time.Since(began), res.StatusCode, body, err)
				}
				kept, err := os.ReadFile(s.path)
				if c.status == http.StatusCreated && (err != nil || !bytes.Equal(kept, bytes.Repeat([]byte(piece), c.pieces))) {
					t.Errorf("kept %d bytes, %v", len(kept), err)
				}
				if c.status != http.StatusCreated && (err == nil || time.Since(began) > 2*time.Minute) {
					t.Errorf("after %s: kept %d bytes", time.Since(began), len(kept))
				}
				_ = conn.Close()
				<-written
			})
		})
	}
}

// The same for who reads slowly.
func TestSlowDownloads(t *testing.T) {
	t.Parallel()
	for name, pause := range map[string]time.Duration{"moving": 20 * time.Second, "stalled": 3 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := shelf{path: filepath.Join(t.TempDir(), "f")}
				content := bytes.Repeat([]byte("0123456789abcdef"), 64<<10) // 1 MiB
				if err := os.WriteFile(s.path, content, 0o600); err != nil {
					t.Fatal(err)
				}
				conn := connect(t, s)
				if _, err := io.WriteString(conn, "GET /v1/files/download/a.png HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t\r\n\r\n"); err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				res, err := http.ReadResponse(bufio.NewReaderSize(conn, 32<<10), nil)
				if err != nil {
					t.Fatal(err)
				}
				var got bytes.Buffer
				for err == nil {
					time.Sleep(pause)
					_, err = io.CopyN(&got, res.Body, 32<<10)
				}
				whole := bytes.Equal(got.Bytes(), content)
				if whole != (name == "moving") || whole && time.Since(began) < 10*time.Minute {
					t.Errorf("%d bytes after %s, then %v", got.Len(), time.Since(began), err)
				}
			})
		})
	}
}

// FuzzForm reads whatever body a stranger calls a form: no panic, no internal
// error, no more content than was sent, and the same file as the standard
// library's own reader finds.
func FuzzForm(f *testing.F) {
	const file = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\nwords\r\n"
	for _, seed := range []string{
		"", "--b--", file + "--b--\r\n", file, "--b\r\n\r\n\r\n" + file + "--b--", file + file + "--b--", "--b\nA: b\n\n--b", strings.Repeat("--b\r\n\r\n", 40),
		strings.ReplaceAll(file, "a.png", "%\xff\x00\\\"") + "--b--", "--b\r\nContent-Disposition: form-data; name=file; filename*=utf-8''%ff\r\n\r\n\r\n--b--",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		req := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		req.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		in, err := newForm(call{Context: echo.New().NewContext(req, httptest.NewRecorder())})
		if err != nil {
			t.Fatal(err)
		}
		part, err := in.file()
		var content []byte
		if err == nil {
			content, err = io.ReadAll(part)
		}
		if len(content) > len(body) || err != nil && kindOf(err) == tmates.Internal {
			t.Errorf("%d bytes of %d, %v", len(content), len(body), err)
		}
		if err != nil {
			return
		}
		for others := multipart.NewReader(bytes.NewReader(body), "b"); ; {
			p, err := others.NextRawPart()
			if err != nil {
				t.Fatalf("nobody else finds the file: %v", err)
			}
			if p.FormName() == "file" {
				if want, err := io.ReadAll(p); err != nil || !bytes.Equal(content, want) {
					t.Errorf("content %q, want %q, %v", content, want, err)
				}
				return
			}
		}
	})
}
