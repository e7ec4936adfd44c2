package config

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func defaults(home string) *Config {
	return &Config{
		Listen: "127.0.0.1:8000", Data: filepath.Join(home, ".local/share/tmates"),
		TrustedProxies: []netip.Prefix{}, CORSOrigins: []string{}, Docs: true,
		Log:   Log{Level: "info", Format: "text"},
		Store: Store{Synchronous: "full", Batch: 128},
		Auth: Auth{
			AccessTokenTTL: time.Hour, RefreshInactivity: 720 * time.Hour, RefreshLifetime: 4320 * time.Hour,
			RefreshReuseWindow: 10 * time.Second, SessionsPerUser: 20,
			CodeTTL: 10 * time.Minute, CodeDigits: 6, CodeGuesses: 5, CodeResend: time.Minute,
			MailsPerHour: 100, ConfirmEmail: true, PasswordMin: 8,
		},
		SMTP:     SMTP{Port: 0, TLS: TLSStart},
		Queue:    Queue{Workers: 4, MaxAttempts: 4, Grace: 10 * time.Second, ActiveJobsPerUser: 3},
		Turn:     Turn{Timeout: 5 * time.Minute, MaxSteps: 8},
		Chat:     Chat{HoldPoll: 3 * time.Second, MessagesPerMinute: 120, Hops: 4},
		Sockets:  Sockets{Max: 10_000, PerUser: 64},
		Tmates:   Tmates{Installed: []string{}},
		Internal: Internal{Peers: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}},
		Billing:  Billing{DefaultPlan: "free", Limits: []string{}},
		Usage:    Usage{Rates: []string{}, Currency: "USD"},
		Files:    Files{MaxUpload: 26214400, Quota: 2 << 30, Allow: []string{"images", "text", "pdf", "csv", "json", "office"}},
		Catalog:  Catalog{Enabled: true, Channel: "prod"},
	}
}

var sameSettings = []cmp.Option{
	cmpopts.IgnoreUnexported(Config{}),
	cmpopts.EquateEmpty(),
	cmp.Comparer(func(a, b netip.Prefix) bool { return a == b }),
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	c := mustLoad(t, LoadOptions{Home: home})
	if diff := cmp.Diff(defaults(home), c, sameSettings...); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
	for _, o := range c.Origins() {
		if o.Layer != "default" {
			t.Errorf("%s comes from %q", o.Key, o.Layer)
		}
	}
	if c.File() != "" {
		t.Errorf("file = %q", c.File())
	}
}

func TestPrecedence(t *testing.T) {
	t.Parallel()
	file := "listen: a:1\nqueue:\n  workers: 2\ncors_origins: [https://file.example]\n"
	env := []string{"TMATES_LISTEN=b:2", "TMATES_CORS_ORIGINS=https://env.example"}
	for _, tc := range []struct {
		name          string
		file          string
		env, args     []string
		listen, layer string
		workers       int
		cors          []string
	}{
		{"defaults", "{}", nil, nil, "127.0.0.1:8000", "default", 4, []string{}},
		{"file", file, nil, nil, "a:1", "file FILE:1", 2, []string{"https://file.example"}},
		{"environment over file", file, env, nil, "b:2", "env TMATES_LISTEN", 2, []string{"https://env.example"}},
		{"environment over defaults", "{}", env, nil, "b:2", "env TMATES_LISTEN", 4, []string{"https://env.example"}},
		{"flag over environment", file, env, []string{"--listen", "c:3"}, "c:3", "flag --listen", 2, []string{"https://env.example"}},
		{"flag over file", file, nil, []string{"--listen=c:3"}, "c:3", "flag --listen", 2, []string{"https://file.example"}},
		{"flag over defaults", "{}", nil, []string{"--listen=c:3"}, "c:3", "flag --listen", 4, []string{}},
		{"empty variable is not set", file, []string{"TMATES_LISTEN=", "TMATES_QUEUE_WORKERS="}, nil, "a:1", "file FILE:1", 2, []string{"https://file.example"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			path := writeFile(t, tc.file)
			c := mustLoad(t, LoadOptions{File: path, Environ: tc.env, Flags: serveFlags(t, tc.args...)})
			if c.Listen != tc.listen || c.Queue.Workers != tc.workers || !slices.Equal(c.CORSOrigins, tc.cors) {
				t.Errorf("listen %q, workers %d, cors %q", c.Listen, c.Queue.Workers, c.CORSOrigins)
			}
			want := Origin{"listen", tc.listen, strings.Replace(tc.layer, "FILE", path, 1)}
			if got := originOf(t, c, "listen"); got != want {
				t.Errorf("origin = %+v, want %+v", got, want)
			}
		})
	}
}

