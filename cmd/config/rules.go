package config

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/tmates/tmates/store/tmates"
)

// kind is the type of a key's value.
type kind uint8

const (
	text kind = iota
	secret
	number   // int
	fraction // float64
	size     // int64, of bytes
	boolean
	duration
	list // of text
)

// rule is one key: what it may hold and what it holds by default.
type rule struct {
	key      string
	kind     kind
	def      string // written as in a variable
	lo, hi   int64  // inclusive, durations in nanoseconds; of numbers, fractions, sizes and durations
	oneOf    []string
	shape    shape // of non-empty text, or of each entry of a list
	required bool  // must not be empty
	optional bool  // absent unless set: has no default
	quiet    bool  // never repeated in an error: may carry credentials by mistake
}

const (
	second = int64(time.Second)
	minute = int64(time.Minute)
	hour   = int64(time.Hour)
	year   = 365 * 24 * hour
)

// rules are all keys outside providers. The bounds of auth are the contract's
// security numbers.
var rules = []rule{
	{key: "listen", def: "127.0.0.1:8000", shape: address, required: true},
	{key: "public_url", shape: webURL, quiet: true},
	{key: "data"},
	{key: "trusted_proxies", kind: list, shape: network},
	{key: "cors_origins", kind: list, shape: origin},
	{key: "docs", kind: boolean, def: "true"},
	{key: "provider", shape: providerName},
	{key: "fallbacks", kind: list, shape: providerNames},

	{key: "log.level", def: "info", oneOf: []string{"debug", "info", "warn", "error"}},
	{key: "log.format", def: "text", oneOf: []string{"text", "json"}},

	{key: "server.requests", kind: number, def: "0", lo: 0, hi: 10_000},

	{key: "store.synchronous", def: "full", oneOf: []string{"full", "normal"}},
	{key: "store.readers", kind: number, def: "0", lo: 0, hi: 64},
	{key: "store.batch", kind: number, def: "128", lo: 1, hi: 1000},

	{key: "auth.access_token_ttl", kind: duration, def: "1h", lo: 300 * second, hi: 24 * hour},
	{key: "auth.refresh_inactivity", kind: duration, def: "720h", lo: hour, hi: year},
	{key: "auth.refresh_lifetime", kind: duration, def: "4320h", lo: hour, hi: year},
	{key: "auth.refresh_reuse_window", kind: duration, def: "10s", lo: 0, hi: 60 * second},
	{key: "auth.sessions_per_user", kind: number, def: "20", lo: 1, hi: 1000},
	{key: "auth.code_ttl", kind: duration, def: "10m", lo: 60 * second, hi: 10 * minute},
	{key: "auth.code_digits", kind: number, def: "6", lo: 6, hi: 10},
	{key: "auth.code_guesses", kind: number, def: "5", lo: 3, hi: 10},
	{key: "auth.code_resend", kind: duration, def: "60s", lo: second, hi: 10 * minute},
	{key: "auth.mails_per_hour", kind: number, def: "100", lo: 1, hi: 10_000},
	{key: "auth.signup", kind: boolean, def: "false"},
	{key: "auth.confirm_email", kind: boolean, def: "true"},
	{key: "auth.hide_accounts", kind: boolean, def: "false"},
	{key: "auth.password_min", kind: number, def: "8", lo: 8, hi: 64},
	{key: "auth.hashes", kind: number, def: "0", lo: 0, hi: 64},
	{key: "auth.redirect_urls", kind: list, shape: redirect},

	{key: "smtp.host", shape: hostName},
	{key: "smtp.port", kind: number, def: "0", lo: 0, hi: 65535},
	{key: "smtp.username"},
	{key: "smtp.password", kind: secret},
	{key: "smtp.from", shape: mailbox},
	{key: "smtp.tls", def: TLSStart, oneOf: []string{TLSStart, TLSImplicit, TLSNone}},

	{key: "queue.workers", kind: number, def: "4", lo: 1, hi: 256},
	{key: "queue.max_attempts", kind: number, def: "4", lo: 1, hi: 20},
	{key: "queue.grace", kind: duration, def: "10s", lo: 0, hi: 5 * minute},
	{key: "queue.active_jobs_per_user", kind: number, def: "3", lo: math.MinInt64, hi: 1000},

	{key: "turn.timeout", kind: duration, def: "5m", lo: second, hi: hour},
	{key: "turn.max_steps", kind: number, def: "8", lo: 1, hi: 100},

	{key: "chat.hold_poll", kind: duration, def: "3s", lo: 0, hi: 10 * second},
	{key: "chat.messages_per_minute", kind: number, def: "120", lo: 0, hi: 1000000},
	{key: "chat.hops", kind: number, def: "4", lo: 0, hi: 20},

	{key: "sockets.max", kind: number, def: "10000", lo: 1, hi: 1_000_000},
	{key: "sockets.per_user", kind: number, def: "64", lo: 1, hi: 1_000_000},

	{key: "tmates.installed", kind: list, shape: tmateKey},

	{key: "internal.secret", kind: secret},
	{key: "internal.peers", kind: list, def: "127.0.0.0/8,::1/128", shape: network},

	{key: "billing.enforce", kind: boolean, def: "false"},
	{key: "billing.default_plan", def: tmates.DefaultPlan, oneOf: planKeys()},
	{key: "billing.limits", kind: list, shape: planLimit},

	{key: "usage.rates", kind: list, shape: rate},
	{key: "usage.currency", def: "USD", shape: currency, required: true},
	{key: "usage.tokens_per_turn", kind: number, def: "0", lo: 0, hi: 1_000_000_000},
	{key: "usage.tokens_per_day", kind: number, def: "0", lo: 0, hi: 1_000_000_000_000},
	{key: "usage.cost_per_day", kind: fraction, def: "0", lo: 0, hi: 1_000_000_000},

	{key: "files.max_upload", kind: size, def: "26214400", lo: 1, hi: 1 << 40},
	{key: "files.quota", kind: size, def: "2147483648", lo: 0, hi: 1 << 50},
	{key: "files.allow", kind: list, def: "images, text, pdf, csv, json, office", shape: fileType},
	{key: "files.images_only", kind: boolean, def: "false"},
	{key: "files.view_secret", kind: secret},

	{key: "catalog.enabled", kind: boolean, def: "true"},
	{key: "catalog.url", shape: indexURL, quiet: true},
	{key: "catalog.channel", def: "prod", oneOf: []string{"prod", "dev"}},
}

