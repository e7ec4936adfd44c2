package gotrue

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/tmates/tmates/server/identity"
	"github.com/tmates/tmates/store/tmates"
)

type inviteBody struct {
	Email string         `json:"email"`
	Phone string         `json:"phone"`
	Data  map[string]any `json:"data"`
}

// invite serves POST /invite. The mail carries a code, so that there is nothing
// to redirect.
func (a *API) invite(c echo.Context) error {
	in, err := decode[inviteBody](c)
	if err != nil {
		return err
	}
	if err := wantsEmail(in.Email, in.Phone); err != nil {
		return err
	}
	account, err := a.use.Invite(c.Request().Context(), client(c), in.Email, in.Data)
	return writeAccount(c, account, err)
}

type linkRequestBody struct {
	Type     string         `json:"type"`
	Email    string         `json:"email"`
	Phone    string         `json:"phone"`
	Password string         `json:"password"`
	Data     map[string]any `json:"data"`
	Redirect string         `json:"redirect_to"`
}

// linkBody is a user with the link beside it.
type linkBody struct {
	userBody
	ActionLink       string `json:"action_link"`
	EmailOTP         string `json:"email_otp"`
	HashedToken      string `json:"hashed_token"`
	VerificationType string `json:"verification_type"`
	RedirectTo       string `json:"redirect_to"`
}

// makeLink serves POST /admin/generate_link.
func (a *API) makeLink(c echo.Context) error {
	in, err := decode[linkRequestBody](c)
	if err != nil {
		return err
	}
	if err := wantsEmail(in.Email, in.Phone); err != nil {
		return err
	}
	l, err := a.use.MakeLink(c.Request().Context(), client(c), identity.LinkRequest{
		Kind: in.Type, Email: in.Email, Password: in.Password, Data: in.Data, Redirect: cmp.Or(c.QueryParam("redirect_to"), in.Redirect),
	})
	if err != nil {
		return err
	}
	return writeJSON(c, http.StatusOK, linkBody{
		userBody: userOf(l.User, l.Identities), ActionLink: l.URL, EmailOTP: l.Code, HashedToken: l.Token,
		VerificationType: l.Kind, RedirectTo: l.Redirect,
	})
}

// follow serves GET /verify, where links lead. Whatever comes of it is told to
// the page the link goes on to, in the fragment, which no server sees.
func (a *API) follow(c echo.Context) error {
	token, kind := c.QueryParam("token"), c.QueryParam("type")
	switch {
	case token == "":
		return invalid("A token is needed")
	case kind == "":
		return invalid("A type is needed")
	}
	to := a.use.Redirect(c.QueryParam("redirect_to"))
	g, err := a.use.VerifyLink(c.Request().Context(), client(c), token, kind)
	if err != nil {
		return c.Redirect(http.StatusSeeOther, to+"#"+a.failure(c, err).Encode()+"&sb=")
	}
	s := sessionOf(g)
	return c.Redirect(http.StatusSeeOther, to+"#"+url.Values{
		"access_token": {s.AccessToken}, "expires_at": {strconv.FormatInt(s.ExpiresAt, 10)}, "expires_in": {strconv.FormatInt(s.ExpiresIn, 10)},
		"refresh_token": {s.RefreshToken}, "sb": {""}, "token_type": {s.TokenType}, "type": {kind},
	}.Encode())
}

// failure is what a page is told of a link that did not work.
func (a *API) failure(c echo.Context, err error) url.Values {
	e, level := classify(err)
	a.log.Log(c.Request().Context(), level, "auth link refused", "code", e.Code, "err", err)
	word := "access_denied"
	if e.Kind == tmates.Unavailable || errors.Is(e, errInternal) {
		word = "server_error"
	}
	return url.Values{"error": {word}, "error_code": {e.Code}, "error_description": {e.Msg}}
}