func TestWhichFile(t *testing.T) {
	t.Parallel()
	home, data := t.TempDir(), t.TempDir()
	inData := filepath.Join(data, fileName)
	if err := os.WriteFile(inData, []byte("queue: {workers: 7}"), 0o600); err != nil {
		t.Fatal(err)
	}
	byFlag, byEnv, byOption := writeFile(t, "listen: flag:1"), writeFile(t, "listen: env:1"), writeFile(t, "listen: option:1")
	env := []string{"TMATES_CONFIG=" + byEnv, "TMATES_DATA=" + data}
	for _, tc := range []struct {
		name string
		o    LoadOptions
		want string
	}{
		{"none", LoadOptions{Home: home}, ""},
		{"in the data folder of the flag", LoadOptions{Home: home, Flags: serveFlags(t, "--data", data)}, inData},
		{"in the data folder of the variable", LoadOptions{Home: home, Environ: env[1:]}, inData},
		{"TMATES_CONFIG", LoadOptions{Home: home, Environ: env}, byEnv},
		{"--config", LoadOptions{Home: home, Environ: env, Flags: serveFlags(t, "--config", byFlag)}, byFlag},
		{"option", LoadOptions{Home: home, Environ: env, Flags: serveFlags(t, "--config", byFlag), File: byOption}, byOption},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := mustLoad(t, tc.o).File(); got != tc.want {
				t.Errorf("file = %q, want %q", got, tc.want)
			}
		})
	}
	t.Run("a named file must exist", func(t *testing.T) {
		t.Parallel()
		missing := filepath.Join(home, "no.yaml")
		got := loadError(t, LoadOptions{Flags: serveFlags(t, "--config", missing)})
		if want := "read configuration: stat " + missing + ": no such file or directory"; got != want {
			t.Errorf("error = %q, want %q", got, want)
		}
	})
	t.Run("a folder is no file", func(t *testing.T) {
		t.Parallel()
		if got, want := loadError(t, LoadOptions{File: home}), home+": is not a regular file"; got != want {
			t.Errorf("error = %q, want %q", got, want)
		}
	})
}

