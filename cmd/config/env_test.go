package config

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestUnknownVariables(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"TMATES_AUTH_CODE_TTLL":                "did you mean TMATES_AUTH_CODE_TTL?",
		"TMATES_LISTN":                         "did you mean TMATES_LISTEN?",
		"TMATES_CONFG":                         "did you mean TMATES_CONFIG?",
		"TMATES_SMTP_PASSWORD_FIL":             "did you mean TMATES_SMTP_PASSWORD_FILE?",
		"TMATES_PROVIDERS_MY_PI_API_KY":        "did you mean TMATES_PROVIDERS_MY_PI_API_KEY?",
		"TMATES_PROVIDERS_API_KEY":             "did you mean TMATES_PROVIDERS_API_API_KEY?",
		"TMATES_XYZZY_PLUGH_FROBOZZ":           "tmates.example.yaml lists all",
		"TMATES_LISTEN_FILE":                   "did you mean TMATES_LISTEN?", // only secrets come from files
		"TMATES_providers_pi_api_key":          "tmates.example.yaml lists all",
		"TMATES_" + strings.Repeat("LONG", 99): "tmates.example.yaml lists all",
	} {
		got := loadError(t, LoadOptions{Environ: []string{name + "=1"}})
		if want := label(name) + ": unknown variable; " + want; got != want {
			t.Errorf("error = %q\nwant    %q", got, want)
		}
	}
}

func TestVariablesOfClients(t *testing.T) {
	t.Parallel()
	mustLoad(t, LoadOptions{Environ: []string{
		"TMATES_SUPABASE_URL=http://127.0.0.1:8000", "TMATES_SUPABASE_ANON_KEY=a.b.c", "TMATES_API_BASE_URL=http://127.0.0.1:8000/v1",
		"TMATES_CLI_HOME=/tmp", "TMATES_CLI_DISABLE_SESSION_CACHE=1", "PATH=/bin", "nonsense", "=C:=x",
	}})
}

// TestEveryVariable sets every key through its variable, to its default where
// that is not empty.
func TestEveryVariable(t *testing.T) {
	t.Parallel()
	samples := map[string]string{
		"public_url": "https://team.example", "data": "/srv/t", "trusted_proxies": "10.0.0.1", "cors_origins": "*", "provider": "pi",
		"smtp.host": "mail.example", "smtp.username": "u", "smtp.password": "p", "smtp.from": "a@b.example", "tmates.installed": "ada",
		"internal.secret":    strings.Repeat("s", 32),
		"auth.redirect_urls": "tmates://**",
		"billing.limits":     "free.max_agents=1",
		"usage.rates":        "gpt-5-mini=0.25/2",
		"files.view_secret":  "s",
		"catalog.url":        "/srv/index.json",
		"fallbacks":          "cloud",
	}
	want := map[string]string{}
	environ := []string{"TMATES_PROVIDERS_PI_BASE_URL=http://pi", "TMATES_PROVIDERS_PI_MODEL=m"}
	for _, r := range rules {
		environ = append(environ, envName(r.key)+"="+cmp.Or(r.def, samples[r.key]))
		want[r.key] = "env " + envName(r.key)
	}
	c := mustLoad(t, LoadOptions{Environ: environ})
	for key, layer := range want {
		if got := originOf(t, c, key).Layer; got != layer {
			t.Errorf("%s comes from %q, want %q", key, got, layer)
		}
	}
}

// put writes a file of one secret.
func put(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSecretFiles(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, content, want string }{
		{"plain", "hunter2", "hunter2"},
		{"one line break", "hunter2\n", "hunter2"},
		{"one Windows line break", "hunter2\r\n", "hunter2"},
		{"blanks", " hunter2 \n", " hunter2 "},
		{"longest", strings.Repeat("x", maxText) + "\r\n", strings.Repeat("x", maxText)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := mustLoad(t, LoadOptions{Environ: []string{"TMATES_SMTP_PASSWORD_FILE=" + put(t, tc.content)}})
			if got := c.SMTP.Password.Reveal(); got != tc.want {
				t.Errorf("password = %q, want %q", got, tc.want)
			}
			if got, want := originOf(t, c, "smtp.password"), (Origin{"smtp.password", mask, "env TMATES_SMTP_PASSWORD_FILE"}); got != want {
				t.Errorf("origin = %+v", got)
			}
		})
	}
}

func TestSecretFileOfProvider(t *testing.T) {
	t.Parallel()
	key := put(t, "from-file\n")
	for _, tc := range []struct {
		name   string
		env    []string
		want   string
		origin string
	}{
		{"ours", []string{"TMATES_PROVIDERS_OPENAI_API_KEY_FILE=" + key}, "from-file", "env TMATES_PROVIDERS_OPENAI_API_KEY_FILE"},
		{"usual name", []string{"OPENAI_API_KEY_FILE=" + key}, "from-file", "env OPENAI_API_KEY_FILE"},
		{"ours over the usual name", []string{"OPENAI_API_KEY=plain", "TMATES_PROVIDERS_OPENAI_API_KEY_FILE=" + key}, "from-file",
			"env TMATES_PROVIDERS_OPENAI_API_KEY_FILE"},
		{"an empty one is not set", []string{"OPENAI_API_KEY=", "OPENAI_API_KEY_FILE=" + key}, "from-file", "env OPENAI_API_KEY_FILE"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := mustLoad(t, LoadOptions{Environ: tc.env})
			if got := c.Providers["openai"].APIKey.Reveal(); got != tc.want {
				t.Errorf("key = %q", got)
			}
			if got := originOf(t, c, "providers.openai.api_key").Layer; got != tc.origin {
				t.Errorf("origin = %q, want %q", got, tc.origin)
			}
		})
	}
}

