package app

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/tmates/tmates/cmd/config"
	"github.com/tmates/tmates/server/identity"
	"github.com/tmates/tmates/server/team"
	"github.com/tmates/tmates/store/tmates"
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

// billingOf hands plans and limits to the use-cases.
func billingOf(b config.Billing) (team.Billing, error) {
	var overrides []tmates.Override
	for _, text := range b.Limits {
		o, err := tmates.ParseOverride(text)
		if err != nil {
			return team.Billing{}, fmt.Errorf("billing.limits: entries %w", err)
		}
		overrides = append(overrides, o)
	}
	return team.Billing{Enforce: b.Enforce, Default: b.DefaultPlan, Plans: tmates.PlansWith(overrides)}, nil
}

// spendingOf hands prices and limits to the use-cases.
func spendingOf(u config.Usage) (team.Spending, error) {
	s := team.Spending{Currency: u.Currency, TokensPerDay: int64(u.TokensPerDay), CostPerDay: u.CostPerDay}
	for _, text := range u.Rates {
		r, err := tmates.ParseRate(text)
		if err != nil {
			return s, fmt.Errorf("usage.rates: entries %w", err)
		}
		s.Rates = append(s.Rates, r)
	}
	return s, nil
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

// viewKey signs links to files: as configured, else the data folder's own, which
// was made at the first start (Q-F9).
func (r *rooms) viewKey() []byte {
	if key := r.cfg.Files.ViewSecret.Reveal(); key != "" {
		return []byte(key)
	}
	return r.secrets.ViewKey()
}
