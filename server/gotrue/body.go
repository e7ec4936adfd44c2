package gotrue

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"sync"

	"github.com/labstack/echo/v4"

	"github.com/tmates/tmates/server/limit"
	"github.com/tmates/tmates/store/tmates"
)

// maxBody bounds a request body, in bytes: far more than an account's data, and
// little for what anybody may send before they are known.
const maxBody = 64 << 10

// decode reads a JSON body, whatever its content type says. Unknown fields are
// ignored; a field of the wrong type is named.
func decode[T any](c echo.Context) (in T, err error) {
	text, err := limit.Body(c.Response(), c.Request(), maxBody)
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return in, errTooLarge
	}
	if err != nil {
		return in, badJSON("The request body could not be read")
	}
	if at, why := limit.JSON(text); at >= 0 {
		return in, badJSON("The request body has %s", why)
	}
	err = json.Unmarshal(text, &in)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if wrong.Field == "" {
			return in, badJSON("The request body must be a JSON object")
		}
		return in, badJSON("The field %s has the wrong type: it is a %s", wrong.Field, wrong.Value)
	}
	if err != nil {
		return in, badJSON("The request body is not valid JSON")
	}
	return in, nil
}

func badJSON(format string, a ...any) error {
	return tmates.E(tmates.Invalid, "bad_json", nil, format, a...)
}

func invalid(text string) error {
	return tmates.E(tmates.Invalid, "validation_failed", nil, "%s", text)
}

// writeJSON answers with a JSON body and no line break behind it.
func writeJSON(c echo.Context, code int, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	return c.JSONBlob(code, text)
}

// looseText is a text that some clients send as a number.
type looseText string

// UnmarshalJSON implements [json.Unmarshaler].
func (t *looseText) UnmarshalJSON(text []byte) error {
	switch text[0] {
	case '"':
		return json.Unmarshal(text, (*string)(t))
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		*t = looseText(text)
	case 'n': // null
	default:
		return &json.UnmarshalTypeError{Value: "value that is no text", Type: reflect.TypeFor[string](), Field: "token"}
	}
	return nil
}

// challenge is what a client sends that would like to exchange a link for a
// session later. Links are not sent, so it is only checked.
type challenge struct {
	Challenge *string `json:"code_challenge"`
	Method    *string `json:"code_challenge_method"`
}

var challengePattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9._~-]{43,128}$`) })

func (p challenge) check() error {
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	switch challenge, method := text(p.Challenge), text(p.Method); {
	case challenge == "" && method == "":
		return nil
	case challenge == "" || method == "":
		return invalid("code_challenge and code_challenge_method go together")
	case !challengePattern().MatchString(challenge):
		return invalid("code_challenge must have 43 to 128 letters, digits or . _ ~ -")
	}
	return nil
}