func TestSecretFileProblems(t *testing.T) {
	t.Parallel()
	missing, empty := filepath.Join(t.TempDir(), "missing"), put(t, "\n")
	key, long, two := put(t, "k"), put(t, strings.Repeat("hunter2", maxText)), put(t, "hunter2\n\n")
	for _, tc := range []struct {
		name string
		env  []string
		want string
	}{
		{"both", []string{"TMATES_SMTP_PASSWORD=a", "TMATES_SMTP_PASSWORD_FILE=" + key},
			"TMATES_SMTP_PASSWORD_FILE: TMATES_SMTP_PASSWORD is set as well; set one of the two"},
		{"both usual names", []string{"OPENAI_API_KEY=a", "OPENAI_API_KEY_FILE=" + key},
			"OPENAI_API_KEY_FILE: OPENAI_API_KEY is set as well; set one of the two"},
		{"missing", []string{"TMATES_SMTP_PASSWORD_FILE=" + missing},
			"TMATES_SMTP_PASSWORD_FILE: smtp.password: open secret: open " + missing + ": no such file or directory"},
		{"empty", []string{"TMATES_SMTP_PASSWORD_FILE=" + empty}, "TMATES_SMTP_PASSWORD_FILE: smtp.password: file " + empty + " is empty"},
		{"too long", []string{"TMATES_SMTP_PASSWORD_FILE=" + long}, "TMATES_SMTP_PASSWORD_FILE: smtp.password must have at most 4096 bytes"},
		{"only one line break is cut", []string{"TMATES_SMTP_PASSWORD_FILE=" + two},
			"TMATES_SMTP_PASSWORD_FILE: smtp.password must not contain line breaks or control characters"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := loadError(t, LoadOptions{Environ: tc.env}); got != tc.want {
				t.Errorf("error = %q\nwant    %q", got, tc.want)
			}
		})
	}
}

