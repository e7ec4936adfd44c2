package v1

import (
	"context"
	"errors"
	"net/http"
	"os"
	"syscall"

	"github.com/labstack/echo/v4"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/store/tmates"
)

// retryAfter is what a 429 or 503 advises, in seconds.
const retryAfter = "5"

// problem is the body of every error answer.
type problem struct {
	Detail any `json:"detail"` // text, or the list of faults of a 422: of a request or of the source of a tmate
}

// WriteError answers a request with an error in the shape of this contract. It
// is meant for echo's error handler and is the only place where a kind of
// failure becomes a status. It says nothing of what is inside an error nobody
// classified, and writes nothing when the client has left or the answer has
// begun. It does not log: see the gate.
func WriteError(c echo.Context, err error) {
	if c.Response().Committed || clientGone(c, err) {
		return
	}
	status, detail := explain(err)
	header := c.Response().Header()
	switch status {
	case http.StatusUnauthorized:
		header.Set(echo.HeaderWWWAuthenticate, "Bearer")
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		if header.Get(echo.HeaderRetryAfter) == "" {
			header.Set(echo.HeaderRetryAfter, retryAfter)
		}
	}
	_ = writeJSON(c, status, problem{detail}) // fails only when the client leaves now
}

// clientGone reports whether an error only says that nobody waits for the
// answer any more: the request ended, or the answer could not be written.
func clientGone(c echo.Context, err error) bool {
	return errors.Is(err, context.Canceled) && c.Request().Context().Err() != nil ||
		errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, os.ErrDeadlineExceeded)
}

// kindOf returns whose fault an error is. Faults of validation and the router's
// own errors count as the client's.
func kindOf(err error) tmates.Kind {
	if _, ok := errors.AsType[invalid](err); ok {
		return tmates.Invalid
	}
	if _, ok := errors.AsType[agents.Refused](err); ok {
		return tmates.Invalid
	}
	if e, ok := errors.AsType[*echo.HTTPError](err); ok && e.Code < http.StatusInternalServerError {
		return tmates.Invalid
	}
	if e, ok := errors.AsType[*tmates.Error](err); ok {
		return e.Kind
	}
	return tmates.Internal
}

// explain returns the status and the detail of an error.
func explain(err error) (status int, detail any) {
	if faults, ok := errors.AsType[invalid](err); ok {
		return http.StatusUnprocessableEntity, faults
	}
	if faults, ok := errors.AsType[agents.Refused](err); ok {
		return http.StatusUnprocessableEntity, findingsOf(faults)
	}
	if e, ok := errors.AsType[*tmates.Error](err); ok {
		if e.Kind == tmates.Internal {
			return http.StatusInternalServerError, http.StatusText(http.StatusInternalServerError)
		}
		return statusOf(e.Kind), e.Msg
	}
	if e, ok := errors.AsType[*echo.HTTPError](err); ok {
		if text, ok := e.Message.(string); ok && text != "" && e.Code < http.StatusInternalServerError {
			return e.Code, text
		}
		return e.Code, http.StatusText(e.Code)
	}
	return http.StatusInternalServerError, http.StatusText(http.StatusInternalServerError)
}

func statusOf(k tmates.Kind) int {
	switch k {
	case tmates.Invalid:
		return http.StatusBadRequest
	case tmates.Unauthenticated:
		return http.StatusUnauthorized
	case tmates.Forbidden:
		return http.StatusForbidden
	case tmates.NotFound:
		return http.StatusNotFound
	case tmates.Conflict:
		return http.StatusConflict
	case tmates.TooLarge:
		return http.StatusRequestEntityTooLarge
	case tmates.QuotaSpent:
		return http.StatusPaymentRequired
	case tmates.TooMany:
		return http.StatusTooManyRequests
	case tmates.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}
