package config

import (
	"net/url"
	"slices"
	"strings"
)

// check reports what is wrong between keys. Each key by itself is right.
func (l *loader) check(c *Config) {
	if len(c.CORSOrigins) > 1 && slices.Contains(c.CORSOrigins, "*") {
		l.conflict("cors_origins", "must be * alone or a list without it")
	}
	if c.Auth.RefreshInactivity > c.Auth.RefreshLifetime {
		key := "auth.refresh_inactivity"
		if l.sources[key] == (source{}) {
			key = "auth.refresh_lifetime"
		}
		l.conflict(key, "makes auth.refresh_inactivity (%s) longer than auth.refresh_lifetime (%s)",
			showDuration(c.Auth.RefreshInactivity), showDuration(c.Auth.RefreshLifetime))
	}
	if n := len(c.Internal.Secret); n > 0 && n < minInternalSecret {
		l.conflict("internal.secret", "must have at least %d characters: whoever knows it can write as any tmate", minInternalSecret)
	}
	l.checkSMTP(c.SMTP)
	l.checkLimits(c.Billing)
	l.checkProviders(c)
}

// minInternalSecret is the least length of internal.secret, in bytes.
const minInternalSecret = 32

func (l *loader) checkSMTP(s SMTP) {
	if s.Host == "" {
		return
	}
	if s.From == "" {
		l.conflict("smtp.host", "needs smtp.from, the sender of the mails")
	}
	if s.TLS == TLSNone && !loopback(s.Host) {
		l.conflict("smtp.tls", "must be %s or %s unless smtp.host is this machine: codes would travel in the clear", TLSStart, TLSImplicit)
	}
	if (s.Username == "") != (s.Password == "") {
		l.conflict("smtp.host", "needs smtp.username and smtp.password, or neither")
	}
}

// checkLimits wants each limit of a plan once: which of two counts would be a
// guess.
func (l *loader) checkLimits(b Billing) {
	seen := map[string]bool{}
	for _, entry := range b.Limits {
		name, _, _ := strings.Cut(entry, "=")
		if seen[name] {
			l.conflict("billing.limits", "sets %s twice", name)
		}
		seen[name] = true
	}
}

func (l *loader) checkProviders(c *Config) {
	names := l.ko.MapKeys(providersKey)
	for _, name := range names {
		p := c.Providers[name]
		if p.Model == "" {
			l.conflict(l.firstSet(name), "needs %s", providerKey(name, "model"))
		}
		if u, err := url.Parse(p.BaseURL); err == nil && u.Hostname() == "api.openai.com" && p.APIKey == "" {
			l.conflict(l.firstSet(name), "needs %s: api.openai.com answers nobody without one", providerKey(name, "api_key"))
		}
	}
	if _, found := c.Providers[c.Provider]; c.Provider != "" && !found {
		l.conflict("provider", "must be one of the providers (%s), not %s", listNames(names), quote(c.Provider))
	}
	if _, _, ok := c.DefaultProvider(); !ok && c.Provider == "" && len(names) > 0 {
		l.conflict(l.firstSet(names[0]), "is one of several providers (%s): say in provider which one is the default", listNames(names))
	}
}

func listNames(names []string) string {
	if len(names) == 0 {
		return "none is set"
	}
	return strings.Join(names, ", ")
}

// firstSet is the key that made a provider, for the line in an error.
func (l *loader) firstSet(name string) string {
	for _, r := range providerRules {
		if key := providerKey(name, r.key); l.sources[key] != (source{}) {
			return key
		}
	}
	return providerKey(name, "type")
}

// conflict reports a problem at the place the key was set; a default alone
// conflicts with nothing.
func (l *loader) conflict(key, format string, a ...any) {
	l.reportf(l.sources[key], "%s "+format, append([]any{key}, a...)...)
}
