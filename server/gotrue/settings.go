package gotrue

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/tmates/tmates/store/tmates"
)

// providers are the ways to log in that clients look for.
var providers = []string{
	"anonymous_users", "apple", "azure", "bitbucket", "discord", "facebook", "snapchat", "figma", "fly", "github", "gitlab",
	"google", "keycloak", "kakao", "linkedin", "linkedin_oidc", "notion", "spotify", "slack", "slack_oidc", "workos", "twitch",
	"twitter", "email", "phone", "zoom",
}

type settingsBody struct {
	External          map[string]bool `json:"external"`
	DisableSignup     bool            `json:"disable_signup"`
	MailerAutoconfirm bool            `json:"mailer_autoconfirm"`
	PhoneAutoconfirm  bool            `json:"phone_autoconfirm"`
	SMSProvider       string          `json:"sms_provider"`
	SAMLEnabled       bool            `json:"saml_enabled"`
}

// settings serves GET /settings.
func (a *API) settings(c echo.Context) error {
	external := make(map[string]bool, len(providers))
	for _, p := range providers {
		external[p] = p == "email"
	}
	return writeJSON(c, http.StatusOK, settingsBody{
		External: external, DisableSignup: !a.use.SignUpOpen(), MailerAutoconfirm: a.use.Autoconfirm(),
	})
}

type healthBody struct {
	Version     string `json:"version"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

// health serves GET /health.
func (a *API) health(c echo.Context) error {
	return writeJSON(c, http.StatusOK, healthBody{Version: a.version, Name: "Tmates", Description: "Built-in logins of a Tmates server"})
}

type keysBody struct {
	Keys []struct{} `json:"keys"`
}

// jwks serves GET /.well-known/jwks.json: none, because the key that signs also
// verifies and is never published. Clients then ask GET /user.
func jwks(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "public, max-age=600")
	return writeJSON(c, http.StatusOK, keysBody{Keys: []struct{}{}})
}

// leftOut are the parts of the contract that are not served, and what clients
// that try them are told.
var leftOut = []struct {
	paths []string
	err   error
}{
	{[]string{"/authorize", "/callback"}, tmates.E(tmates.Invalid, "validation_failed", nil, "Logins through other services are not used on this server")},
	{[]string{"/factors", "/factors/*"}, tmates.E(tmates.Invalid, "mfa_totp_enroll_not_enabled", nil, "Second factors are not used on this server")},
	{[]string{"/sso", "/sso/*"}, tmates.E(tmates.Invalid, "saml_provider_disabled", nil, "Single sign-on is not used on this server")},
	{[]string{"/passkeys", "/passkeys/*"}, tmates.E(tmates.Invalid, "passkey_disabled", nil, "Passkeys are not used on this server")},
	{[]string{"/user/identities", "/user/identities/*"}, tmates.E(tmates.Invalid, "manual_linking_disabled", nil, "Identities cannot be linked on this server")},
}
