package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// Events reads the payloads of server-sent events.
type Events struct {
	lines *Lines
	name  string // of the present event
}

// NewEvents reads lines as events.
func NewEvents(lines *Lines) *Events { return &Events{lines: lines} }

// Close releases the connection.
func (e *Events) Close() error { return e.lines.Close() }

// Next returns the next payload, which is never empty and good until the next
// call. What an event called "error" holds, or an error that stands in the stream
// without being an event, is an object with the field "error". Comments and pings
// are passed over; they are signs of life and no data. After the last payload the
// error is io.EOF.
//
// Events end with a blank line, but not every server sends one, so each data line
// stands for itself.
func (e *Events) Next() ([]byte, error) {
	for {
		line, err := e.lines.next()
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if payload := e.take(bytes.TrimSpace(line)); payload != nil { // the last line may lack its end
			e.lines.watch.data()
			return payload, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// take looks at one line and returns the payload in it, if any.
func (e *Events) take(line []byte) []byte {
	field, value, _ := bytes.Cut(line, []byte(":"))
	value = bytes.TrimSpace(value)
	switch {
	case len(line) == 0:
		e.name = ""
	case string(field) == "event":
		e.name = string(value)
	case string(field) == "data" && len(value) > 0 && e.name == "error":
		e.name = ""
		return asError(value)
	case string(field) == "data" && len(value) > 0 && e.name != "ping":
		return value
	case bytes.HasPrefix(line, []byte(`{"error"`)): // a bare error body in place of the rest
		return line
	}
	return nil
}

// asError makes sure that the payload of an error event is seen as an error.
func asError(payload []byte) []byte {
	var probe struct {
		Error json.RawMessage `json:"error"`
	}
	inner := json.RawMessage(payload)
	switch err := json.Unmarshal(payload, &probe); {
	case err == nil && Present(probe.Error):
		return payload
	case err != nil || payload[0] != '{':
		inner, _ = json.Marshal(string(payload)) // a string always encodes
	}
	out := append([]byte(`{"error":`), inner...)
	return append(out, '}')
}

// Present reports whether an error field holds anything. Some servers send a
// null or an empty text with every chunk.
func Present(raw json.RawMessage) bool {
	return len(raw) > 0 && string(raw) != "null" && string(raw) != `""`
}