const providersKey = "providers"

// providerRules are the keys of each provider; key is the last part only. completeProvider
// adds what depends on the type.
var providerRules = []rule{
	{key: "type", def: TypeOpenAI, oneOf: []string{TypeOpenAI, TypeAzure, TypeOllama, TypeAnthropic, TypeReplay}},
	{key: "base_url", shape: webURL, quiet: true},
	{key: "api_key", kind: secret},
	{key: "model"},
	{key: "temperature", kind: fraction, lo: 0, hi: 2, optional: true},
	{key: "effort", shape: effort},
	{key: "max_output_tokens", kind: number, def: "0", lo: 0, hi: 1_000_000},
	{key: "context_window", kind: number, def: "0", lo: 0, hi: 10_000_000},
	{key: "vision", kind: boolean, optional: true},
	{key: "concurrency", kind: number, def: "0", lo: 0, hi: 64},
	{key: "deployment"},
	{key: "api_version", shape: apiVersion},
	{key: "record"},
	{key: "replay"},
}

// schema finds rules by key and knows what lies under a section.
type schema struct {
	keys     map[string]rule     // by full key, outside providers
	fields   map[string]rule     // of a provider
	children map[string][]string // section ("" is the top) to the names under it
}

func newSchema() schema {
	s := schema{
		keys: map[string]rule{}, fields: map[string]rule{},
		children: map[string][]string{"": {providersKey}},
	}
	for _, r := range rules {
		s.keys[r.key] = r
		section, leaf, nested := strings.Cut(r.key, ".")
		if !nested {
			s.children[""] = append(s.children[""], section)
			continue
		}
		if _, known := s.children[section]; !known {
			s.children[""] = append(s.children[""], section)
		}
		s.children[section] = append(s.children[section], leaf)
	}
	for _, r := range providerRules {
		s.fields[r.key] = r
	}
	return s
}

// rule returns the rule of a full key, "providers.NAME.FIELD" included.
func (s schema) rule(key string) (rule, bool) {
	if r, ok := s.keys[key]; ok {
		return r, true
	}
	name, field, ok := splitProvider(key)
	if !ok || field == "" {
		return rule{}, false
	}
	r, ok := s.fields[field]
	r.key = providerKey(name, field)
	return r, ok
}

// under lists the names a section may hold; ok is false when key is no section.
// The section of all providers may hold any name.
func (s schema) under(key string) (names []string, ok bool) {
	if names, ok = s.children[key]; ok || key == providersKey {
		return names, true
	}
	if _, field, isProvider := splitProvider(key); isProvider && field == "" {
		for _, r := range providerRules {
			names = append(names, r.key)
		}
		return names, true
	}
	return nil, false
}

// all lists every full key outside providers, sorted.
func (s schema) all() []string {
	keys := make([]string, 0, len(s.keys))
	for key := range s.keys {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func providerKey(name, field string) string { return providersKey + "." + name + "." + field }

// splitProvider takes "providers.NAME" or "providers.NAME.FIELD" apart; ok is
// false for other keys.
func splitProvider(key string) (name, field string, ok bool) {
	rest, ok := strings.CutPrefix(key, providersKey+".")
	if !ok {
		return "", "", false
	}
	name, field, _ = strings.Cut(rest, ".")
	return name, field, true
}