func TestAliases(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		env  []string
		want Origin
	}{
		{"origins", []string{"API_CORS_ORIGINS=https://a.example,https://b.example"},
			Origin{"cors_origins", "https://a.example, https://b.example", "env API_CORS_ORIGINS"}},
		{"tmates", []string{"INSTALLED_AGENTS=ada, bob"}, Origin{"tmates.installed", "ada, bob", "env INSTALLED_AGENTS"}},
		{"job limit", []string{"AGENT_MAX_ACTIVE_JOBS_PER_USER=0"}, Origin{"queue.active_jobs_per_user", "0", "env AGENT_MAX_ACTIVE_JOBS_PER_USER"}},
		{"level", []string{"LOG_LEVEL=WARNING"}, Origin{"log.level", "warn", "env LOG_LEVEL"}},
		{"worst level", []string{"LOG_LEVEL=CRITICAL"}, Origin{"log.level", "error", "env LOG_LEVEL"}},
		{"same level", []string{"LOG_LEVEL=Debug"}, Origin{"log.level", "debug", "env LOG_LEVEL"}},
		{"key", []string{"OPENAI_API_KEY=k"}, Origin{"providers.openai.api_key", mask, "env OPENAI_API_KEY"}},
		{"address", []string{"OPENAI_BASE_URL=http://pi/v1"}, Origin{"providers.openai.base_url", "http://pi/v1", "env OPENAI_BASE_URL"}},
		{"model", []string{"OPENAI_MODEL=m", "OPENAI_API_KEY=k"}, Origin{"providers.openai.model", "m", "env OPENAI_MODEL"}},
		{"default model", []string{"OPENAI_API_KEY=k"}, Origin{"providers.openai.model", "gpt-5-mini", "default"}},
		{"azure's address", azureEnv, Origin{"providers.azure.base_url", "https://a.openai.azure.com", "env AZURE_OPENAI_ENDPOINT"}},
		{"azure's deployment", azureEnv, Origin{"providers.azure.deployment", "d", "env AZURE_OPENAI_DEPLOYMENT"}},
		{"azure's version", azureEnv, Origin{"providers.azure.api_version", "2025-03-01-preview", "env AZURE_OPENAI_API_VERSION"}},
		{"azure's key", azureEnv, Origin{"providers.azure.api_key", mask, "env AZURE_OPENAI_API_KEY"}},
		{"azure's type", azureEnv, Origin{"providers.azure.type", "azure", "default"}},
		{"anthropic", []string{"ANTHROPIC_API_KEY=k", "ANTHROPIC_MODEL=m"}, Origin{"providers.anthropic.model", "m", "env ANTHROPIC_MODEL"}},
		{"anthropic's default model", []string{"ANTHROPIC_API_KEY=k"}, Origin{"providers.anthropic.model", "claude-sonnet-4-5", "default"}},
		{"anthropic's address", []string{"ANTHROPIC_API_KEY=k"}, Origin{"providers.anthropic.base_url", "https://api.anthropic.com", "default"}},
		{"ollama", []string{"OLLAMA_HOST=0.0.0.0"}, Origin{"providers.ollama.base_url", "http://127.0.0.1:11434", "env OLLAMA_HOST"}},
		{"ollama's model", []string{"OLLAMA_HOST=pi", "OLLAMA_MODEL=m"}, Origin{"providers.ollama.model", "m", "env OLLAMA_MODEL"}},
		{"link key", []string{"SESSION_SECRET=s"}, Origin{"files.view_secret", mask, "env SESSION_SECRET"}},
		{"link key of its own", []string{"FILE_VIEW_TOKEN_SECRET=f", "SESSION_SECRET=s"}, Origin{"files.view_secret", mask, "env FILE_VIEW_TOKEN_SECRET"}},
		{"catalog off", []string{"AGENT_CATALOG_ENABLED=0"}, Origin{"catalog.enabled", "false", "env AGENT_CATALOG_ENABLED"}},
		{"catalog off in another word", []string{"AGENT_CATALOG_ENABLED=Off"}, Origin{"catalog.enabled", "false", "env AGENT_CATALOG_ENABLED"}},
		{"catalog on", []string{"AGENT_CATALOG_ENABLED=yes"}, Origin{"catalog.enabled", "true", "env AGENT_CATALOG_ENABLED"}},
		{"catalog channel", []string{"AGENT_CATALOG_ENV=production"}, Origin{"catalog.channel", "prod", "env AGENT_CATALOG_ENV"}},
		{"catalog channel of developers", []string{"AGENT_CATALOG_ENV=Development"}, Origin{"catalog.channel", "dev", "env AGENT_CATALOG_ENV"}},
		{"ours wins", []string{"TMATES_LOG_LEVEL=error", "LOG_LEVEL=debug"}, Origin{"log.level", "error", "env TMATES_LOG_LEVEL"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := originOf(t, mustLoad(t, LoadOptions{Environ: tc.env}), tc.want.Key); got != tc.want {
				t.Errorf("origin = %+v, want %+v", got, tc.want)
			}
		})
	}
	t.Run("the link key of a file comes before the session's", func(t *testing.T) {
		t.Parallel()
		c := mustLoad(t, LoadOptions{Environ: []string{"FILE_VIEW_TOKEN_SECRET_FILE=" + put(t, "f\n"), "SESSION_SECRET=s"}})
		if got := c.Files.ViewSecret.Reveal(); got != "f" {
			t.Errorf("key = %q", got)
		}
	})
	t.Run("a wrong value names the alias", func(t *testing.T) {
		t.Parallel()
		got := loadError(t, LoadOptions{Environ: []string{"AGENT_MAX_ACTIVE_JOBS_PER_USER=three"}})
		if want := `AGENT_MAX_ACTIVE_JOBS_PER_USER: queue.active_jobs_per_user must be a whole number at most 1000, not "three"`; got != want {
			t.Errorf("error = %q, want %q", got, want)
		}
	})
	t.Run("the file loses against an alias", func(t *testing.T) {
		t.Parallel()
		c := mustLoad(t, LoadOptions{File: writeFile(t, "log: {level: error}"), Environ: []string{"LOG_LEVEL=debug"}})
		if c.Log.Level != "debug" {
			t.Errorf("level = %q", c.Log.Level)
		}
	})
}

var azureEnv = []string{
	"AZURE_OPENAI_ENDPOINT=https://a.openai.azure.com/", "AZURE_OPENAI_API_KEY=k", "AZURE_OPENAI_DEPLOYMENT=d", "AZURE_OPENAI_API_VERSION=2025-03-01-preview",
}

// FuzzEnv sets one variable of ours to whatever text. It never panics, and no
// error repeats a secret.
func FuzzEnv(f *testing.F) {
	for _, name := range []string{"LISTEN", "PROVIDERS_A_B_API_KEY", "PROVIDERS__API_KEY_FILE", "SMTP_PASSWORD", "CORS_ORIGINS", "X=Y", ""} {
		f.Add(name, "hunter2\n,")
	}
	f.Fuzz(func(t *testing.T, name, value string) {
		if strings.HasSuffix(name, "_FILE") || strings.ContainsAny(name, "\x00=") {
			return // reads files of the machine, or cannot be a name
		}
		c, err := Load(LoadOptions{Home: "/home/ada/none", Environ: []string{envPrefix + name + "=" + value}})
		if (c == nil) != (err != nil) {
			t.Errorf("Config %v, error %v", c, err)
		}
		secretName := strings.HasSuffix(name, "_API_KEY") || name == "SMTP_PASSWORD"
		if secretName && err != nil && len(value) > 20 && !strings.Contains(name, value) && strings.Contains(err.Error(), value) {
			t.Errorf("%s is repeated in %v", name, err)
		}
	})
}
