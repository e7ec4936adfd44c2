package gotrue

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/tmates/tmates/server/identity"
	"github.com/tmates/tmates/server/token"
	"github.com/tmates/tmates/store/tmates"
)

const (
	versionHeader = "X-Supabase-Api-Version"
	version2024   = "2024-01-01"
)

// statuses maps the contract's error codes. A code that is not here has the
// status of its kind.
var statuses = map[string]int{
	"validation_failed":           http.StatusBadRequest,
	"bad_json":                    http.StatusBadRequest,
	"request_entity_too_large":    http.StatusRequestEntityTooLarge,
	"no_authorization":            http.StatusUnauthorized,
	"bad_jwt":                     http.StatusForbidden,
	"session_not_found":           http.StatusForbidden,
	"user_not_found":              http.StatusForbidden,
	"user_banned":                 http.StatusForbidden,
	"not_admin":                   http.StatusForbidden,
	"otp_expired":                 http.StatusForbidden,
	"otp_disabled":                http.StatusUnprocessableEntity,
	"signup_disabled":             http.StatusUnprocessableEntity,
	"phone_provider_disabled":     http.StatusBadRequest,
	"anonymous_provider_disabled": http.StatusUnprocessableEntity,
	"invalid_credentials":         http.StatusBadRequest,
	"flow_state_not_found":        http.StatusNotFound,
	"email_not_confirmed":         http.StatusBadRequest,
	"user_already_exists":         http.StatusUnprocessableEntity,
	"email_exists":                http.StatusUnprocessableEntity,
	"weak_password":               http.StatusUnprocessableEntity,
	"same_password":               http.StatusUnprocessableEntity,
	"reauthentication_needed":     http.StatusBadRequest,
	"reauthentication_not_valid":  http.StatusUnprocessableEntity,
	"current_password_invalid":    http.StatusBadRequest,
	"over_email_send_rate_limit":  http.StatusTooManyRequests,
	"over_request_rate_limit":     http.StatusTooManyRequests,
	"refresh_token_not_found":     http.StatusBadRequest,
	"refresh_token_already_used":  http.StatusBadRequest,
	"session_expired":             http.StatusBadRequest,
	"unexpected_failure":          http.StatusInternalServerError,
	"request_timeout":             http.StatusGatewayTimeout,
	"service_unavailable":         http.StatusServiceUnavailable,
	"not_found":                   http.StatusNotFound,
	"method_not_allowed":          http.StatusMethodNotAllowed,
	"manual_linking_disabled":     http.StatusNotFound,
	"mfa_totp_enroll_not_enabled": http.StatusUnprocessableEntity,
	"saml_provider_disabled":      http.StatusNotFound,
	"passkey_disabled":            http.StatusNotFound,
}

var kindStatuses = map[tmates.Kind]int{
	tmates.Invalid: http.StatusBadRequest, tmates.Unauthenticated: http.StatusForbidden, tmates.Forbidden: http.StatusForbidden,
	tmates.NotFound: http.StatusNotFound, tmates.Conflict: http.StatusConflict, tmates.TooLarge: http.StatusRequestEntityTooLarge,
	tmates.QuotaSpent: http.StatusPaymentRequired, tmates.TooMany: http.StatusTooManyRequests, tmates.Unavailable: http.StatusServiceUnavailable,
}

// status is what an error answers on a path; the contract gives some codes
// another status in one place.
func status(path string, grantType string, e *tmates.Error, err error) int {
	switch {
	case errors.Is(err, errUserID), e.Code == "user_not_found" && strings.HasPrefix(path, Prefix+"/admin/"):
		return http.StatusNotFound
	case e.Code == "validation_failed" && path == Prefix+"/verify" && errors.Is(err, identity.ErrAddress):
		return http.StatusUnprocessableEntity
	case errors.Is(err, token.ErrSubject):
		return http.StatusBadRequest
	case e.Code == "user_banned" && path == Prefix+"/token":
		return http.StatusBadRequest
	case e.Code == "phone_provider_disabled" && grantType == "password":
		return http.StatusUnprocessableEntity
	}
	return cmp.Or(statuses[e.Code], kindStatuses[e.Kind], http.StatusInternalServerError)
}

