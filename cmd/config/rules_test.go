package config

import (
	"fmt"
	"log/slog"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// structKeys lists the keys of a struct's fields.
func structKeys(t reflect.Type, prefix string) []string {
	var keys []string
	for f := range t.Fields() {
		tag := f.Tag.Get("koanf")
		switch {
		case tag == "":
		case f.Type.Kind() == reflect.Map:
		case f.Type.Kind() == reflect.Struct:
			keys = append(keys, structKeys(f.Type, prefix+tag+".")...)
		default:
			keys = append(keys, prefix+tag)
		}
	}
	slices.Sort(keys)
	return keys
}

func TestRulesAndStructsAgree(t *testing.T) {
	t.Parallel()
	if got, want := newSchema().all(), structKeys(reflect.TypeFor[Config](), ""); !slices.Equal(got, want) {
		t.Errorf("rules  %q\nfields %q", got, want)
	}
	var fields []string
	for _, r := range providerRules {
		fields = append(fields, r.key)
	}
	slices.Sort(fields)
	if want := structKeys(reflect.TypeFor[Provider](), ""); !slices.Equal(fields, want) {
		t.Errorf("rules  %q\nfields %q", fields, want)
	}
}

func TestVariablesAreUnique(t *testing.T) {
	t.Parallel()
	seen := map[string]string{configEnv: "the file"}
	for _, r := range rules {
		names := []string{envName(r.key)}
		if r.kind == secret {
			names = append(names, names[0]+fileSuffix)
		}
		for _, name := range names {
			if other, twice := seen[name]; twice {
				t.Errorf("%s means %s and %s", name, other, r.key)
			}
			seen[name] = r.key
		}
	}
}

// TestBounds tries both ends of every bounded key, and one step beyond.
func TestBounds(t *testing.T) {
	t.Parallel()
	all := slices.Clone(rules)
	for _, r := range providerRules {
		r.key = providerKey("pi", r.key)
		all = append(all, r)
	}
	for _, r := range all {
		if r.kind != number && r.kind != size && r.kind != duration && r.kind != fraction {
			continue
		}
		t.Run(r.key, func(t *testing.T) {
			t.Parallel()
			spell := func(n int64) string {
				if r.kind == duration {
					return time.Duration(n).String()
				}
				return strconv.FormatInt(n, 10)
			}
			try := func(s string) error {
				environ := []string{
					"TMATES_PROVIDERS_PI_BASE_URL=http://pi", "TMATES_PROVIDERS_PI_MODEL=m",
					envName(r.key) + "=" + s,
				}
				if r.key == "auth.refresh_lifetime" { // the lower end conflicts with the default of its companion
					environ = append(environ, "TMATES_AUTH_REFRESH_INACTIVITY=1h")
				}
				if r.key == "auth.refresh_inactivity" {
					environ = append(environ, "TMATES_AUTH_REFRESH_LIFETIME=8760h")
				}
				_, err := Load(LoadOptions{Home: "/home/ada", Environ: environ})
				return err
			}
			inside, outside := []int64{r.hi}, []int64{r.hi + 1}
			if r.lo != math.MinInt64 {
				inside, outside = append(inside, r.lo), append(outside, r.lo-1)
			}
			for _, n := range inside {
				if err := try(spell(n)); err != nil {
					t.Errorf("%s refused: %v", spell(n), err)
				}
			}
			for _, n := range outside {
				want := fmt.Sprintf("%s: %s must be%s, not %q", envName(r.key), r.key, r.within(), spell(n))
				if err := try(spell(n)); err == nil || err.Error() != want {
					t.Errorf("%s: %v\nwant %s", spell(n), err, want)
				}
			}
		})
	}
}

// TestContractBounds holds the numbers of the security contract.
func TestContractBounds(t *testing.T) {
	t.Parallel()
	s := newSchema()
	for key, want := range map[string]string{
		"auth.access_token_ttl":      "1h between 5m and 24h",
		"auth.refresh_inactivity":    "720h between 1h and 8760h",
		"auth.refresh_lifetime":      "4320h between 1h and 8760h",
		"auth.refresh_reuse_window":  "10s between 0s and 1m",
		"auth.sessions_per_user":     "20 between 1 and 1000",
		"auth.code_ttl":              "10m between 1m and 10m",
		"auth.code_digits":           "6 between 6 and 10",
		"auth.code_guesses":          "5 between 3 and 10",
		"auth.password_min":          "8 between 8 and 64",
		"queue.active_jobs_per_user": "3 at most 1000",
		"chat.hold_poll":             "3s between 0s and 10s",
		"chat.messages_per_minute":   "120 between 0 and 1000000",
	} {
		r, _ := s.rule(key)
		if got := r.def + r.within(); got != want {
			t.Errorf("%s: %s, want %s", key, got, want)
		}
	}
}

// valueCase is the text of one key and what becomes of it, or "! " and the error.
type valueCase struct{ key, in, want string }

func TestTextValues(t *testing.T) {
	t.Parallel()
	checkValues(t, []valueCase{
		{"listen", ":8000", ":8000"},
		{"listen", "[::1]:0", "[::1]:0"},
		{"listen", "8000", `! must be host:port, as in 127.0.0.1:8000`},
		{"listen", "a:http", `! must be host:port with a port between 0 and 65535`},
		{"listen", "a:65536", `! must be host:port with a port between 0 and 65535`},
		{"listen", " ", `! must not be empty`},
		{"public_url", "HTTPS://Team.example/", "https://Team.example"},
		{"public_url", "team.example", `! must be an address that starts with http:// or https://`},
		{"public_url", "ftp://team.example", `! must be an address that starts with http:// or https://`},
		{"public_url", "https://", `! must be an address that starts with http:// or https://`},
		{"public_url", "https://a:b@team.example", `! must not contain a user name or password`},
		{"public_url", "https://team.example/?a", `! must not contain ? or #`},
		{"public_url", "https://team.example/#", `! must not contain ? or #`},
	})
}

func TestListValues(t *testing.T) {
	t.Parallel()
	checkValues(t, []valueCase{
		{"cors_origins", "https://A.example:443/, http://b.example:80,http://b.example:8080", "https://a.example, http://b.example, http://b.example:8080"},
		{"cors_origins", "https://a.example/path", `! entries must be origins, as in https://app.example.com`},
		{"cors_origins", "null", `! entries must be origins, as in https://app.example.com`},
		{"cors_origins", "*", "*"},
		{"cors_origins", "http://[::1]:3000", "http://[::1]:3000"},
		{"trusted_proxies", "10.1.2.3/8, ::1,192.168.0.1,::ffff:10.0.0.1,,", "10.0.0.0/8, ::1/128, 192.168.0.1/32, 10.0.0.1/32"},
		{"trusted_proxies", "10.0.0.0/33", `! entries must be addresses or networks, as in 10.0.0.0/8`},
		{"trusted_proxies", "fe80::1%eth0", `! entries must be addresses or networks, as in 10.0.0.0/8`},
		{"auth.redirect_urls", "tmates://**, https://*.example.com/cb?x=*,http://localhost:*/**", "tmates://**, https://*.example.com/cb?x=*, http://localhost:*/**"},
		{"auth.redirect_urls", "**", `! entries must be addresses, as in https://app.example.com/** or tmates://**`},
		{"auth.redirect_urls", "https://me@app.example.com/**", `! entries must be addresses, as in https://app.example.com/** or tmates://**`},
		{"auth.redirect_urls", "https://**", `! entries must name the host of a web address without **, as in https://*.example.com/**`},
		{"auth.redirect_urls", "https://app.example.com**", `! entries must name the host of a web address without **, as in https://*.example.com/**`},
		{"tmates.installed", "Ada, bob,ada", "ada, bob"},
		{"tmates.installed", "1ada", `! entries must be keys of tmates: a letter, then at most 63 of a-z, 0-9, _ and -`},
		{"tmates.installed", manyKeys(257), `! must have at most 256 entries`},
	})
}

func TestOtherValues(t *testing.T) {
	t.Parallel()
	checkValues(t, []valueCase{
		{"provider", "Pi", `! must be a provider's name: a lower-case letter, then at most 31 of a-z, 0-9 and _`},
		{"log.level", "loud", `! must be debug or info or warn or error`},
		{"smtp.host", "mail.example:25", `! must be a host name or address without a port`},
		{"smtp.host", "::1", "::1"},
		{"smtp.from", "Tmates <t@example.com>", "Tmates <t@example.com>"},
		{"catalog.url", "https://tmates.example/catalog/", "https://tmates.example/catalog/"},
		{"catalog.url", "/srv/index.json", "/srv/index.json"},
		{"catalog.url", "file:///srv/index.json", "file:///srv/index.json"},
		{"catalog.url", "index.json", `! must be an address that starts with http://, https:// or file://, or an absolute path`},
		{"catalog.url", "file://host/index.json", `! must be an address that starts with http://, https:// or file://, or an absolute path`},
		{"catalog.url", "https://a:b@tmates.example/", `! must not contain a user name or password`},
		{"catalog.url", "https://tmates.example/?token=x", `! must not contain ? or #`},
		{"catalog.channel", "staging", `! must be prod or dev`},
		{"smtp.from", "t@", `! must be a mail address, as in Tmates <tmates@example.com>`},
		{"smtp.username", "a\r\nb", `! must not contain line breaks or control characters`},
		{"smtp.username", "a\xff", `! must be UTF-8 text`},
		{"smtp.username", strings.Repeat("a", 4097), `! must have at most 4096 bytes`},
		{"smtp.password", " p ", "********"},
		{"auth.signup", "yes", `! must be true or false`},
		{"auth.signup", "TRUE", "true"},
		{"auth.code_ttl", "600", `! must be a duration with a unit, as in 90s, 10m or 720h, between 1m and 10m`},
		{"auth.code_ttl", "90s", "1m30s"},
		{"chat.hold_poll", "0", "0s"},
		{"queue.workers", "0x10", `! must be a whole number between 1 and 256`},
		{"queue.active_jobs_per_user", "-5", "-5"},
		{"files.max_upload", "25 MB", `! must be a number of bytes between 1 and 1099511627776`},
		{"files.allow", "Images, audio/*,application/zip,images", "images, audio/*, application/zip"},
		{"files.allow", "*/*", "*/*"},
		{"files.allow", "pictures", `! entries must be images, text, pdf, csv, json, office or media types, as in audio/mpeg or audio/*`},
		{"files.allow", "*/png", `! entries must be images, text, pdf, csv, json, office or media types, as in audio/mpeg or audio/*`},
		{"providers.pi.type", "azur", `! must be openai or azure or ollama or anthropic or replay`},
		{"providers.pi.effort", "High", "high"},
		{"providers.pi.effort", "much", `! must be low, medium or high`},
		{"providers.pi.vision", "yes", `! must be true or false`},
		{"providers.pi.api_version", "2025-03-01-preview", "2025-03-01-preview"},
		{"providers.pi.api_version", "a b", `! must be a version, as in 2025-03-01-preview`},
		{"fallbacks", "pi, cloud,pi", "pi, cloud"},
		{"fallbacks", "my-pi", `! entries must be names of providers: a lower-case letter, then at most 31 of a-z, 0-9 and _`},
		{"providers.pi.temperature", "NaN", `! must be between 0 and 2`},
		{"providers.pi.temperature", "warm", `! must be a number between 0 and 2`},
		{"providers.pi.temperature", "0.7", "0.7"},
	})
}

func checkValues(t *testing.T, cases []valueCase) {
	t.Helper()
	for _, tc := range cases {
		r, ok := newSchema().rule(tc.key)
		if !ok {
			t.Fatalf("no rule for %s", tc.key)
		}
		got := ""
		if v, err := r.parse(tc.in); err != nil {
			got = "! " + err.Error()
		} else {
			got = show(v)
		}
		if got != tc.want {
			t.Errorf("%s from %q = %s, want %s", tc.key, tc.in, got, tc.want)
		}
	}
}

func manyKeys(n int) string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprintf("k%d", i)
	}
	return strings.Join(keys, ",")
}

func TestLogLevel(t *testing.T) {
	t.Parallel()
	for level, want := range map[string]slog.Level{
		"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError, "loud": slog.LevelInfo,
	} {
		if got := (Log{Level: level}).SlogLevel(); got != want {
			t.Errorf("%s = %v, want %v", level, got, want)
		}
	}
}
