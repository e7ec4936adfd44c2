package openai

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// maxLine bounds one line of a stream, in bytes.
const maxLine = 1 << 20

var errLongLine = errors.New("the provider sent a line without end")

// events stands between the network and the client's line reader, and hands on
// nothing but data lines. The client's reader by itself gives up after a number
// of keep-alive comments, keeps every line that is not data in memory, does not
// look at the event field, and loses the text of an error that is not an object.
type events struct {
	raw    io.Closer
	watch  *watch
	in     *bufio.Reader
	line   []byte
	out    []byte // what the client has not read yet
	failed bool   // the present event is called "error"
	err    error  // how the body ended
}

func newEvents(body io.ReadCloser, w *watch) *events {
	return &events{
		raw:   body,
		watch: w,
		in:    bufio.NewReaderSize(&watched{body: body, watch: w, left: maxStream}, 16<<10),
	}
}

// Read returns bytes of whole data lines.
func (e *events) Read(p []byte) (int, error) {
	for len(e.out) == 0 {
		if e.err != nil {
			return 0, e.err
		}
		line, err := e.next()
		e.err = err
		if err == nil || errors.Is(err, io.EOF) { // the last line may lack its end
			e.take(bytes.TrimSpace(line))
		}
	}
	n := copy(p, e.out)
	e.out = e.out[n:]
	return n, nil
}

// Close releases the connection.
func (e *events) Close() error { return e.raw.Close() }

// next reads up to the next line feed. The result is good until the next call.
func (e *events) next() ([]byte, error) {
	e.line = e.line[:0]
	for {
		piece, err := e.in.ReadSlice('\n')
		e.line = append(e.line, piece...)
		switch {
		case len(e.line) > maxLine:
			return nil, errLongLine
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		}
		return e.line, err
	}
}

// take looks at one line. Events end with a blank line, but not every server
// sends one, so each data line stands for itself.
func (e *events) take(line []byte) {
	field, value, _ := bytes.Cut(line, []byte(":"))
	value = bytes.TrimSpace(value)
	switch {
	case len(line) == 0:
		e.failed = false
	case string(field) == "event":
		e.failed = string(value) == "error"
	case string(field) == "data" && len(value) > 0:
		e.data(value)
	case bytes.HasPrefix(line, []byte(`{"error"`)): // a bare error body in place of the rest
		e.data(line)
	}
}

// data hands one payload on. The blank after the brace keeps the client from
// taking a payload that begins with an error field out of our hands.
func (e *events) data(payload []byte) {
	e.watch.data()
	if e.failed {
		e.failed = false
		payload = asError(payload)
	}
	e.out = append(e.out[:0], "data: "...)
	if payload[0] == '{' {
		e.out = append(e.out, "{ "...)
		payload = payload[1:]
	}
	e.out = append(e.out, payload...)
	e.out = append(e.out, '\n')
}

// asError makes sure that the payload of an error event is seen as an error.
func asError(payload []byte) []byte {
	var probe struct {
		Error json.RawMessage `json:"error"`
	}
	inner := json.RawMessage(payload)
	switch err := json.Unmarshal(payload, &probe); {
	case err == nil && present(probe.Error):
		return payload
	case err != nil || payload[0] != '{':
		inner, _ = json.Marshal(string(payload)) // a string always encodes
	}
	out := append([]byte(`{"error":`), inner...)
	return append(out, '}')
}

// present reports whether an error field holds anything. Some servers send a
// null or an empty text with every chunk.
func present(raw json.RawMessage) bool {
	return len(raw) > 0 && string(raw) != "null" && string(raw) != `""`
}
