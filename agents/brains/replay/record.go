package replay

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"sync"
	"time"

	"github.com/tmates/tmates/agents"
)

// Why an exchange is not kept.
var (
	errFull = errors.New("the recording is full")
	errLong = errors.New("the answer is too long to be recorded")
)

// RecorderOptions say where a recording goes.
type RecorderOptions struct {
	Path     string
	MaxBytes int64            // of the file; default DefaultMaxBytes
	Now      func() time.Time // default time.Now
}

// Recorder keeps what brains answer in one file, which no other recorder may have
// open. It is safe for concurrent use.
type Recorder struct {
	max int64
	now func() time.Time

	mu   sync.Mutex
	file *os.File // nil once closed
	size int64
	err  error
}

// NewRecorder opens or makes the file and cuts off what is not a whole line at its
// end. The caller closes the recorder.
func NewRecorder(o RecorderOptions) (*Recorder, error) {
	r := &Recorder{max: cmp.Or(o.MaxBytes, DefaultMaxBytes), now: o.Now}
	if r.now == nil {
		r.now = time.Now
	}
	file, err := os.OpenFile(o.Path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open recording: %w", err)
	}
	if r.size, err = prepare(file); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("open recording: %w", err)
	}
	r.file = file
	return r, nil
}

// prepare makes the file private and returns its size in whole lines.
func prepare(f *os.File) (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	if !info.Mode().IsRegular() {
		return 0, fmt.Errorf("%s is not a file", f.Name())
	}
	if err := f.Chmod(0o600); err != nil {
		return 0, err
	}
	size, err := wholeLines(f, info.Size())
	if err != nil || size == info.Size() {
		return size, err
	}
	return size, f.Truncate(size)
}

// wholeLines returns how much of size is whole lines.
func wholeLines(f io.ReaderAt, size int64) (int64, error) {
	piece := make([]byte, 64<<10)
	for end := size; end > 0; {
		begin := max(0, end-int64(len(piece)))
		n, err := f.ReadAt(piece[:end-begin], begin)
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		if at := bytes.LastIndexByte(piece[:n], '\n'); at >= 0 {
			return begin + int64(at) + 1, nil
		}
		end = begin
	}
	return 0, nil
}

// Err returns why the first exchange that is missing was not kept, or nil.
func (r *Recorder) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// Close closes the file. What is asked later is answered and not kept.
func (r *Recorder) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file == nil {
		return nil
	}
	err := r.file.Close()
	r.file = nil
	if err != nil {
		return fmt.Errorf("close recording: %w", err)
	}
	return nil
}

// Wrap returns a brain that passes turns on to b and, when an answer has ended,
// keeps it.
func (r *Recorder) Wrap(b agents.Brain) agents.Brain { return recorded{b, r} }

type recorded struct {
	brain agents.Brain
	to    *Recorder
}

// Think passes the turn on.
func (b recorded) Think(ctx context.Context, t agents.Turn) iter.Seq2[agents.Part, error] {
	return func(yield func(agents.Part, error) bool) {
		x := exchange{Version: version, At: b.to.now().UTC(), Tmate: key(t), Request: request(t), Question: question(t), Parts: []part{}}
		size := 0
		began := time.Now()
		for p, err := range b.brain.Think(ctx, t) {
			after := time.Since(began)
			if err != nil {
				x.Failure = newFailure(err, after)
				if ctx.Err() == nil {
					b.to.keep(x, size)
				}
				yield(p, err)
				return
			}
			if size <= maxExchange {
				size += weight(p)
				x.Parts = append(x.Parts, newPart(p, after))
			}
			if !yield(p, nil) {
				return
			}
			began = time.Now() // the time the consumer took is not the brain's
		}
		if ctx.Err() == nil {
			b.to.keep(x, size)
		}
	}
}

// weight is about what a part takes in a line, in bytes.
func weight(p agents.Part) int {
	n := 32 + len(p.Text)
	for _, c := range p.Calls {
		n += 64 + len(c.Name) + len(c.Args)
	}
	return n
}

// keep appends one exchange.
func (r *Recorder) keep(x exchange, size int) {
	err := errLong
	var line []byte
	if size <= maxExchange {
		line, err = json.Marshal(x)
		line = append(line, '\n')
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.file == nil:
		return
	case err == nil && len(line) > maxExchange:
		err = errLong
	case err == nil && r.size+int64(len(line)) > r.max:
		err = errFull
	}
	if err == nil {
		err = r.write(line)
	}
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("record exchange: %w", err)
	}
}

// write appends a line, or nothing.
func (r *Recorder) write(line []byte) error {
	if _, err := r.file.Write(line); err != nil {
		return errors.Join(err, r.file.Truncate(r.size))
	}
	r.size += int64(len(line))
	return nil
}