func TestConflicts(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, file, want string }{
		{"star among origins", `cors_origins: ["*", "https://a.example"]`, "FILE:1: cors_origins must be * alone or a list without it"},
		{"inactivity over lifetime", "auth: {refresh_inactivity: 5000h}",
			"FILE:1: auth.refresh_inactivity makes auth.refresh_inactivity (5000h) longer than auth.refresh_lifetime (4320h)"},
		{"lifetime under inactivity", "auth:\n  refresh_lifetime: 2h",
			"FILE:2: auth.refresh_lifetime makes auth.refresh_inactivity (720h) longer than auth.refresh_lifetime (2h)"},
		{"mail without sender", "smtp: {host: mail.example}", "FILE:1: smtp.host needs smtp.from, the sender of the mails"},
		{"mail in the clear", "smtp: {host: mail.example, from: a@b.example, tls: none}",
			"FILE:1: smtp.tls must be starttls or tls unless smtp.host is this machine: codes would travel in the clear"},
		{"user without password", "smtp: {host: mail.example, from: a@b.example, username: u}",
			"FILE:1: smtp.host needs smtp.username and smtp.password, or neither"},
		{"password without user", "smtp: {host: mail.example, from: a@b.example, password: p}",
			"FILE:1: smtp.host needs smtp.username and smtp.password, or neither"},
		{"short internal secret", "internal: {secret: hunter2}",
			"FILE:1: internal.secret must have at least 32 characters: whoever knows it can write as any tmate"},
		{"a limit twice", "billing: {limits: [free.max_agents=5, team.max_agents=5, free.max_agents=none]}", "FILE:1: billing.limits sets free.max_agents twice"},
		{"a limit of no plan", "billing:\n  limits: [gold.max_agents=5]", "FILE:2: billing.limits entries must be PLAN.LIMIT=NUMBER, as in free.max_agents=15, " +
			"with max_agents, monthly_actions, monthly_tokens or max_members"},
		{"a limit below nothing", "billing: {limits: [free.max_agents=-1]}", `FILE:1: billing.limits entries must end in a number up to 1000000000000, or in "none"`},
		{"OpenAI without a key", "providers:\n  openai:\n    model: m", "FILE:3: providers.openai.model needs providers.openai.api_key: api.openai.com answers nobody without one"},
		{"no model", "providers: {pi: {base_url: 'http://pi:1/v1'}}", "FILE:1: providers.pi.base_url needs providers.pi.model"},
		{"unknown default", "provider: pi", `FILE:1: provider must be one of the providers (none is set), not "pi"`},
		{"which of two", "providers: {a: {base_url: 'http://a/v1', model: m}, b: {base_url: 'http://b/v1', model: m}}",
			"FILE:1: providers.a.base_url is one of several providers (a, b): say in provider which one is the default"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			path := writeFile(t, tc.file)
			if got, want := loadError(t, LoadOptions{File: path}), strings.Replace(tc.want, "FILE", path, 1); got != want {
				t.Errorf("error = %q\nwant    %q", got, want)
			}
		})
	}
	for _, host := range []string{"localhost", "127.0.0.1", "::1"} {
		t.Run("mail in the clear to "+host, func(t *testing.T) {
			t.Parallel()
			c := mustLoad(t, LoadOptions{Environ: []string{"TMATES_SMTP_HOST=" + host, "TMATES_SMTP_FROM=a@b.example", "TMATES_SMTP_TLS=none"}})
			if c.SMTP.TLS != TLSNone || c.SMTP.Host != host {
				t.Errorf("smtp = %+v", c.SMTP)
			}
		})
	}
}

func TestProblemsAreCollectedAndBounded(t *testing.T) {
	t.Parallel()
	path := writeFile(t, "listen: 8000\nqueue:\n  workers: many\n")
	got := loadError(t, LoadOptions{
		File: path, Environ: []string{"TMATES_TURN_TIMEOUT=2h", "TMATES_AUTH_SIGNUP=perhaps"}, Flags: serveFlags(t, "--listen", "x"),
	})
	want := strings.Join([]string{
		path + `:1: listen must be host:port, as in 127.0.0.1:8000, not "8000"`,
		path + `:3: queue.workers must be a whole number between 1 and 256, not "many"`,
		`TMATES_AUTH_SIGNUP: auth.signup must be true or false, not "perhaps"`,
		`TMATES_TURN_TIMEOUT: turn.timeout must be between 1s and 1h, not "2h"`,
		`--listen: listen must be host:port, as in 127.0.0.1:8000, not "x"`,
	}, "\n")
	if got != want {
		t.Errorf("errors:\n%s\nwant:\n%s", got, want)
	}

	var many strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&many, "key%d: 1\n", i)
	}
	lines := strings.Split(loadError(t, LoadOptions{File: writeFile(t, many.String())}), "\n")
	if len(lines) != maxProblems+1 || lines[maxProblems] != "and 49980 more problems" {
		t.Errorf("%d lines, the last %q", len(lines), lines[len(lines)-1])
	}
}

