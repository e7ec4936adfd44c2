package config

import (
	"fmt"
	"slices"
	"strings"
)

// What Provider.Type may be.
const (
	TypeOpenAI    = "openai" // any service that speaks Chat Completions
	TypeAzure     = "azure"
	TypeOllama    = "ollama"
	TypeAnthropic = "anthropic"
	TypeReplay    = "replay" // answers what was recorded
)

// Provider is one model service. A number that is 0 and a truth that is nil are
// left to its type, as package agents/providers has it.
type Provider struct {
	Type            string   `koanf:"type"`     // one of the Type constants
	BaseURL         string   `koanf:"base_url"` // no trailing slash; empty for TypeReplay only
	APIKey          Secret   `koanf:"api_key"`  // empty for services that ask for none
	Model           string   `koanf:"model"`    // empty: see Usable
	Temperature     *float64 `koanf:"temperature"`
	Effort          string   `koanf:"effort"`            // "low", "medium", "high" or empty: the service's own
	MaxOutputTokens int      `koanf:"max_output_tokens"` // 0: the service's own
	ContextWindow   int      `koanf:"context_window"`    // tokens
	Vision          *bool    `koanf:"vision"`
	Concurrency     int      `koanf:"concurrency"` // requests at a time
	Deployment      string   `koanf:"deployment"`  // of TypeAzure
	APIVersion      string   `koanf:"api_version"` // of TypeAzure; empty: the latest stable one known here
	Record          string   `koanf:"record"`      // file that exchanges are recorded to; empty: they are not
	Replay          string   `koanf:"replay"`      // recording of TypeReplay
}

// Usable reports whether a model is named. An Ollama that is known from
// OLLAMA_HOST alone is not usable until somebody chooses a model.
func (p Provider) Usable() bool { return p.Model != "" || p.Deployment != "" || p.Type == TypeReplay }

// baseURLs are the addresses of types that have one.
var baseURLs = map[string]string{
	TypeOpenAI:    "https://api.openai.com/v1",
	TypeOllama:    "http://127.0.0.1:11434",
	TypeAnthropic: "https://api.anthropic.com",
}

// made is a provider that variables of others make without a file. It is called
// like its type.
type made struct {
	name  string
	model string     // when no variable names one
	needs [][]string // keys, of which one set has to be there
}

// madeProviders stand in the order in which they become the default.
var madeProviders = []made{
	{name: TypeOpenAI, model: "gpt-5-mini", needs: [][]string{{"api_key"}, {"base_url"}}}, // upstream's default of OPENAI_MODEL
	{name: TypeAzure, needs: [][]string{{"base_url", "api_key", "deployment"}}},
	{name: TypeAnthropic, model: "claude-sonnet-4-5", needs: [][]string{{"api_key"}}},
	{name: TypeOllama, needs: [][]string{{"base_url"}}},
}

// DefaultProvider returns the provider that answers when nothing else is said:
// the one Provider names, else the only usable one, else the one that variables
// of others made: what OPENAI_CLIENT says, then openai, azure, anthropic and
// ollama. ok is false when there is none.
func (c *Config) DefaultProvider() (name string, p Provider, ok bool) {
	var usable []string
	for name, p := range c.Providers {
		if p.Usable() {
			usable = append(usable, name)
		}
	}
	switch {
	case c.Provider != "":
		name = c.Provider
	case len(usable) == 1:
		name = usable[0]
	default:
		name = c.fromEnv
	}
	p, ok = c.Providers[name]
	if !ok {
		return "", Provider{}, false
	}
	return name, p, true
}

// dropUnmade takes back providers made of variables that connect nothing by
// themselves, such as a lone OPENAI_MODEL. The variables may be meant for other
// programs, so this is no error unless OPENAI_CLIENT asks for Azure.
func (l *loader) dropUnmade() {
	for _, m := range madeProviders {
		section := providersKey + "." + m.name
		missing := func(field string) bool { return !l.ko.Exists(providerKey(m.name, field)) }
		enough := slices.ContainsFunc(m.needs, func(set []string) bool { return !slices.ContainsFunc(set, missing) })
		wanted := m.name == TypeAzure && l.openAIClient() == TypeAzure
		if enough || wanted || !l.ko.Exists(section) || !l.onlyAliases(m.name) {
			continue
		}
		for _, r := range providerRules {
			delete(l.sources, providerKey(m.name, r.key))
		}
		l.ko.Delete(section)
	}
}

// onlyAliases reports whether nothing but variables of others made a provider.
func (l *loader) onlyAliases(name string) bool {
	for _, r := range providerRules {
		if key := providerKey(name, r.key); l.ko.Exists(key) && !l.fromAlias(key) {
			return false
		}
	}
	return true
}

func (l *loader) fromAlias(key string) bool {
	at := l.sources[key]
	return at.layer == "env" && !strings.HasPrefix(at.name, envPrefix)
}

// firstMade returns the usable provider that variables of others made or changed
// and that answers before the other such ones.
func (l *loader) firstMade(c *Config) string {
	has := func(name string) bool {
		return c.Providers[name].Usable() &&
			slices.ContainsFunc(providerRules, func(r rule) bool { return l.fromAlias(providerKey(name, r.key)) })
	}
	if client := l.openAIClient(); client != "" && has(client) {
		return client
	}
	for _, m := range madeProviders {
		if has(m.name) {
			return m.name
		}
	}
	return ""
}

const openAIClientEnv = "OPENAI_CLIENT"

// openAIClient is what upstream's OPENAI_CLIENT says: openai, azure or nothing.
func (l *loader) openAIClient() string {
	return strings.ToLower(strings.TrimSpace(l.env[openAIClientEnv]))
}

// maxProviders bounds how many model services one file may name.
const maxProviders = 32

// completeProviders gives every provider the defaults of what it leaves out.
func (l *loader) completeProviders() error {
	if c := l.openAIClient(); c != "" && c != TypeOpenAI && c != TypeAzure {
		l.reportf(source{name: openAIClientEnv}, "must be openai or azure, not %s", quote(l.env[openAIClientEnv]))
	}
	l.dropUnmade()
	names := l.ko.MapKeys(providersKey)
	if len(names) > maxProviders {
		return fmt.Errorf("%s must be at most %d, not %d", providersKey, maxProviders, len(names))
	}
	for _, name := range names {
		if err := l.completeProvider(name); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) completeProvider(name string) error {
	kind := l.ko.String(providerKey(name, "type"))
	if kind == "" {
		kind = TypeOpenAI
		if slices.ContainsFunc(madeProviders, func(m made) bool { return m.name == name }) {
			kind = name // what is called like a type is of that type
		}
	}
	for _, r := range providerRules {
		key := providerKey(name, r.key)
		if r.optional || l.ko.String(key) != "" || l.ko.Exists(key) && r.key != "base_url" {
			continue
		}
		def := r.def
		switch r.key {
		case "type":
			def = kind
		case "base_url":
			def = baseURLs[kind]
		case "model":
			if i := slices.IndexFunc(madeProviders, func(m made) bool { return m.name == name }); i >= 0 && name == kind {
				def = madeProviders[i].model
			}
		}
		v, err := r.parse(def)
		if err != nil {
			return fmt.Errorf("default of %s %w", key, err)
		}
		if err := l.ko.Set(key, v); err != nil {
			return fmt.Errorf("set %s: %w", key, err)
		}
	}
	return nil
}
