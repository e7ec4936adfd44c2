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
		l.checkProvider(name, c.Providers[name])
	}
	if p, found := c.Providers[c.Provider]; c.Provider != "" && !found {
		l.conflict("provider", "must be one of the providers (%s), not %s", listNames(names), quote(c.Provider))
	} else if found && !p.Usable() {
		l.conflict("provider", "names %s, which needs %s", c.Provider, providerKey(c.Provider, "model"))
	}
	usable := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !c.Providers[name].Usable() })
	if _, _, ok := c.DefaultProvider(); !ok && c.Provider == "" && len(usable) > 0 {
		l.conflict(l.firstSet(usable[0]), "is one of several providers (%s): say in provider which one is the default", listNames(usable))
	}
}

// checkProvider wants of a provider what its type cannot do without.
func (l *loader) checkProvider(name string, p Provider) {
	needs := func(field, why string) { l.conflict(l.firstSet(name), "needs %s%s", providerKey(name, field), why) }
	if waits := p.Type == TypeOllama && l.fromAlias(providerKey(name, "base_url")); !p.Usable() && !waits {
		if p.Type == TypeAzure {
			needs("deployment", "")
		} else {
			needs("model", "")
		}
	}
	switch p.Type {
	case TypeAzure:
		if p.BaseURL == "" {
			needs("base_url", ", as in https://NAME.openai.azure.com")
		}
		if p.APIKey == "" {
			needs("api_key", ": Azure answers nobody without one")
		}
	case TypeReplay:
		if p.Replay == "" {
			needs("replay", ", the recording to answer from")
		}
	default:
		if u, err := url.Parse(p.BaseURL); err == nil && u.Hostname() == "api.openai.com" && p.APIKey == "" {
			needs("api_key", ": api.openai.com answers nobody without one")
		} else if err == nil && u.Hostname() == "api.anthropic.com" && p.APIKey == "" {
			needs("api_key", ": api.anthropic.com answers nobody without one")
		}
	}
	for _, only := range []struct{ field, value, kind string }{
		{"deployment", p.Deployment, TypeAzure}, {"api_version", p.APIVersion, TypeAzure}, {"replay", p.Replay, TypeReplay},
	} {
		if only.value != "" && p.Type != only.kind {
			l.conflict(providerKey(name, only.field), "is only for the type %s", only.kind)
		}
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
