package config

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/knadh/koanf/providers/env/v2"
)

const (
	envPrefix  = "TMATES_"
	configEnv  = "TMATES_CONFIG"
	fileSuffix = "_FILE"
)

// clientEnv are variables of the official client, which often lives in the same
// environment; they mean nothing to the server.
var clientEnv = []string{"TMATES_SUPABASE_URL", "TMATES_SUPABASE_ANON_KEY", "TMATES_API_BASE_URL"}

const clientEnvPrefix = "TMATES_CLI_"

// environment makes a map of os.Environ's form. Like os.Getenv, the first of
// several wins.
func environment(environ []string) map[string]string {
	vars := make(map[string]string, len(environ))
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if _, twice := vars[name]; !twice {
			vars[name] = value
		}
	}
	for name, value := range vars {
		if value == "" {
			delete(vars, name)
		}
	}
	return vars
}

func (l *loader) lookupEnv(name string) (string, bool) {
	v, ok := l.env[name]
	return v, ok
}

// environ is the environment in a fixed order, so that problems are too.
func (l *loader) environ() []string {
	out := make([]string, 0, len(l.env))
	for name, value := range l.env {
		out = append(out, name+"="+value)
	}
	slices.Sort(out)
	return out
}

// envName is the variable of a key.
func envName(key string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

func (l *loader) loadEnv() error {
	names := map[string]rule{}
	for _, r := range rules {
		names[envName(r.key)] = r
	}
	return l.ko.Load(env.Provider(".", env.Opt{
		Prefix:      envPrefix,
		EnvironFunc: l.environ,
		TransformFunc: func(name, value string) (string, any) {
			r, fromFile, ok := l.envRule(names, name)
			switch {
			case ok:
				return l.fromEnv(r, name, value, fromFile)
			case name == configEnv, slices.Contains(clientEnv, name), strings.HasPrefix(name, clientEnvPrefix):
			default:
				l.unknownEnv(names, name)
			}
			return "", nil
		},
	}), nil)
}

// envRule finds the key a variable sets; fromFile says that the variable names
// a file with the value.
func (l *loader) envRule(names map[string]rule, name string) (r rule, fromFile, ok bool) {
	if r, ok = names[name]; ok {
		return r, false, true
	}
	if r, ok = l.providerEnv(name); ok {
		return r, false, true
	}
	base, isFile := strings.CutSuffix(name, fileSuffix)
	if !isFile {
		return rule{}, false, false
	}
	if r, ok = names[base]; !ok {
		r, ok = l.providerEnv(base)
	}
	return r, true, ok && r.kind == secret
}

// providerEnv reads TMATES_PROVIDERS_NAME_FIELD. No field ends in another one,
// so the split is never in doubt.
func (l *loader) providerEnv(name string) (rule, bool) {
	rest, ok := strings.CutPrefix(name, envName(providersKey)+"_")
	if !ok {
		return rule{}, false
	}
	for _, r := range providerRules {
		upper, ok := strings.CutSuffix(rest, "_"+strings.ToUpper(r.key))
		if !ok || upper != strings.ToUpper(upper) {
			continue
		}
		if provider, err := providerName(strings.ToLower(upper)); err == nil {
			return l.rule(providerKey(provider, r.key))
		}
	}
	return rule{}, false
}

// fromEnv is the value of one variable for koanf; an empty key means none.
func (l *loader) fromEnv(r rule, name, value string, fromFile bool) (string, any) {
	at := source{layer: "env", name: name}
	if fromFile {
		if _, both := l.env[strings.TrimSuffix(name, fileSuffix)]; both {
			l.reportf(at, "%s is set as well; set one of the two", strings.TrimSuffix(name, fileSuffix))
			return "", nil
		}
		text, err := readSecret(value)
		if err != nil {
			l.reportf(at, "%s: %w", r.key, err)
			return "", nil
		}
		value = text
	}
	if v, ok := l.accept(at, r, value); ok {
		return r.key, v
	}
	return "", nil
}

// readSecret reads a file that holds one secret and, usually, a line break.
func readSecret(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("open secret: %w", err)
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, maxText+3)) // a secret, its line break, and one byte too many
	if err != nil {
		return "", fmt.Errorf("read secret: %w", err)
	}
	s, _ := strings.CutSuffix(string(b), "\n")
	s, _ = strings.CutSuffix(s, "\r")
	if s == "" {
		return "", fmt.Errorf("file %s is empty", path)
	}
	return s, nil
}

func (l *loader) unknownEnv(names map[string]rule, name string) {
	if l.counted() {
		return
	}
	known := []string{configEnv}
	for variable, r := range names {
		known = append(known, variable)
		if r.kind == secret {
			known = append(known, variable+fileSuffix)
		}
	}
	if rest, ok := strings.CutPrefix(name, envName(providersKey)+"_"); ok {
		known = append(known, providerEnvNames(rest)...)
	}
	slices.Sort(known) // the first of equally near names, whatever the map's order
	l.reportf(source{name: label(name)}, "unknown variable; %s", hint(nearest(name, known, envPrefix)))
}

// providerEnvNames lists the variables that rest, what follows TMATES_PROVIDERS_,
// can be a misspelling of: each field with each cut of rest as the name.
func providerEnvNames(rest string) []string {
	var out []string
	parts := strings.Split(rest[:min(len(rest), maxHinted)], "_")
	for i := 1; i < len(parts); i++ {
		name := strings.Join(parts[:i], "_")
		if _, err := providerName(strings.ToLower(name)); err != nil {
			continue
		}
		for _, r := range providerRules {
			variable := envName(providerKey(name, r.key))
			out = append(out, variable)
			if r.kind == secret {
				out = append(out, variable+fileSuffix)
			}
		}
	}
	return out
}
