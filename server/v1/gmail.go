package v1

import (
	"html"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/tmates/tmates/store/tmates"
)

// This edition has no Gmail integration: its routes answer like those of an
// instance without Google credentials.

var errNoGmail = tmates.E(tmates.Invalid, "gmail_not_configured", nil, "The Gmail integration is not configured on this server")

// gmailMissing serves GET /integrations/gmail/authorization-url.
func gmailMissing(call) error { return errNoGmail }

// gmailExchange serves POST /integrations/gmail/exchange.
func gmailExchange(c call) error {
	var k checker
	if f, ok := k.object(c.body); ok {
		f.required("code", 0, 0)
		f.required("state", 0, 0)
	}
	if err := k.err(); err != nil {
		return err
	}
	return errNoGmail
}

// gmailStatus serves GET /integrations/gmail/status.
func gmailStatus(c call) error {
	type answer struct {
		Connected bool     `json:"connected"`
		Email     *string  `json:"email"`
		UpdatedAt *string  `json:"updated_at"`
		Scopes    []string `json:"scopes"`
	}
	return writeJSON(c, http.StatusOK, answer{})
}

// gmailDisconnect serves POST /integrations/gmail/disconnect: there is nothing
// to forget.
func gmailDisconnect(c call) error {
	return writeJSON(c, http.StatusOK, map[string]bool{"success": true})
}

// maxProviderError bounds how much of a provider's error is shown, in bytes.
const maxProviderError = 200

// gmailCallback serves GET /integrations/gmail/callback, where Google would send
// a browser back to: a page that says why it did not work. Nothing of the
// request is written as markup (Q-B9).
func gmailCallback(c call) error {
	why := "This server has no Gmail integration, so nothing was connected."
	if reason := c.QueryParam("error"); reason != "" {
		why = "Google answered: " + reason[:min(len(reason), maxProviderError)]
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentSecurityPolicy, "default-src 'none'; base-uri 'none'; frame-ancestors 'none'")
	h.Set(echo.HeaderXContentTypeOptions, "nosniff")
	h.Set("Referrer-Policy", "no-referrer") // the address may hold a code
	h.Set(echo.HeaderCacheControl, "no-store")
	return c.HTML(http.StatusBadRequest, "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Gmail</title>\n"+
		"<h1>Gmail was not connected</h1>\n<p>"+html.EscapeString(why)+"</p>\n</html>\n")
}
