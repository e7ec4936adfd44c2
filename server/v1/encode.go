package v1

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/tmates/tmates/store/tmates"
)

// encode writes v as the contract does: compact, HTML and non-ASCII characters
// as they are, no newline at the end.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("encode answer: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// writeJSON answers with v. The contract wants the media type without charset.
func writeJSON(c echo.Context, status int, v any) error {
	data, err := encode(v)
	if err != nil {
		return err
	}
	return c.Blob(status, "application/json", data)
}

// orNull is how the wire says "none" for an optional text.
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// timeOrNull is how REST answers say "never".
func timeOrNull(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := tmates.ZTime(t)
	return &s
}

// orEmpty makes an absent map or list an empty one: the wire has {} and [].
func orEmpty(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}
