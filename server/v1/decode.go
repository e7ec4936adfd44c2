package v1

import (
	"bytes"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/tmates/tmates/server/limit"
	"github.com/tmates/tmates/store/tmates"
)

// Bounds of what a client sends.
const (
	maxBody    = 1 << 20  // bytes of a JSON body
	maxUnknown = 64 << 10 // of one whose sender has not proven who they are
)

// body is what a request carries, parsed but not validated. The zero value is
// no body at all, which JSON's null equals.
type body struct {
	value any // numbers are json.Number
}

// readBody reads and parses the body. JSON is what application/json, any +json
// or no media type announce. A body of another type is kept as text, which no
// validation accepts: upstream answers so too, and only after authentication.
func readBody(c echo.Context, most int64) (body, error) {
	r := c.Request()
	data, err := limit.Body(c.Response(), r, most)
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return body{}, errTooLarge
	}
	if err != nil {
		return body{}, tmates.E(tmates.Invalid, "body_unreadable", err, "There was an error reading the body")
	}
	switch {
	case len(data) == 0:
		return body{}, nil
	case !isJSON(r.Header.Get(echo.HeaderContentType)):
		return body{string(data)}, nil
	}
	value, err := parse(data)
	return body{value}, err
}

var errTooLarge = tmates.E(tmates.TooLarge, "body_too_large", nil, "Request body exceeds the maximum allowed size.")

func isJSON(contentType string) bool {
	if contentType == "" {
		return true
	}
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) {
		return false
	}
	kind, sub, _ := strings.Cut(media, "/")
	return kind == "application" && (sub == "json" || strings.HasSuffix(sub, "+json"))
}

// parse reads one JSON value within the bounds of [limit.JSON]. What it
// refuses is a fault of type json_invalid at the offset, in code points, where
// reading ended.
func parse(data []byte) (any, error) {
	broken := func(at int, why string) error {
		return invalid{{
			Type: "json_invalid", Loc: []any{"body", utf8.RuneCount(data[:min(max(at, 0), len(data))])}, Msg: "JSON decode error",
			Input: map[string]any{}, Ctx: map[string]any{"error": why},
		}}
	}
	if !utf8.Valid(data) {
		return nil, broken(0, "text is not UTF-8")
	}
	if at, why := limit.JSON(data); at >= 0 {
		return nil, broken(at, why)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var value any
	err := d.Decode(&value)
	if bad, ok := errors.AsType[*json.SyntaxError](err); ok {
		return nil, broken(int(bad.Offset)-1, bad.Error())
	}
	if err != nil {
		return nil, broken(len(data), "the text ends too early")
	}
	if rest := bytes.TrimLeft(data[d.InputOffset():], " \t\r\n"); len(rest) > 0 {
		return nil, broken(len(data)-len(rest), "there is more after the value")
	}
	return value, nil
}

// pathValue returns a path parameter, percent-decoded exactly once. The router
// matches on the raw path when there is one, and on the decoded path else; a
// value with a slash would be several segments upstream, where decoding comes
// first, and therefore names no route.
func pathValue(c echo.Context, name string) (string, error) {
	value, err := decoded(c, name)
	if err != nil || value == "" || strings.Contains(value, "/") {
		return "", echo.ErrNotFound
	}
	return value, nil
}

// greedyValue returns what follows a greedy route's path, decoded exactly once.
func greedyValue(c echo.Context) (string, error) {
	value, err := decoded(c, "*")
	if err != nil || value == "" {
		return "", echo.ErrNotFound
	}
	return value, nil
}

func decoded(c echo.Context, name string) (string, error) {
	value := c.Param(name)
	if c.Request().URL.RawPath == "" {
		return value, nil
	}
	return url.PathUnescape(value)
}

// queryLimit reads the optional limit of a list, 1 to most.
func queryLimit(c echo.Context, most, otherwise int) (int, error) {
	return queryWhole(c, "limit", most, otherwise)
}

// queryWhole reads an optional whole number, 1 to most; of several the last
// counts.
func queryWhole(c echo.Context, name string, most, otherwise int) (int, error) {
	values := c.QueryParams()[name]
	if len(values) == 0 {
		return otherwise, nil
	}
	var k checker
	n := k.whole([]any{"query", name}, values[len(values)-1], 1, int64(most))
	return int(n), k.err()
}