var (
	errInternal = &tmates.Error{Kind: tmates.Internal, Code: "unexpected_failure", Msg: "Something went wrong on the server"}
	errRetry    = &tmates.Error{Kind: tmates.Unavailable, Code: "service_unavailable", Msg: "The server cannot answer right now: please try again in a moment"}
	errTimeout  = &tmates.Error{Kind: tmates.Unavailable, Code: "request_timeout", Msg: "The server took too long: please try again"}
	errTooLarge = &tmates.Error{Kind: tmates.TooLarge, Code: "request_entity_too_large", Msg: "The request body is too large"}
	errNoRoute  = &tmates.Error{Kind: tmates.NotFound, Code: "not_found", Msg: "There is nothing at this path"}
	errMethod   = &tmates.Error{Kind: tmates.Invalid, Code: "method_not_allowed", Msg: "The path exists, but not with this method"}
)

// classify turns any error into one for a caller, and says how loudly the log
// tells its cause: what a client did wrong is of interest to debugging only.
func classify(err error) (e *tmates.Error, level slog.Level) {
	if he, ok := errors.AsType[*echo.HTTPError](err); ok {
		switch he.Code {
		case http.StatusNotFound:
			return errNoRoute, slog.LevelDebug
		case http.StatusMethodNotAllowed:
			return errMethod, slog.LevelDebug
		case http.StatusRequestEntityTooLarge:
			return errTooLarge, slog.LevelDebug
		case http.StatusServiceUnavailable:
			return errRetry, slog.LevelDebug
		}
		if he.Code < http.StatusInternalServerError {
			return &tmates.Error{Kind: tmates.Invalid, Code: "validation_failed", Msg: http.StatusText(he.Code)}, slog.LevelDebug
		}
		return errInternal, slog.LevelError
	}
	if e, ok := errors.AsType[*tmates.Error](err); ok && e.Kind == tmates.Unavailable {
		return e, slog.LevelWarn
	}
	if e, ok := errors.AsType[*tmates.Error](err); ok && e.Kind != tmates.Internal {
		return e, slog.LevelDebug
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return errTimeout, slog.LevelWarn
	}
	return errInternal, slog.LevelError
}

// weakBody is why a password is weak.
type weakBody struct {
	Message string   `json:"message,omitempty"`
	Reasons []string `json:"reasons"`
}

type errorBody struct {
	Code    string    `json:"code"`
	Message string    `json:"message"`
	Weak    *weakBody `json:"weak_password,omitempty"`
}

// legacyErrorBody is for clients that name no version of the contract, or an
// old one.
type legacyErrorBody struct {
	Code      int       `json:"code"`
	ErrorCode string    `json:"error_code"`
	Msg       string    `json:"msg"`
	Weak      *weakBody `json:"weak_password,omitempty"`
}

// WriteError answers an error in the shape the request asked for. A client that
// has gone gets nothing.
func (a *API) WriteError(c echo.Context, err error) {
	r := c.Request()
	if c.Response().Committed || errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return
	}
	e, level := classify(err)
	a.log.Log(r.Context(), level, "auth request refused", "method", r.Method, "path", c.Path(), "code", e.Code, "err", err)
	if e == errInternal && keepsLogin(r) {
		e = errRetry
	}
	a.setHeaders(c)
	code := status(r.URL.Path, r.URL.Query().Get("grant_type"), e, err)
	if code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable {
		w, found := errors.AsType[identity.Wait](err)
		if !found {
			w.After = time.Second
		}
		c.Response().Header().Set(echo.HeaderRetryAfter, strconv.Itoa(w.Seconds()))
	}
	var why *weakBody
	if weak, ok := errors.AsType[identity.Weak](err); ok {
		why = &weakBody{Reasons: weak.Reasons}
	}
	var body any = legacyErrorBody{Code: code, ErrorCode: e.Code, Msg: e.Msg, Weak: why}
	if speaks2024(r.Header.Get(versionHeader)) {
		c.Response().Header().Set(versionHeader, version2024)
		body = errorBody{Code: e.Code, Message: e.Msg, Weak: why}
	}
	if err := writeJSON(c, code, body); err != nil {
		a.log.Debug("error could not be answered", "path", c.Path(), "err", err)
	}
}

// keepsLogin reports whether clients take a 500 on this request for the end of
// their login.
func keepsLogin(r *http.Request) bool {
	return r.URL.Path == Prefix+"/user" || r.URL.Path == Prefix+"/token" && r.URL.Query().Get("grant_type") == "refresh_token"
}

// speaks2024 reads the version header: absent, unreadable and older ones mean
// the legacy shape.
func speaks2024(v string) bool {
	_, err := time.Parse(time.DateOnly, v)
	return err == nil && v >= version2024
}
