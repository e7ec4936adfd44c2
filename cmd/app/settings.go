package app

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/tmates/tmates/cmd/config"
	"github.com/tmates/tmates/server/identity"
)

// policy hands the configured numbers to the identity room, which keeps its own
// defaults for those nobody can set.
func policy(a config.Auth) identity.Policy {
	p := identity.DefaultPolicy()
	p.AccessLife, p.Inactivity, p.Absolute, p.ReuseWindow = a.AccessTokenTTL, a.RefreshInactivity, a.RefreshLifetime, a.RefreshReuseWindow
	p.Sessions, p.CodeLife, p.CodeDigits, p.CodeGuesses = a.SessionsPerUser, a.CodeTTL, a.CodeDigits, a.CodeGuesses
	p.ResendAfter, p.MailsPerHour, p.PasswordMin = a.CodeResend, a.MailsPerHour, a.PasswordMin
	return p
}

// checkOrigin lets pages of the same host and of the listed origins open a
// socket, and every client that is no browser.
func checkOrigin(origins []string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		origin := r.Header.Get("Origin")
		if origin == "" || slices.Contains(origins, "*") || slices.Contains(origins, origin) {
			return true
		}
		u, err := url.Parse(origin)
		return err == nil && u.Host == r.Host
	}
}
