package config

import (
	"strings"

	"github.com/knadh/koanf/providers/env/v2"
)

// alias is a variable of upstream, or one that every client of a model service
// reads, that means the same as a key of ours. Our own variable wins over it.
type alias struct {
	name  string
	key   string
	adapt func(string) string // the value in our words; nil: as it is
}

var aliases = []alias{
	{name: "API_CORS_ORIGINS", key: "cors_origins"},
	{name: "INSTALLED_AGENTS", key: "tmates.installed"},
	{name: "AGENT_MAX_ACTIVE_JOBS_PER_USER", key: "queue.active_jobs_per_user"},
	{name: "LOG_LEVEL", key: "log.level", adapt: pythonLevel},
	{name: "FILE_VIEW_TOKEN_SECRET", key: "files.view_secret"},
	{name: "SESSION_SECRET", key: "files.view_secret"}, // when the one above is not set
	{name: "AGENT_CATALOG_ENABLED", key: "catalog.enabled", adapt: pythonBool},
	{name: "AGENT_CATALOG_ENV", key: "catalog.channel", adapt: channelOf},
	{name: "OPENAI_API_KEY", key: providerKey(TypeOpenAI, "api_key")},
	{name: "OPENAI_BASE_URL", key: providerKey(TypeOpenAI, "base_url")},
	{name: "OPENAI_MODEL", key: providerKey(TypeOpenAI, "model")},
	{name: "AZURE_OPENAI_ENDPOINT", key: providerKey(TypeAzure, "base_url")},
	{name: "AZURE_OPENAI_API_KEY", key: providerKey(TypeAzure, "api_key")},
	{name: "AZURE_OPENAI_DEPLOYMENT", key: providerKey(TypeAzure, "deployment")},
	{name: "AZURE_OPENAI_API_VERSION", key: providerKey(TypeAzure, "api_version")},
	{name: "ANTHROPIC_API_KEY", key: providerKey(TypeAnthropic, "api_key")},
	{name: "ANTHROPIC_MODEL", key: providerKey(TypeAnthropic, "model")},
	{name: "OLLAMA_HOST", key: providerKey(TypeOllama, "base_url"), adapt: ollamaAddress},
	{name: "OLLAMA_API_KEY", key: providerKey(TypeOllama, "api_key")},
	{name: "OLLAMA_MODEL", key: providerKey(TypeOllama, "model")},
}

// pythonLevel turns a level of upstream's language into one of ours.
func pythonLevel(s string) string {
	switch s = strings.ToLower(strings.TrimSpace(s)); s {
	case "warning":
		return "warn"
	case "critical", "fatal":
		return "error"
	default:
		return s
	}
}

// pythonBool turns the words upstream takes for yes and no into ours.
func pythonBool(s string) string {
	switch s = strings.ToLower(strings.TrimSpace(s)); s {
	case "yes", "y", "on":
		return "true"
	case "no", "n", "off":
		return "false"
	default:
		return s
	}
}

// channelOf turns a name of upstream's environments into a channel of ours.
func channelOf(s string) string {
	switch s = strings.ToLower(strings.TrimSpace(s)); s {
	case "production":
		return "prod"
	case "development":
		return "dev"
	default:
		return s
	}
}

func (l *loader) loadAliases() error {
	known := map[string]alias{}
	for _, a := range aliases {
		known[a.name] = a
	}
	return l.ko.Load(env.Provider(".", env.Opt{
		EnvironFunc: l.environ,
		TransformFunc: func(name, value string) (string, any) {
			a, ok := known[name]
			fromFile := false
			if !ok {
				base, isFile := strings.CutSuffix(name, fileSuffix)
				a, ok = known[base]
				fromFile = isFile
			}
			r, found := l.rule(a.key)
			if !ok || !found || fromFile && r.kind != secret || l.yields(a) {
				return "", nil
			}
			if a.adapt != nil {
				value = a.adapt(value)
			}
			return l.fromEnv(r, name, value, fromFile)
		},
	}), nil)
}

// yields reports whether an alias that stands before it sets the same key.
func (l *loader) yields(a alias) bool {
	for _, other := range aliases {
		if other.name == a.name {
			return false
		}
		_, set := l.env[other.name]
		_, inFile := l.env[other.name+fileSuffix]
		if other.key == a.key && (set || inFile) {
			return true
		}
	}
	return false
}
