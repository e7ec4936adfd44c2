package v1

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"github.com/tmates/tmates/store/tmates"
)

func TestWriteError(t *testing.T) {
	t.Parallel()
	type answer struct {
		Status                   int
		Body, WWW, Retry, Length string
	}
	tests := map[string]struct {
		err  error
		want answer
	}{
		"unclassified":     {errors.New("disk at /srv is gone"), answer{Status: 500, Body: `{"detail":"Internal Server Error"}`}},
		"internal":         {tmates.E(tmates.Internal, "c", nil, "secret"), answer{Status: 500, Body: `{"detail":"Internal Server Error"}`}},
		"invalid":          {tmates.E(tmates.Invalid, "c", nil, "no <b>"), answer{Status: 400, Body: `{"detail":"no <b>"}`}},
		"unauthenticated":  {errBadToken, answer{Status: 401, Body: `{"detail":"Invalid or expired token"}`, WWW: "Bearer"}},
		"forbidden":        {tmates.E(tmates.Forbidden, "c", nil, "no"), answer{Status: 403, Body: `{"detail":"no"}`}},
		"not found":        {fmt.Errorf("x: %w", tmates.E(tmates.NotFound, "c", errors.New("inside"), "no")), answer{Status: 404, Body: `{"detail":"no"}`}},
		"conflict":         {tmates.E(tmates.Conflict, "c", nil, "no"), answer{Status: 409, Body: `{"detail":"no"}`}},
		"too large":        {tmates.E(tmates.TooLarge, "c", nil, "no"), answer{Status: 413, Body: `{"detail":"no"}`}},
		"quota spent":      {tmates.E(tmates.QuotaSpent, "c", nil, "no"), answer{Status: 402, Body: `{"detail":"no"}`}},
		"too many":         {tmates.E(tmates.TooMany, "c", nil, "no"), answer{Status: 429, Body: `{"detail":"no"}`, Retry: "5"}},
		"unavailable":      {tmates.E(tmates.Unavailable, "c", nil, "no"), answer{Status: 503, Body: `{"detail":"no"}`, Retry: "5"}},
		"no route":         {echo.ErrNotFound, answer{Status: 404, Body: `{"detail":"Not Found"}`}},
		"no method":        {echo.ErrMethodNotAllowed, answer{Status: 405, Body: `{"detail":"Method Not Allowed"}`}},
		"middleware":       {echo.NewHTTPError(http.StatusBadGateway, "inside"), answer{Status: 502, Body: `{"detail":"Bad Gateway"}`}},
		"middleware limit": {echo.ErrTooManyRequests, answer{Status: 429, Body: `{"detail":"Too Many Requests"}`, Retry: "5"}},
		"odd message":      {echo.NewHTTPError(http.StatusTeapot, 5), answer{Status: 418, Body: `{"detail":"I'm a teapot"}`}},
		"validation": {
			invalid{{Type: "missing", Loc: []any{"body", "a", 1}, Msg: "m"}},
			answer{Status: 422, Body: `{"detail":[{"type":"missing","loc":["body","a",1],"msg":"m","input":null}]}`},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			WriteError(echo.New().NewContext(httptest.NewRequest(http.MethodGet, "/", nil), w), test.err)
			h := w.Result().Header
			got := answer{w.Code, w.Body.String(), h.Get("WWW-Authenticate"), h.Get("Retry-After"), h.Get("Content-Length")}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
			if media := h.Get("Content-Type"); media != "application/json" {
				t.Errorf("content type = %q", media)
			}
		})
	}
	t.Run("client gone", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		w := httptest.NewRecorder()
		WriteError(echo.New().NewContext(httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil), w), fmt.Errorf("read: %w", ctx.Err()))
		if w.Body.Len() > 0 || len(w.Result().Header) > 0 {
			t.Errorf("answered %d %s", w.Code, w.Body)
		}
	})
	t.Run("answer begun", func(t *testing.T) {
		t.Parallel()
		w := httptest.NewRecorder()
		c := echo.New().NewContext(httptest.NewRequest(http.MethodGet, "/", nil), w)
		if err := c.NoContent(http.StatusAccepted); err != nil {
			t.Fatal(err)
		}
		WriteError(c, errors.New("late"))
		if w.Code != http.StatusAccepted || w.Body.Len() > 0 {
			t.Errorf("answered %d %s", w.Code, w.Body)
		}
	})
	t.Run("own retry advice", func(t *testing.T) {
		t.Parallel()
		w := httptest.NewRecorder()
		c := echo.New().NewContext(httptest.NewRequest(http.MethodGet, "/", nil), w)
		c.Response().Header().Set("Retry-After", "60")
		WriteError(c, echo.ErrTooManyRequests)
		if got := w.Result().Header.Get("Retry-After"); got != "60" {
			t.Errorf("Retry-After = %q", got)
		}
	})
}
