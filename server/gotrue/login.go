package gotrue

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/tmates/tmates/server/identity"
	"github.com/tmates/tmates/store/tmates"
)

var (
	errPhone     = tmates.E(tmates.Invalid, "phone_provider_disabled", nil, "Phone numbers are not used on this server")
	errAnonymous = tmates.E(tmates.Invalid, "anonymous_provider_disabled", nil, "Anonymous logins are not used on this server")
	errNoFlow    = tmates.E(tmates.NotFound, "flow_state_not_found", nil, "This code belongs to no login that is under way")
	errGrantType = tmates.E(tmates.Invalid, "invalid_credentials", nil, "grant_type must be password or refresh_token")
)

// empty is the body of an answer with nothing to say: clients need JSON.
type empty struct{}

type otpBody struct {
	challenge
	Email  string         `json:"email"`
	Phone  string         `json:"phone"`
	Data   map[string]any `json:"data"`
	Create *bool          `json:"create_user"`
}

// otp serves POST /otp and its old name, POST /magiclink.
func (a *API) otp(c echo.Context) error {
	in, err := decode[otpBody](c)
	if err != nil {
		return err
	}
	if err := wantsEmail(in.Email, in.Phone); err != nil {
		return err
	}
	if err := in.check(); err != nil {
		return err
	}
	err = a.use.RequestCode(c.Request().Context(), client(c), identity.CodeRequest{
		Email: in.Email, Data: in.Data, Create: in.Create == nil || *in.Create || c.Path() == Prefix+"/magiclink",
	})
	if err != nil {
		return err
	}
	return writeJSON(c, http.StatusOK, empty{})
}

func wantsEmail(email, phone string) error {
	switch {
	case phone != "":
		return errPhone
	case email == "":
		return invalid("An e-mail address is needed")
	}
	return nil
}

type verifyBody struct {
	Email string    `json:"email"`
	Phone string    `json:"phone"`
	Type  string    `json:"type"`
	Token looseText `json:"token"`
	Hash  string    `json:"token_hash"`
}

// verify serves POST /verify.
func (a *API) verify(c echo.Context) error {
	in, err := decode[verifyBody](c)
	if err != nil {
		return err
	}
	switch {
	case in.Type == "":
		return invalid("A type is needed")
	case (in.Token == "") == (in.Hash == ""):
		return invalid("Either token or token_hash is needed")
	case in.Hash != "" && (in.Email != "" || in.Phone != ""):
		return invalid("token_hash goes without an address")
	case in.Phone != "":
		return errPhone
	case in.Email == "" && in.Hash == "":
		return invalid("The address the code was sent to is needed")
	}
	var g identity.Grant
	if in.Hash != "" {
		g, err = a.use.VerifyLink(c.Request().Context(), client(c), in.Hash, in.Type)
	} else {
		g, err = a.use.Verify(c.Request().Context(), client(c), in.Email, string(in.Token), in.Type)
	}
	if err != nil {
		return err
	}
	return writeJSON(c, http.StatusOK, sessionOf(g))
}

type passwordGrantBody struct {
	Email    string `json:"email"`
	Phone    string `json:"phone"`
	Password string `json:"password"`
}

type refreshGrantBody struct {
	Token string `json:"refresh_token"`
}

// token serves POST /token?grant_type=password and =refresh_token.
func (a *API) token(c echo.Context) error {
	switch c.QueryParam("grant_type") {
	case "password":
		return a.passwordGrant(c)
	case "refresh_token":
		return a.refreshGrant(c)
	case "pkce":
		return pkceGrant(c)
	}
	return errGrantType
}

type pkceGrantBody struct {
	Code     string `json:"auth_code"`
	Verifier string `json:"code_verifier"`
}

// pkceGrant exchanges the code that a link with a challenge ends in. The links
// of this server have none, so there is never one to exchange.
func pkceGrant(c echo.Context) error {
	in, err := decode[pkceGrantBody](c)
	if err != nil {
		return err
	}
	if in.Code == "" || in.Verifier == "" {
		return invalid("auth_code and code_verifier are needed")
	}
	return errNoFlow
}

func (a *API) passwordGrant(c echo.Context) error {
	in, err := decode[passwordGrantBody](c)
	if err != nil {
		return err
	}
	if err := wantsEmail(in.Email, in.Phone); err != nil {
		return err
	}
	g, err := a.use.Password(c.Request().Context(), client(c), in.Email, in.Password)
	if err != nil {
		return err
	}
	out := passwordSessionBody{sessionBody: sessionOf(g)}
	if g.WeakPassword != nil {
		out.Weak = &weakBody{Message: "This password is easy to guess: please change it", Reasons: g.WeakPassword}
	}
	return writeJSON(c, http.StatusOK, out)
}

func (a *API) refreshGrant(c echo.Context) error {
	in, err := decode[refreshGrantBody](c)
	if err != nil {
		return err
	}
	g, err := a.use.Refresh(c.Request().Context(), client(c), in.Token)
	if err != nil {
		return err
	}
	return writeJSON(c, http.StatusOK, sessionOf(g))
}

type signUpBody struct {
	challenge
	Email    string         `json:"email"`
	Phone    string         `json:"phone"`
	Password string         `json:"password"`
	Data     map[string]any `json:"data"`
}

// signUp serves POST /signup.
func (a *API) signUp(c echo.Context) error {
	in, err := decode[signUpBody](c)
	if err != nil {
		return err
	}
	switch {
	case in.Phone != "":
		return errPhone
	case in.Email == "":
		return errAnonymous
	}
	if err := in.check(); err != nil {
		return err
	}
	out, err := a.use.SignUp(c.Request().Context(), client(c), identity.SignUpRequest{Email: in.Email, Password: in.Password, Data: in.Data})
	if err != nil {
		return err
	}
	if out.Grant != nil {
		return writeJSON(c, http.StatusOK, sessionOf(*out.Grant))
	}
	user := userOf(out.User, out.Identities)
	if out.MadeUp {
		user.Role = ""
	}
	return writeJSON(c, http.StatusOK, user)
}

type addressBody struct {
	challenge
	Email string `json:"email"`
	Phone string `json:"phone"`
	Type  string `json:"type"`
}

// address decodes the body of a request that only names an address.
func address(c echo.Context) (in addressBody, err error) {
	if in, err = decode[addressBody](c); err != nil {
		return in, err
	}
	if err := wantsEmail(in.Email, in.Phone); err != nil {
		return in, err
	}
	return in, in.check()
}

// recover serves POST /recover.
func (a *API) recover(c echo.Context) error {
	in, err := address(c)
	if err != nil {
		return err
	}
	if err := a.use.Recover(c.Request().Context(), client(c), in.Email); err != nil {
		return err
	}
	return writeJSON(c, http.StatusOK, empty{})
}

// resend serves POST /resend. There is never a changed address to confirm.
func (a *API) resend(c echo.Context) error {
	in, err := address(c)
	if err != nil {
		return err
	}
	switch in.Type {
	case "signup":
		err = a.use.Resend(c.Request().Context(), client(c), in.Email)
	case "email_change":
	default:
		err = invalid("type must be signup or email_change")
	}
	if err != nil {
		return err
	}
	return writeJSON(c, http.StatusOK, empty{})
}

// logout serves POST /logout. It has no body, whatever its headers say.
func (a *API) logout(c echo.Context) error {
	if err := a.use.Logout(c.Request().Context(), client(c), bearer(c), c.QueryParam("scope")); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
