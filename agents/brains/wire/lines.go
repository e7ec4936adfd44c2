package wire

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// maxLine bounds one line of a stream, in bytes.
const maxLine = 1 << 20

var errLongLine = errors.New("the provider sent a line without end")

// Lines reads the body of an answer line by line, under a watch.
type Lines struct {
	raw   io.Closer
	watch *watch
	in    *bufio.Reader
	line  []byte
}

func newLines(body io.ReadCloser, w *watch) *Lines {
	return &Lines{
		raw:   body,
		watch: w,
		in:    bufio.NewReaderSize(&watched{body: body, watch: w, left: maxStream}, 16<<10),
	}
}

// Close releases the connection.
func (l *Lines) Close() error { return l.raw.Close() }

// Data returns the next line that is not blank, and takes it for data. The last
// line may lack its end. It is good until the next call. After the last line the
// error is io.EOF.
func (l *Lines) Data() ([]byte, error) {
	for {
		line, err := l.next()
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			l.watch.data()
			return line, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// next reads up to the next line feed, which stays. With io.EOF there may be a
// line without one. The result is good until the next call.
func (l *Lines) next() ([]byte, error) {
	l.line = l.line[:0]
	for {
		piece, err := l.in.ReadSlice('\n')
		l.line = append(l.line, piece...)
		switch {
		case len(l.line) > maxLine:
			return nil, errLongLine
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		}
		return l.line, err
	}
}

// startsWith reports whether the first byte of the body is one of those given.
func (l *Lines) startsWith(bytesOf string) bool {
	first, err := l.in.Peek(1)
	return err == nil && bytes.ContainsAny(first, bytesOf)
}
