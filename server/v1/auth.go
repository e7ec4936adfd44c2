package v1

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/tmates/tmates/store/tmates"
)

// What 401 answers say. The wording for a token that is no good never tells
// what is wrong with it.
var (
	errNoToken  = tmates.E(tmates.Unauthenticated, "no_authorization", nil, "Authorization header required")
	errBadToken = tmates.E(tmates.Unauthenticated, "bad_token", nil, "Invalid or expired token")
)

// authenticate is [Options].Authenticate.
type authenticate func(ctx context.Context, token string) (userID, sessionID string, err error)

// check is authenticate with the errors of the contract.
func (a authenticate) check(ctx context.Context, token string) (userID, sessionID string, err error) {
	if token == "" {
		return "", "", errBadToken
	}
	userID, sessionID, err = a(ctx, token)
	if e, ok := errors.AsType[*tmates.Error](err); ok {
		switch e.Kind {
		case tmates.Unauthenticated, tmates.Forbidden, tmates.NotFound:
			err = errBadToken
		}
	}
	return userID, sessionID, err
}

// bearer returns the access token of the Authorization header.
func bearer(r *http.Request) (token string, err error) {
	header := r.Header.Get(echo.HeaderAuthorization)
	if header == "" {
		return "", errNoToken
	}
	token, ok := strings.CutPrefix(header, "Bearer ") // case matters, as upstream
	if !ok {
		return "", errBadToken
	}
	return token, nil
}

// wordyBearer is bearer for onboarding, whose contract says what is wrong with
// the header, though never with the token. A blank at the end does not arrive.
func wordyBearer(r *http.Request) (token string, err error) {
	token, err = bearer(r)
	header := r.Header.Get(echo.HeaderAuthorization)
	switch {
	case header == "Bearer", err == nil && strings.TrimSpace(token) == "":
		return "", tmates.E(tmates.Unauthenticated, "bad_token", nil, "Invalid authorization token")
	case errors.Is(err, errBadToken):
		return "", tmates.E(tmates.Unauthenticated, "bad_token", nil, "Invalid authorization header")
	}
	return token, err
}

// gate stands before every handler.
type gate struct {
	turns        turns
	authenticate authenticate
	recheck      authenticate
	internal     Internal
	log          *slog.Logger
}

// handler takes a request through the gate to its endpoint. An internal failure
// is logged here, where the caller is known, and nowhere else.
func (g gate) handler(e endpoint) echo.HandlerFunc {
	return func(c echo.Context) error {
		in := call{Context: c, stay: &stay{}}
		defer in.stay.leave()
		err := g.pass(&in, e)
		if err != nil && kindOf(err) == tmates.Internal && !clientGone(c, err) {
			g.log.Error("request failed", "method", e.Method, "route", e.Path, "user", in.user, "err", err)
		}
		return err
	}
}

// pass checks who calls, then reads the body. The contract answers a broken body
// before a broken token, so the refusal waits for the body; but a stranger's
// large one is not read for that.
func (g gate) pass(in *call, e endpoint) error {
	if !e.free {
		if err := in.stay.enter(in.ctx(), g.turns.requests, in.RealIP(), 0); err != nil {
			return err
		}
	}
	denied := g.admit(in, e)
	if e.body {
		most := int64(maxBody)
		if denied != nil {
			most = maxUnknown
		}
		var err error
		in.body, err = readBody(in.Context, most)
		if errors.Is(err, errTooLarge) {
			err = cmp.Or(denied, err)
		}
		if err != nil {
			return err
		}
	}
	err := denied
	if err == nil && e.large {
		err = in.stay.enter(in.ctx(), g.turns.large, cmp.Or(in.user, in.RealIP()), readWait)
	}
	if err == nil && e.file {
		err = in.stay.enter(in.ctx(), g.turns.downloads, cmp.Or(in.user, in.RealIP()), downloadWait)
	}
	if err == nil {
		err = e.serve(*in)
	}
	if e.Access == AccessSocket && err != nil && kindOf(err) == tmates.Unauthenticated {
		// Identical for a token that is missing, bad or somebody else's (Q-R5).
		return in.NoContent(http.StatusForbidden)
	}
	return err
}

// admit finds out who calls.
func (g gate) admit(in *call, e endpoint) (err error) {
	switch e.Access {
	case AccessPublic, AccessLink:
		return nil
	case AccessInternal:
		return g.internal.check(in.Context)
	case AccessSocket:
		in.again = func() error {
			_, _, err := g.handshake(in.Context, g.recheck)
			return err
		}
		in.user, in.session, err = g.handshake(in.Context, g.authenticate)
		return err
	}
	read := bearer
	if e.wordy {
		read = wordyBearer
	}
	token, err := read(in.Request())
	if err != nil {
		return err
	}
	in.again = func() error {
		_, _, err := g.recheck.check(in.ctx(), token)
		return err
	}
	in.user, in.session, err = g.authenticate.check(in.ctx(), token)
	return err
}

// handshake authenticates a WebSocket by the token of the query or the header,
// and checks that the path, if it names a user, names the token's.
func (g gate) handshake(c echo.Context, check authenticate) (userID, sessionID string, err error) {
	token := c.QueryParam("token")
	if token == "" {
		if token, err = bearer(c.Request()); err != nil {
			return "", "", err
		}
	}
	userID, sessionID, err = check.check(c.Request().Context(), token)
	if err != nil || !slices.Contains(c.ParamNames(), "user_id") {
		return userID, sessionID, err
	}
	if named, err := pathValue(c, "user_id"); err != nil || named != userID {
		return "", "", errBadToken
	}
	return userID, sessionID, nil
}