func TestDefaultProvider(t *testing.T) {
	t.Parallel()
	const pi = "providers:\n  pi: {base_url: 'http://pi:1/v1/', model: llama, temperature: 0.5}\n"
	const both = pi + "  cloud: {base_url: 'https://cloud.example/v1', model: big, api_key: k, max_output_tokens: 100}\n"
	half := 0.5
	local := Provider{Type: "openai", BaseURL: "http://pi:1/v1", Model: "llama", Temperature: &half}
	cloud := Provider{Type: "openai", BaseURL: "https://cloud.example/v1", Model: "big", APIKey: "k", MaxOutputTokens: 100}
	for _, tc := range []struct {
		name, file string
		env        []string
		want       string
		provider   Provider
	}{
		{"none", "{}", nil, "", Provider{}},
		{"the only one", pi, nil, "pi", local},
		{"the named one", both + "provider: cloud\n", nil, "cloud", cloud},
		{"named by a variable", both + "provider: cloud\n", []string{"TMATES_PROVIDER=pi"}, "pi", local},
		{"a key alone", "{}", []string{"OPENAI_API_KEY=k"}, "openai",
			Provider{Type: "openai", BaseURL: baseURLs[TypeOpenAI], APIKey: "k", Model: "gpt-5-mini"}},
		{"an address alone", "{}", []string{"OPENAI_BASE_URL=http://pi:1/v1"}, "openai",
			Provider{Type: "openai", BaseURL: "http://pi:1/v1", Model: "gpt-5-mini"}},
		{"a model alone connects nothing", "{}", []string{"OPENAI_MODEL=m"}, "", Provider{}},
		{"from variables beside others", both, []string{"OPENAI_API_KEY=k", "OPENAI_MODEL=m"}, "openai",
			Provider{Type: "openai", BaseURL: baseURLs[TypeOpenAI], APIKey: "k", Model: "m"}},
		{"variables change the file's", "providers: {openai: {api_key: old, model: old}}", []string{"OPENAI_MODEL=m"}, "openai",
			Provider{Type: "openai", BaseURL: baseURLs[TypeOpenAI], APIKey: "old", Model: "m"}},
		{"ours over the usual ones", "{}", []string{"OPENAI_API_KEY=k", "TMATES_PROVIDERS_OPENAI_API_KEY=ours", "OPENAI_MODEL=m"}, "openai",
			Provider{Type: "openai", BaseURL: baseURLs[TypeOpenAI], APIKey: "ours", Model: "m"}},
		{"made by variables only", "{}", []string{"TMATES_PROVIDERS_MY_PI_BASE_URL=http://pi:1", "TMATES_PROVIDERS_MY_PI_MODEL=m",
			"TMATES_PROVIDERS_MY_PI_MAX_OUTPUT_TOKENS=9"}, "my_pi",
			Provider{Type: "openai", BaseURL: "http://pi:1", Model: "m", MaxOutputTokens: 9}},
		{"an empty section is no provider", "providers:\n  pi:\n", nil, "", Provider{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := mustLoad(t, LoadOptions{File: writeFile(t, tc.file), Environ: tc.env})
			name, p, ok := c.DefaultProvider()
			if name != tc.want || ok != (tc.want != "") {
				t.Errorf("DefaultProvider = %q, %v; want %q", name, ok, tc.want)
			}
			if diff := cmp.Diff(tc.provider, p); diff != "" {
				t.Errorf("provider (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBaseURL(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ public, listen, bound, want string }{
		{"", "127.0.0.1:8000", "", "http://127.0.0.1:8000"},
		{"", "127.0.0.1:0", "127.0.0.1:40001", "http://127.0.0.1:40001"},
		{"", ":8000", "", "http://127.0.0.1:8000"},
		{"", "0.0.0.0:8000", "[::]:8000", "http://127.0.0.1:8000"},
		{"", "[::1]:8000", "", "http://[::1]:8000"},
		{"", "pi.local:80", "", "http://pi.local:80"},
		{"https://team.example/", ":8000", "[::]:8000", "https://team.example"},
		{"https://team.example/chat//", ":8000", "", "https://team.example/chat"},
	} {
		c := mustLoad(t, LoadOptions{Environ: []string{"TMATES_PUBLIC_URL=" + tc.public, "TMATES_LISTEN=" + tc.listen}})
		if got := c.BaseURL(tc.bound); got != tc.want {
			t.Errorf("BaseURL(%q) with public_url %q, listen %q = %q, want %q", tc.bound, tc.public, tc.listen, got, tc.want)
		}
	}
}
