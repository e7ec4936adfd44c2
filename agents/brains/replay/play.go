package replay

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/tmates/tmates/agents"
)

// Options say what is played, and how fast.
type Options struct {
	Path string
	// Speed divides every pause: 2 is twice as fast, and +Inf leaves none. 0 means
	// 1, as it was.
	Speed float64
}

// Brain plays a recording. It is safe for concurrent use.
type Brain struct {
	path  string
	speed float64

	mu        sync.Mutex
	exchanges []exchange
	played    []bool
}

var _ agents.Brain = (*Brain)(nil)

// New reads a recording. An incomplete last line, as a recorder leaves it that
// was killed, is passed over; any other line that makes no sense is an error that
// names it.
func New(o Options) (*Brain, error) {
	if !(o.Speed >= 0) { // also refuses NaN
		return nil, fmt.Errorf("replay: Speed is %v: it must not be negative", o.Speed)
	}
	file, err := os.Open(o.Path)
	if err != nil {
		return nil, fmt.Errorf("replay: open recording: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	exchanges, err := readAll(file)
	if err != nil {
		return nil, fmt.Errorf("replay: %s: %w", o.Path, err)
	}
	if len(exchanges) == 0 {
		return nil, fmt.Errorf("replay: %s holds no exchange", o.Path)
	}
	return &Brain{path: o.Path, speed: cmp.Or(o.Speed, 1), exchanges: exchanges, played: make([]bool, len(exchanges))}, nil
}

func readAll(in io.Reader) ([]exchange, error) {
	limited := &io.LimitedReader{R: in, N: DefaultMaxBytes + 1}
	lines := bufio.NewReader(limited)
	var out []exchange
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		switch {
		case limited.N == 0:
			return nil, fmt.Errorf("it is larger than %d bytes", DefaultMaxBytes)
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return nil, err
		case len(bytes.TrimSpace(line)) == 0:
			continue
		}
		x, err := read(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		out = append(out, x)
	}
}

// String names the recording.
func (b *Brain) String() string { return fmt.Sprintf("recording %q", b.path) }

// GoString is String.
func (b *Brain) GoString() string { return b.String() }

// LogValue is String.
func (b *Brain) LogValue() slog.Value { return slog.StringValue(b.String()) }

// CloseIdle has nothing to close; a replay connects to nothing.
func (b *Brain) CloseIdle() {}

// Models lists the models that were recorded, sorted.
func (b *Brain) Models(context.Context) ([]string, error) {
	var names []string
	for _, x := range b.exchanges {
		for _, p := range x.Parts {
			if p.Usage != nil && p.Usage.Model != "" {
				names = append(names, p.Usage.Model)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// Think plays the exchange that fits the turn.
func (b *Brain) Think(ctx context.Context, t agents.Turn) iter.Seq2[agents.Part, error] {
	return func(yield func(agents.Part, error) bool) {
		x, ok := b.next(request(t))
		if !ok {
			yield(agents.Part{}, &agents.ProviderError{Fatal: true, Msg: "The recording holds no more answers"})
			return
		}
		for _, p := range x.Parts {
			if err := b.pause(ctx, p.After); err != nil {
				yield(agents.Part{}, err)
				return
			}
			if !yield(p.part(), nil) {
				return
			}
		}
		if x.Failure == nil {
			return
		}
		err := b.pause(ctx, x.Failure.After)
		if err == nil {
			err = x.Failure.err()
		}
		yield(agents.Part{}, err)
	}
}

// next chooses an exchange (see the package comment) and marks it as played.
func (b *Brain) next(request string) (exchange, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	same, fresh := -1, -1
	for i, x := range b.exchanges {
		switch {
		case x.Request == request && !b.played[i]:
			b.played[i] = true
			return x, true
		case x.Request == request:
			same = i
		case !b.played[i] && fresh < 0:
			fresh = i
		}
	}
	at := same
	if at < 0 {
		at = fresh
	}
	if at < 0 {
		return exchange{}, false
	}
	b.played[at] = true
	return b.exchanges[at], true
}

// pause waits as long as the brain took, unless ctx ends.
func (b *Brain) pause(ctx context.Context, after int64) error {
	d := time.Duration(min(float64(min(max(0, after), maxPause.Milliseconds()))/b.speed, float64(maxPause.Milliseconds())) * float64(time.Millisecond))
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	if ctx.Err() != nil {
		return fmt.Errorf("play the recording: %w", context.Cause(ctx))
	}
	return nil
}
