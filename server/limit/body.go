package limit

import (
	"fmt"
	"io"
	"net/http"
	"time"
)

// bodyTime is how long a client may take to send a body.
const bodyTime = 10 * time.Second

// Body reads a request's body of at most so many bytes. A longer one is an
// *[http.MaxBytesError].
func Body(w http.ResponseWriter, r *http.Request, most int64) ([]byte, error) {
	control := http.NewResponseController(w)
	// Writers of tests know no deadline; then there is none.
	_ = control.SetReadDeadline(time.Now().Add(bodyTime))
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	if err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}
	// Past the body, the deadline would end the request's context.
	_ = control.SetReadDeadline(time.Time{})
	return data, nil
}

// Bounds of a JSON text. A value takes tens of bytes once it is decoded, so
// that a small text could fill the memory.
const (
	MaxDepth  = 64     // nested lists and objects
	MaxValues = 20_000 // members and elements, all levels together
)

// JSON returns where a text gets deeper than MaxDepth or longer than MaxValues,
// and what is wrong there; at is -1 when nothing is. It reads the text once and
// keeps nothing; whether it is JSON is for the decoder to say.
func JSON(data []byte) (at int, why string) {
	depth, values, quoted := 0, 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			values++
			if depth++; depth > MaxDepth {
				return i, fmt.Sprintf("nested deeper than %d levels", MaxDepth)
			}
		case c == '}' || c == ']':
			depth--
		case c == ',':
			values++
		}
		if values > MaxValues {
			return i, fmt.Sprintf("more than %d values", MaxValues)
		}
	}
	return -1, ""
}
