package config

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestProvidersFromVariables says which providers a set of variables makes, and
// which of them answers. Variables may be meant for other programs: half a set
// makes nothing, and several whole sets are no error.
func TestProvidersFromVariables(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		env  []string
		made string // names, sorted
		def  string
	}{
		{"nothing", nil, "", ""},
		{"upstream's template", []string{"OPENAI_CLIENT=openai", "OPENAI_MODEL=gpt-5-mini", "AZURE_OPENAI_API_VERSION=v"}, "", ""},
		{"azure", azureEnv, "azure", "azure"},
		{"half of azure", azureEnv[1:], "", ""},
		{"openai before azure", append([]string{"OPENAI_API_KEY=k"}, azureEnv...), "azure openai", "openai"},
		{"azure when upstream's switch says so", append([]string{"OPENAI_API_KEY=k", "OPENAI_CLIENT=Azure"}, azureEnv...), "azure openai", "azure"},
		{"anthropic", []string{"ANTHROPIC_API_KEY=k"}, "anthropic", "anthropic"},
		{"a lone model", []string{"ANTHROPIC_MODEL=m"}, "", ""},
		{"anthropic before ollama", []string{"ANTHROPIC_API_KEY=k", "OLLAMA_HOST=pi", "OLLAMA_MODEL=m"}, "anthropic ollama", "anthropic"},
		{"ollama waits for a model", []string{"OLLAMA_HOST=pi"}, "ollama", ""},
		{"and takes nobody's place", []string{"OLLAMA_HOST=pi", "ANTHROPIC_API_KEY=k"}, "anthropic ollama", "anthropic"},
		{"ollama with a model", []string{"OLLAMA_HOST=pi", "OLLAMA_MODEL=m"}, "ollama", "ollama"},
		{"ollama's model alone", []string{"OLLAMA_MODEL=m", "OLLAMA_API_KEY=k"}, "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := mustLoad(t, LoadOptions{Environ: tc.env})
			if made := strings.Join(slices.Sorted(maps.Keys(c.Providers)), " "); made != tc.made {
				t.Errorf("made %q, want %q", made, tc.made)
			}
			if name, _, _ := c.DefaultProvider(); name != tc.def {
				t.Errorf("default %q, want %q", name, tc.def)
			}
		})
	}
}

// What OLLAMA_HOST may be, as Ollama itself reads it.
func TestOllamaHost(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"pi": "http://pi:11434", "pi:1": "http://pi:1", ":1": "http://127.0.0.1:1", "0.0.0.0": "http://127.0.0.1:11434",
		"0.0.0.0:1": "http://127.0.0.1:1", "[::]:1": "http://127.0.0.1:1", "::1": "http://[::1]:11434", "[::1]": "http://[::1]:11434",
		"http://pi": "http://pi:80", "https://pi": "https://pi:443", "https://pi:1/ollama/": "https://pi:1/ollama", "http://0.0.0.0:1": "http://127.0.0.1:1",
	} {
		c := mustLoad(t, LoadOptions{Environ: []string{"OLLAMA_HOST=" + in}})
		if got := c.Providers[TypeOllama].BaseURL; got != want {
			t.Errorf("%s is %q, want %q", in, got, want)
		}
	}
	got := loadError(t, LoadOptions{Environ: []string{"OLLAMA_HOST=ftp://pi"}})
	if want := "OLLAMA_HOST: providers.ollama.base_url must be an address that starts with http:// or https://"; got != want {
		t.Errorf("error %q, want %q", got, want)
	}
}

// What is called like a type is of that type.
func TestTypeByName(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, LoadOptions{File: writeFile(t, "provider: ollama\nproviders:\n  ollama: {model: m}\n  anthropic: {type: openai, base_url: 'http://a', model: n}\n")})
	want := map[string]Provider{
		"ollama":    {Type: TypeOllama, BaseURL: "http://127.0.0.1:11434", Model: "m"},
		"anthropic": {Type: TypeOpenAI, BaseURL: "http://a", Model: "n"},
	}
	if diff := cmp.Diff(want, c.Providers); diff != "" {
		t.Errorf("providers (-want +got):\n%s", diff)
	}
}

func TestProviderProblems(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, file, want string }{
		{"azure without an address", "azure: {api_key: k, deployment: d}", "FILE:2: providers.azure.api_key needs providers.azure.base_url, as in https://NAME.openai.azure.com"},
		{"azure without a key", "azure: {base_url: 'https://a', deployment: d}", "FILE:2: providers.azure.base_url needs providers.azure.api_key: Azure answers nobody without one"},
		{"azure without a deployment", "azure: {base_url: 'https://a', api_key: k}", "FILE:2: providers.azure.base_url needs providers.azure.deployment"},
		{"anthropic without a key", "pi: {type: anthropic, model: m}", "FILE:2: providers.pi.type needs providers.pi.api_key: api.anthropic.com answers nobody without one"},
		{"ollama without a model", "pi: {type: ollama}", "FILE:2: providers.pi.type needs providers.pi.model"},
		{"nothing to replay", "pi: {type: replay}", "FILE:2: providers.pi.type needs providers.pi.replay, the recording to answer from"},
		{"deployment of another type", "pi: {type: ollama, model: m, deployment: d}", "FILE:2: providers.pi.deployment is only for the type azure"},
		{"recording of another type", "pi: {type: ollama, model: m, replay: f}", "FILE:2: providers.pi.replay is only for the type replay"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			path := writeFile(t, "providers:\n  "+tc.file)
			if got, want := loadError(t, LoadOptions{File: path}), strings.Replace(tc.want, "FILE", path, 1); got != want {
				t.Errorf("error = %q\nwant    %q", got, want)
			}
		})
	}
	for _, tc := range []struct{ env, want string }{
		{"OPENAI_CLIENT=gemini", `OPENAI_CLIENT: must be openai or azure, not "gemini"`},
		{"TMATES_PROVIDER=ollama", "TMATES_PROVIDER: provider names ollama, which needs providers.ollama.model"},
	} {
		if got := loadError(t, LoadOptions{Environ: []string{tc.env, "OLLAMA_HOST=pi"}}); got != tc.want {
			t.Errorf("%s: %q\nwant %q", tc.env, got, tc.want)
		}
	}
}
