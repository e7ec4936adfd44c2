package wire

import (
	"errors"
	"io"
	"time"
)

const (
	// maxQuiet bounds how long keep-alive comments alone may hold an answer open.
	maxQuiet = 15 * time.Minute
	// usageGrace is the wait for token counts once the answer is complete.
	usageGrace = 10 * time.Second
	// drainGrace is the wait for the end of the body, which lets the connection
	// be used again.
	drainGrace = time.Second
	// maxStream bounds the bytes of one answer.
	maxStream = 64 << 20
)

var errSilent = errors.New("the provider fell silent")

// watch ends an exchange whose server is silent. It runs only while somebody
// waits for the server, so a slow consumer is not taken for a silent server.
// Only the exchange's own goroutine may call it.
type watch struct {
	expire func()
	idle   time.Duration // limit once data has come
	limit  time.Duration // of the present silence
	quiet  time.Duration // waited since the last data
	began  time.Time
	timer  *time.Timer
}

// begin starts to count silence.
func (w *watch) begin() {
	w.began = time.Now()
	d := max(0, min(w.limit, max(maxQuiet, w.limit)-w.quiet))
	if w.timer == nil {
		w.timer = time.AfterFunc(d, w.expire)
		return
	}
	w.timer.Reset(d)
}

// end stops counting.
func (w *watch) end() {
	w.timer.Stop()
	w.quiet += time.Since(w.began)
}

// data notes that the server sent more than a sign of life.
func (w *watch) data() {
	w.quiet = 0
	w.limit = w.idle
}

// hurry shortens the silence that is still worth waiting for.
func (w *watch) hurry(d time.Duration) {
	w.idle = min(w.idle, d)
	w.limit = w.idle
}

// watched reads a body under a watch, and only so much of it.
type watched struct {
	body  io.Reader
	watch *watch
	left  int64
}

// Read waits for the server at most as long as the watch allows.
func (r *watched) Read(p []byte) (int, error) {
	if r.left <= 0 {
		return 0, ErrTooMuch
	}
	r.watch.begin()
	n, err := r.body.Read(p[:min(int64(len(p)), r.left)])
	r.watch.end()
	r.left -= int64(n)
	return n, err
}
